-- 环节 work steps: one row for each step of a case, its receipt first, as they followed each other.
--
-- A handover 换手 is a step that another unit took than the one before it; nobody named is a unit like another.
select
    stream,
    row_number() over in_order::integer as ordinal,
    case when topic = 'case.received.v1' then 'receipt' else fact ->> 'step_code' end as step_code,
    fact ->> 'step_title' as step_title,
    envelope -> 'actor' ->> 'unit_code' as unit_code,
    envelope -> 'actor' ->> 'window_id' as window_id,
    envelope -> 'actor' ->> 'post_id' as post_id,
    case
        when envelope -> 'actor' ->> 'role' = 'importer' then envelope -> 'actor' ->> 'on_behalf_of'
        else envelope -> 'actor' ->> 'staff_id'
    end as person,
    (occurred_at at time zone 'Asia/Shanghai')::date as day,
    lag(envelope -> 'actor' ->> 'unit_code') over in_order as unit_before,
    coalesce(
        lag(coalesce(envelope -> 'actor' ->> 'unit_code', '')) over in_order
            <> coalesce(envelope -> 'actor' ->> 'unit_code', ''),
        false
    ) as is_handover
from effective_events
where topic in ('case.received.v1', 'case.step_completed.v1')
window in_order as (partition by stream order by occurred_at, position)
