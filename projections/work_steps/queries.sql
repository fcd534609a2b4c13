-- The statements of the work steps 环节, by name. Each runs with search_path = the county's views.

-- name: counts
-- How many steps, of how many cases, in a span of days, told apart.
select
    told.key,
    told.title,
    count(*) as steps,
    count(*) filter (where work_steps.is_handover) as handovers,
    count(distinct work_steps.stream) as cases
from work_steps
cross join lateral (
    select
        case %(by)s::text
            when 'kind' then work_steps.step_code
            when 'unit' then work_steps.unit_code
            when 'window' then work_steps.window_id
            when 'post' then work_steps.post_id
            when 'person' then work_steps.person
        end as key,
        case when %(by)s::text = 'kind' then work_steps.step_title end as title
) as told
where work_steps.day between %(first)s and %(last)s
group by told.key, told.title
order by steps desc, told.key nulls last, title nulls last;

-- name: handovers
-- From which unit to which, and how often, in a span of days.
select unit_before as from_unit, unit_code as to_unit, count(*) as handovers, count(distinct stream) as cases
from work_steps
where is_handover and day between %(first)s and %(last)s
group by unit_before, unit_code
order by handovers desc, from_unit nulls last, to_unit nulls last;
