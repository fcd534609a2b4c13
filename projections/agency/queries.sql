-- The statements of the agent ledger 代办台账, by name. Each runs with search_path = the county's views.
-- Days are working days; `today` ends what is still open.

-- name: ledger
-- One line for each errand, by the day of the entrustment, behind a place: filtered by point, agent and period.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

governing as materialized (
    select valid_from, agent_leg_days
    from policies
)

select
    split_part(agency.stream, ':', 2) as case_no,
    agency.errand,
    agency.entrust_no,
    agency.point_code,
    agency.agent,
    agency.agent_post,
    agency.applicant_ref,
    agency.scope,
    agency.entrusted_on,
    agency.picked_up_on,
    agency.handed_on,
    agency.signed_on,
    agency.collected_on,
    agency.returned_on,
    agency.revoked_on,
    limits.due,
    count_working(days_between(agency.picked_up_on, ended.day), known.working) as used_days,
    count_working(days_between(limits.due, ended.day), known.working) as late_days,
    agency.picked_up_on is not null and agency.signed_on is null and agency.revoked_on is null as is_under_way,
    agency.is_offline,
    agency.is_backfilled,
    count_working(days_between(agency.picked_up_on, agency.recorded_on), known.working) as recording_lag_days,
    agency.first_position
from agency
cross join known
cross join lateral (
    select least(coalesce(agency.signed_on, agency.revoked_on), %(today)s) as day
) as ended
cross join lateral (
    select due_day(agency.picked_up_on, (
        select agent_leg_days
        from governing
        where valid_from <= coalesce(agency.picked_up_on, agency.entrusted_on)
        order by valid_from desc
        limit 1
    ), '{}', known.working) as due
) as limits
where agency.entrusted_on <= least(%(today)s, %(last_day)s::date)
    and agency.entrusted_on >= coalesce(%(first_day)s::date, '-infinity')
    and (%(stream)s::text is null or agency.stream = %(stream)s)
    and (%(point)s::text is null or agency.point_code = %(point)s)
    and (%(agent)s::text is null or agency.agent = %(agent)s)
    and (not %(is_late)s or ended.day > limits.due)
    and (agency.entrusted_on, agency.stream, agency.errand)
        > (%(after_day)s::date, 'case:' || %(after_case)s::text, %(after_errand)s::integer)
order by agency.entrusted_on, agency.stream, agency.errand
limit %(limit)s;

-- name: by_point
-- What each village point brought in a period, and how much of it in time.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

governing as materialized (
    select valid_from, agent_leg_days
    from policies
)

select
    agency.point_code,
    places.title as point_title,
    count(distinct agency.stream)::integer as cases,
    count(agency.picked_up_on)::integer as errands,
    count(agency.signed_on)::integer as handed_in,
    (count(*) filter (where ended.day > limits.due))::integer as late,
    (count(*) filter (where agency.returned_on is not null and agency.errand = 1))::integer as returned,
    coalesce(sum(used.days) filter (where agency.signed_on is not null), 0)::integer as days_of_handed_in
from agency
left join places on places.place_kind = 'point' and places.code = agency.point_code
cross join known
cross join lateral (
    select least(coalesce(agency.signed_on, agency.revoked_on), %(today)s) as day
) as ended
cross join lateral (
    select due_day(agency.picked_up_on, (
        select agent_leg_days
        from governing
        where valid_from <= coalesce(agency.picked_up_on, agency.entrusted_on)
        order by valid_from desc
        limit 1
    ), '{}', known.working) as due
) as limits
cross join lateral (
    select count_working(days_between(agency.picked_up_on, ended.day), known.working) as days
) as used
where agency.entrusted_on <= least(%(today)s, %(last_day)s::date)
    and agency.entrusted_on >= coalesce(%(first_day)s::date, '-infinity')
    and (%(stream)s::text is null or agency.stream = %(stream)s)
    and (%(point)s::text is null or agency.point_code = %(point)s)
group by agency.point_code, places.title
order by agency.point_code;
