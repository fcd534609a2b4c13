-- The statements of a replay, by name. They run with search_path = the definitions, the county's views, the county.

-- name: step
-- In whose hands a case is, and where it stands.
select
    card.status,
    held.holder_unit,
    held.holder_post,
    held.holder_window,
    held.holder_person,
    held.is_agent,
    held.is_in_transit,
    held.in_transit_to,
    held.from_at as since
from (select) as one
left join (
    select status
    from case_card
    where stream = %(stream)s
) as card on true
left join (
    select *
    from custody
    where stream = %(stream)s and to_at is null
    order by ordinal desc
    limit 1
) as held on true;

-- name: handoff_limits
-- 签收: within how many working days what was sent is signed for, and the policy that says so.
select valid_from, version, handoff_days, agent_leg_days
from policies
order by valid_from desc;

-- name: overruns
-- What a case was late with by its own rule, whoever had it: a word to the applicant T01, a step T05, the delivery T06.
with known as materialized (
    select working
    from working_days
)

select
    rule_code,
    unit_code as holder_unit,
    post_id as holder_post,
    person as holder_person,
    due,
    count_working(days_between(start_on, due) - not_counted, working) as limit_days,
    count_working(days_between(start_on, least(met_on, %(today)s)) - not_counted, working) as used_days,
    count_working(days_between(due, least(met_on, %(today)s)) - not_counted, working) as over_days
from watch
cross join known
where stream = %(stream)s
    and rule_code in ('T01', 'T05', 'T06')
    and from_day <= %(today)s
    and coalesce(until_day >= %(today)s, true)
order by from_day, rule_code, due;

-- name: place_of_tables
-- Where the live tables are, behind the definitions.
select (current_schemas(false))[2] as place, to_regclass(quote_ident((current_schemas(false))[2]) || '.signals') is not null;

-- name: signals
-- What the watch had raised, and where it stood.
select
    signal_no,
    rule_code,
    light,
    state,
    basis,
    unit_code,
    person,
    raised_on,
    raised_position
from signals
where stream = any (%(streams)s)
order by raised_position;
