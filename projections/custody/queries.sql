-- The statements of the custody ledger 持件台账, by name. Each runs with search_path = the county's views.
-- Days are working days; `today` ends what is still open. Gross is every working day of a spell, excluded those of
-- special procedures that stop the clock, net the rest.

-- name: spells
-- Who held these cases, one after the other.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
)

select
    split_part(custody.stream, ':', 2) as case_no,
    custody.ordinal,
    custody.holder_unit,
    custody.holder_post,
    custody.holder_window,
    custody.holder_person,
    custody.is_agent,
    custody.is_in_transit,
    custody.in_transit_to,
    custody.from_at,
    custody.to_at,
    custody.from_day,
    custody.to_day,
    count_working(held.days, known.working) as gross_days,
    count_working(held.days * held.excluded, known.working) as excluded_days,
    count_working(held.days - held.excluded, known.working) as net_days,
    custody.from_position,
    custody.to_position
from custody
left join clock on clock.stream = custody.stream and clock.stream = any (%(streams)s)
cross join lateral (
    select
        days_between(custody.from_day, least(custody.to_day, %(today)s)) as days,
        coalesce(clock.excluded + clock.open_pause, '{}') as excluded
) as held
cross join known
where custody.stream = any (%(streams)s) and custody.from_day <= %(today)s
order by custody.stream, custody.ordinal;

-- name: by_unit
-- How long each unit had each of these cases; what was on its way is the sender's, and shown apart.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
)

select
    split_part(custody.stream, ':', 2) as case_no,
    custody.holder_unit,
    custody.is_agent,
    coalesce(sum(counted.gross) filter (where not custody.is_in_transit), 0)::integer as held_days,
    coalesce(sum(counted.gross) filter (where custody.is_in_transit), 0)::integer as transit_days,
    sum(counted.gross)::integer as gross_days,
    sum(counted.gross - counted.net)::integer as excluded_days,
    sum(counted.net)::integer as net_days
from custody
left join clock on clock.stream = custody.stream and clock.stream = any (%(streams)s)
cross join known
cross join lateral (
    select days_between(custody.from_day, least(custody.to_day, %(today)s)) as days
) as held
cross join lateral (
    select
        count_working(held.days, known.working) as gross,
        count_working(held.days - coalesce(clock.excluded + clock.open_pause, '{}'), known.working) as net
) as counted
where custody.stream = any (%(streams)s) and custody.from_day <= %(today)s
group by custody.stream, custody.holder_unit, custody.is_agent
order by custody.stream, min(custody.ordinal);

-- name: agent_legs
-- From the agent's picking up to the hall's signature, against the days that the policy of the day allows.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
)

select
    split_part(leg.stream, ':', 2) as case_no,
    leg.picked_up_on,
    leg.signed_on,
    limits.due,
    count_working(days_between(leg.picked_up_on, ended.day), known.working) as used_days,
    count_working(days_between(limits.due, ended.day), known.working) as late_days,
    count_working(days_between(leg.picked_up_on, leg.recorded_on), known.working) as recording_lag_days
from (
    select
        stream,
        min(from_day) as picked_up_on,
        case when bool_and(coalesce(to_day <= %(today)s, false)) then max(to_day) end as signed_on,
        min((from_recorded_at at time zone 'Asia/Shanghai')::date) as recorded_on
    from custody
    where stream = any (%(streams)s) and is_agent and from_day <= %(today)s
    group by stream
) as leg
cross join known
cross join lateral (
    select coalesce(leg.signed_on, %(today)s) as day
) as ended
cross join lateral (
    select due_day(leg.picked_up_on, agent_leg_days, '{}', known.working) as due
    from policies
    where valid_from <= leg.picked_up_on
    order by valid_from desc
    limit 1
) as limits
order by leg.stream;
