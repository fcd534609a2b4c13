-- The statements of the steps 环节, by name. Each runs with search_path = the county's views.
-- Days are working days; `today` ends what is still open, and so does the end of the case.

-- name: of_cases
-- Each step of these cases against the longest time that the item's published version gives it.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
)

select
    split_part(steps.stream, ':', 2) as case_no,
    steps.ordinal,
    steps.step_code,
    steps.step_title,
    steps.started_by,
    steps.started_at,
    steps.started_on,
    steps.completed_at,
    steps.completed_on,
    steps.result,
    steps.unit_code,
    steps.window_id,
    steps.post_id,
    steps.person,
    count_working(worked.days, known.working) as gross_days,
    count_working(worked.days - worked.excluded, known.working) as used_days,
    (sum(count_working(worked.days - worked.excluded, known.working)) over (
        partition by steps.stream, steps.step_code order by steps.ordinal
    ))::integer as used_in_all,
    budget.working_days as budget_days,
    limits.due,
    count_working(days_between(limits.due, worked.ended_on) - worked.excluded, known.working) as over_days,
    steps.first_position,
    steps.completed_position
from steps
left join clock on clock.stream = steps.stream and clock.stream = any (%(streams)s)
left join items on items.item_code = steps.item_code and items.item_version = steps.item_version
left join lateral (
    select (step ->> 'working_days')::integer as working_days
    from jsonb_array_elements(items.step_budgets) as published (step)
    where step ->> 'step_code' = steps.step_code
) as budget on true
cross join known
cross join lateral (
    select least(steps.completed_on, clock.done_on, %(today)s) as ended_on
) as upto
cross join lateral (
    select
        upto.ended_on,
        days_between(steps.started_on, upto.ended_on) as days,
        coalesce(
            clock.excluded + clock.open_pause * datemultirange(daterange(null, upto.ended_on, '[]')), '{}'
        ) as excluded
) as worked
cross join lateral (
    select due_day(steps.started_on, budget.working_days, worked.excluded, known.working) as due
) as limits
where steps.stream = any (%(streams)s) and steps.started_on <= %(today)s
order by steps.stream, steps.ordinal;
