-- 环节 work steps: one row for each step of a case, its receipt first, as they followed each other.
--
-- A handover 换手 is a step that another unit took than the one before it; nobody named is a unit like another.
select
    stream,
    row_number() over in_order::integer as ordinal,
    step_code,
    step_title,
    actor ->> 'unit_code' as unit_code,
    actor ->> 'window_id' as window_id,
    actor ->> 'post_id' as post_id,
    case when actor ->> 'role' = 'importer' then actor ->> 'on_behalf_of' else actor ->> 'staff_id' end as person,
    day_of(occurred_at) as day,
    lag(actor ->> 'unit_code') over in_order as unit_before,
    coalesce(
        lag(coalesce(actor ->> 'unit_code', '')) over in_order <> coalesce(actor ->> 'unit_code', ''), false
    ) as is_handover
from (
    -- what is asked for above, and no more: all of it is sorted
    select
        stream,
        position,
        occurred_at,
        case when topic = 'case.received.v1' then 'receipt' else fact ->> 'step_code' end as step_code,
        fact ->> 'step_title' as step_title,
        envelope -> 'actor' as actor
    from effective_events
    where topic in ('case.received.v1', 'case.step_completed.v1')
) as history
window in_order as (partition by stream order by occurred_at, position)
