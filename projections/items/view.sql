-- 事项 items: one row for each published version, with the days on which it is in force.
--
-- In force on a day is the version with valid_from <= day <= valid_to whose item is not cancelled by then: an open
-- version ends on the eve of the next (domain/item/values.py).
with items as (
    select
        stream,
        jsonb_agg(fact -> 'item' order by fact -> 'item' ->> 'valid_from', version) filter (
            where topic = 'item.version_published.v1'
        ) as versions,
        (array_agg((fact ->> 'cancelled_on')::date order by version desc) filter (
            where topic = 'item.cancelled.v1'
        ))[1] as cancelled_on,
        coalesce(
            (array_agg((fact ->> 'is_supervised')::boolean order by version desc) filter (
                where topic = 'item.supervision_scope_set.v1'
            ))[1],
            true
        ) as is_supervised,
        jsonb_agg(fact -> 'stationing') filter (where topic = 'item.stationed_at_hall.v1') as arrivals,
        jsonb_agg(fact) filter (where topic = 'item.withdrawn_from_hall.v1') as withdrawals
    from effective_events
    where stream >= 'item:' and stream < 'item;'
    group by stream
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
    stationed.stationings,
    (item ->> 'valid_from')::date as valid_from,
    -- the place in the list counts from one, and the list from nought
    least((item ->> 'valid_to')::date, (versions -> place::integer ->> 'valid_from')::date - 1) as valid_to,
    cancelled_on
from items
cross join lateral jsonb_array_elements(versions) with ordinality as published (item, place)
cross join lateral (
    select coalesce(
        jsonb_agg(
            jsonb_build_object(
                'window_id', told ->> 'window_id',
                'valid_from', told ->> 'valid_from',
                'valid_to', least(told ->> 'valid_to', withdrawn.last_day)
            )
            order by told ->> 'valid_from', told ->> 'window_id'
        ),
        '[]'
    ) as stationings
    from jsonb_array_elements(arrivals) as arrival (told)
    cross join lateral (
        select min(withdrawal ->> 'last_day') as last_day
        from jsonb_array_elements(withdrawals) as given (withdrawal)
        where withdrawal ->> 'window_id' = told ->> 'window_id'
            and withdrawal ->> 'last_day' >= told ->> 'valid_from'
    ) as withdrawn
) as stationed
