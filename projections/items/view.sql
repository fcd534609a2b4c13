-- 事项 items: one row for each published version, with the days on which it is in force.
--
-- In force on a day is the version with valid_from <= day <= valid_to whose item is not cancelled by then: an open
-- version ends on the eve of the next (domain/item/values.py).
with history as (
    select stream, version, topic, fact
    from effective_events
    where stream >= 'item:' and stream < 'item;'
),

items as (
    select
        stream,
        (array_agg((fact ->> 'cancelled_on')::date order by version desc) filter (
            where topic = 'item.cancelled.v1'
        ))[1] as cancelled_on,
        coalesce(
            (array_agg((fact ->> 'is_supervised')::boolean order by version desc) filter (
                where topic = 'item.supervision_scope_set.v1'
            ))[1],
            true
        ) as is_supervised
    from history
    group by stream
),

stationings as (
    select
        stream,
        jsonb_agg(
            jsonb_build_object('window_id', window_id, 'valid_from', valid_from, 'valid_to', valid_to)
            order by valid_from, window_id
        ) as stationings
    from (
        select
            came.stream,
            came.fact -> 'stationing' ->> 'window_id' as window_id,
            (came.fact -> 'stationing' ->> 'valid_from')::date as valid_from,
            least(
                (came.fact -> 'stationing' ->> 'valid_to')::date, min((gone.fact ->> 'last_day')::date)
            ) as valid_to
        from history as came
        left join history as gone
            on gone.stream = came.stream
            and gone.version > came.version
            and gone.topic = 'item.withdrawn_from_hall.v1'
            and gone.fact ->> 'window_id' = came.fact -> 'stationing' ->> 'window_id'
            and (gone.fact ->> 'last_day')::date >= (came.fact -> 'stationing' ->> 'valid_from')::date
        where came.topic = 'item.stationed_at_hall.v1'
        group by came.stream, came.version, came.fact
    ) as places
    group by stream
),

versions as (
    select
        stream,
        fact -> 'item' as item,
        (fact -> 'item' ->> 'valid_from')::date as valid_from,
        least(
            (fact -> 'item' ->> 'valid_to')::date,
            lead((fact -> 'item' ->> 'valid_from')::date) over (
                partition by stream order by (fact -> 'item' ->> 'valid_from')::date, version
            ) - 1
        ) as valid_to
    from history
    where topic = 'item.version_published.v1'
)

select
    item ->> 'item_code' as item_code,
    item ->> 'version' as item_version,
    item ->> 'title' as title,
    item ->> 'kind' as kind,
    item ->> 'class_code' as class_code,
    coalesce(item ->> 'routing', 'single') as routing,
    item ->> 'level' as level,
    item ->> 'unit_code' as unit_code,
    coalesce(item -> 'joint_units', '[]') as joint_units,
    item ->> 'legal_basis' as legal_basis,
    (item ->> 'legal_days')::integer as legal_days,
    (item ->> 'promise_days')::integer as promise_days,
    coalesce(item -> 'step_budgets', '[]') as step_budgets,
    coalesce(item -> 'special_procedures', '[]') as special_procedures,
    coalesce(item -> 'materials', '[]') as materials,
    array(select paper ->> 'code' from jsonb_array_elements(item -> 'materials') as given (paper)) as material_codes,
    coalesce(item -> 'fee_standards', '[]') as fee_standards,
    coalesce((item ->> 'single_officer_ok')::boolean, false) as single_officer_ok,
    coalesce((item ->> 'applicant_must_appear')::boolean, false) as applicant_must_appear,
    item ->> 'result_title' as result_title,
    is_supervised,
    coalesce(stationings, '[]') as stationings,
    valid_from,
    valid_to,
    cancelled_on
from versions
join items using (stream)
left join stationings using (stream)
