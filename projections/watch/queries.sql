-- The statements of the watch 监察, by name. Each runs with search_path = the county's views.
-- `today` is the day that is asked for; what is open is counted to it. `is_new`: what no signal says yet.

-- name: of_cases
-- What the rules find in single cases on a day, earliest first.
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
)

select
    watch.signal_no,
    watch.rule_code,
    watch.light,
    watch.stream as subject,
    watch.case_no,
    watch.facts,
    watch.due,
    watch.from_day as state_on,
    watch.unit_code,
    watch.window_id,
    watch.post_id,
    watch.person,
    watch.is_legacy,
    count_working(days_between(watch.start_on, watch.due) - watch.not_counted, known.working) as limit_days,
    case when watch.due is not null then
        count_working(
            days_between(watch.start_on, least(watch.met_on, %(today)s)) - watch.not_counted, known.working
        )
    end as used_days,
    count_working(days_between(watch.due, least(watch.met_on, %(today)s)) - watch.not_counted, known.working)
        as over_days,
    signals.signal_no is not null as is_raised
from watch
cross join known
left join signals on signals.signal_no = watch.signal_no
where watch.from_day <= %(today)s
    and coalesce(watch.until_day >= %(today)s, true)
    and (not %(is_new)s or signals.signal_no is null)
    and (%(rule)s::text is null or watch.rule_code = %(rule)s)
    and (%(light)s::text is null or watch.light = %(light)s)
    and (%(unit)s::text is null or watch.unit_code = %(unit)s)
    and (watch.from_day, watch.signal_no) > (%(after_day)s, %(after_no)s)
    -- two accepted cases are compared below
    and (
        watch.rule_code <> 'P07'
        or not exists (select from acceptances where acceptances.stream = watch.stream)
        or not exists (select from acceptances where acceptances.stream = 'case:' || watch.other_case)
    )
order by watch.from_day, watch.signal_no
limit %(limit)s;

-- name: tallies
-- How much each rule finds in single cases on a day.
select
    watch.rule_code,
    watch.light,
    count(*)::integer as findings,
    count(signals.signal_no)::integer as raised
from watch
left join signals on signals.signal_no = watch.signal_no
where watch.from_day <= %(today)s
    and coalesce(watch.until_day >= %(today)s, true)
    and (not %(is_new)s or signals.signal_no is null)
    and (
        watch.rule_code <> 'P07'
        or not exists (select from acceptances where acceptances.stream = watch.stream)
        or not exists (select from acceptances where acceptances.stream = 'case:' || watch.other_case)
    )
group by watch.rule_code, watch.light
order by watch.rule_code, watch.light;

-- name: accepted_twice
-- 两头受理: one applicant, one matter, accepted at two places while both cases lived, or linked by the centre.
with pairs as (
    select earlier.stream as earlier_stream, later.stream as later_stream
    from acceptances as later
    join acceptances as earlier
        on earlier.applicant_ref = later.applicant_ref
        and earlier.item_code = later.item_code
        and earlier.object_ref is not distinct from later.object_ref
        and (earlier.accepted_at, earlier.stream) < (later.accepted_at, later.stream)
        and coalesce(earlier.over_at > later.accepted_at, true)
        and (earlier.unit_code, earlier.window_id) is distinct from (later.unit_code, later.window_id)
    where later.accepted_on <= %(today)s
    union
    select
        case when (one.accepted_at, one.stream) < (other.accepted_at, other.stream) then one.stream else other.stream end,
        case when (one.accepted_at, one.stream) < (other.accepted_at, other.stream) then other.stream else one.stream end
    from acceptances as one
    cross join lateral unnest(one.linked_cases) as linked (case_no)
    join acceptances as other on other.stream = 'case:' || linked.case_no
    where greatest(one.accepted_on, other.accepted_on) <= %(today)s and one.stream <> other.stream
),

found as (
    select
        pairs.later_stream as stream,
        array[earlier.position, later.position] as facts
    from pairs
    cross join lateral (
        select max(position) as position
        from effective_events
        where stream = pairs.earlier_stream and topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
    ) as earlier
    cross join lateral (
        select max(position) as position
        from effective_events
        where stream = pairs.later_stream and topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
    ) as later
),

numbered as (
    select
        found.*,
        'P07-' || upper(left(encode(sha256(convert_to(
            'P07|yellow|' || stream || '|' || array_to_string(facts, ',') || '|', 'UTF8'
        )), 'hex'), 16)) as signal_no
    from found
)

select
    numbered.signal_no,
    'P07' as rule_code,
    'yellow' as light,
    numbered.stream as subject,
    split_part(numbered.stream, ':', 2) as case_no,
    numbered.facts,
    null::date as due,
    acceptances.accepted_on as state_on,
    acceptances.unit_code,
    acceptances.window_id,
    acceptances.post_id,
    acceptances.person,
    false as is_legacy,
    null::integer as limit_days,
    null::integer as used_days,
    null::integer as over_days,
    signals.signal_no is not null as is_raised
from numbered
join acceptances on acceptances.stream = numbered.stream
left join signals on signals.signal_no = numbered.signal_no
where not %(is_new)s or signals.signal_no is null
order by acceptances.accepted_on, numbered.signal_no
limit %(limit)s;

-- name: idle_windows
-- 零办件: the windows open on the day that have accepted nothing in the policy's last working days; the same spell
-- without a case is the same finding, however long it lasts.
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
),

governing as (
    select zero_activity_days
    from policies
    where valid_from <= %(today)s
    order by valid_from desc
    limit 1
),

latest as (
    select
        window_id,
        max(accepted_on) as accepted_on,
        (array_agg(stream order by accepted_at desc, stream desc))[1] as stream
    from acceptances
    where accepted_on <= %(today)s and window_id is not null
    group by window_id
),

idle as (
    select
        'window:' || places.code as subject,
        places.code as window_id,
        places.unit_code,
        latest.stream,
        greatest(places.opened_on - 1, latest.accepted_on) as start_on,
        governing.zero_activity_days as limit_days
    from places
    cross join governing
    left join latest on latest.window_id = places.code
    where places.place_kind = 'window'
        and places.opened_on <= %(today)s
        and coalesce(places.closed_on > %(today)s, true)
),

counted as (
    select
        idle.*,
        count_working(days_between(idle.start_on, %(today)s), known.working) as idle_days,
        due_day(idle.start_on, idle.limit_days, '{}', known.working) as state_on
    from idle
    cross join known
),

found as (
    select counted.*, case when last.position is null then '{}'::bigint[] else array[last.position] end as facts
    from counted
    cross join lateral (
        select max(position) as position
        from effective_events
        where stream = counted.stream and topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
    ) as last
    where idle_days >= limit_days
),

numbered as (
    select
        found.*,
        'Z01-' || upper(left(encode(sha256(convert_to(
            'Z01|notice|' || subject || '|' || array_to_string(facts, ',') || '|', 'UTF8'
        )), 'hex'), 16)) as signal_no
    from found
)

select
    numbered.signal_no,
    'Z01' as rule_code,
    'notice' as light,
    numbered.subject,
    null as case_no,
    numbered.facts,
    null::date as due,
    numbered.state_on,
    numbered.unit_code,
    numbered.window_id,
    null as post_id,
    null as person,
    false as is_legacy,
    numbered.limit_days,
    numbered.idle_days as used_days,
    null::integer as over_days,
    signals.signal_no is not null as is_raised
from numbered
left join signals on signals.signal_no = numbered.signal_no
where not %(is_new)s or signals.signal_no is null
order by numbered.state_on, numbered.subject;

-- name: silent
-- 视为受理: received, nothing said in time, neither accepted nor ended since.
select watch.case_no
from watch
join clock on clock.stream = watch.stream
where watch.rule_code = 'T01'
    and watch.from_day <= %(today)s
    and clock.accepted_on is null
    and clock.done_on is null
order by watch.from_day, watch.case_no
limit %(limit)s;
