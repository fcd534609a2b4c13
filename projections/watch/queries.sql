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
    and not exists (select from acceptances where acceptances.stream = 'case:' || watch.other_case)
order by watch.from_day, watch.signal_no
limit %(limit)s;

-- name: look
-- What the rules find in single cases on a day: a page of it, how much it is, and whose silence the law has answered. One
-- statement, for as of another day each would work the definitions out again.
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
),

found as materialized (
    select watch.*, signals.signal_no is not null as is_raised
    from watch
    left join signals on signals.signal_no = watch.signal_no
    where watch.from_day <= %(today)s
        and coalesce(watch.until_day >= %(today)s, true)
        and (not %(is_new)s or signals.signal_no is null)
        and (%(rule)s::text is null or watch.rule_code = %(rule)s)
        and (%(light)s::text is null or watch.light = %(light)s)
        and (%(unit)s::text is null or watch.unit_code = %(unit)s)
        and not exists (select from acceptances where acceptances.stream = 'case:' || watch.other_case)
)

select
    (
        select coalesce(jsonb_agg(row order by row.state_on, row.signal_no), '[]')
        from (
            select
                page.signal_no,
                page.rule_code,
                page.light,
                page.stream as subject,
                page.case_no,
                page.facts,
                page.due,
                page.from_day as state_on,
                page.unit_code,
                page.window_id,
                page.post_id,
                page.person,
                page.is_legacy,
                count_working(days_between(page.start_on, page.due) - page.not_counted, known.working) as limit_days,
                case when page.due is not null then
                    count_working(
                        days_between(page.start_on, least(page.met_on, %(today)s)) - page.not_counted, known.working
                    )
                end as used_days,
                count_working(
                    days_between(page.due, least(page.met_on, %(today)s)) - page.not_counted, known.working
                ) as over_days,
                page.is_raised
            from (
                select *
                from found
                where (from_day, signal_no) > (%(after_day)s, %(after_no)s)
                order by from_day, signal_no
                limit %(limit)s
            ) as page
            cross join known
        ) as row
    ) as findings,
    (
        select coalesce(jsonb_agg(tally order by tally.rule_code, tally.light), '[]')
        from (
            select
                rule_code,
                light,
                count(*)::integer as findings,
                (count(*) filter (where is_raised))::integer as raised
            from found
            group by rule_code, light
        ) as tally
    ) as tallies,
    (
        select coalesce(jsonb_agg(case_no order by from_day, case_no), '[]')
        from found
        where is_silent
    ) as silent;

-- name: accepted_twice
-- 两头受理: one applicant, one matter, accepted at two places while both cases lived, or linked by the centre.
with accepted as materialized (
    select *
    from acceptances
    where accepted_on <= %(today)s
),

pairs as (
    select earlier.stream as earlier_stream, later.stream as later_stream
    from accepted as later
    join accepted as earlier
        on earlier.applicant_ref = later.applicant_ref
        and earlier.item_code = later.item_code
        and earlier.object_ref is not distinct from later.object_ref
        and (earlier.accepted_at, earlier.stream) < (later.accepted_at, later.stream)
        and coalesce(later.received_at < earlier.over_at, true)
        and coalesce(earlier.received_at < later.over_at, true)
        and (earlier.unit_code, earlier.window_id) is distinct from (later.unit_code, later.window_id)
    union
    select
        case when (one.accepted_at, one.stream) < (other.accepted_at, other.stream) then one.stream else other.stream end,
        case when (one.accepted_at, one.stream) < (other.accepted_at, other.stream) then other.stream else one.stream end
    from accepted as one
    cross join lateral unnest(one.linked_cases) as linked (case_no)
    join accepted as other on other.stream = 'case:' || linked.case_no
    where one.stream <> other.stream
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
    accepted.accepted_on as state_on,
    accepted.unit_code,
    accepted.window_id,
    accepted.post_id,
    accepted.person,
    false as is_legacy,
    null::integer as limit_days,
    null::integer as used_days,
    null::integer as over_days,
    signals.signal_no is not null as is_raised
from numbered
join accepted on accepted.stream = numbered.stream
left join signals on signals.signal_no = numbered.signal_no
where not %(is_new)s or signals.signal_no is null
order by accepted.accepted_on, numbered.signal_no
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
select case_no
from watch
where rule_code = 'T01' and is_silent and from_day <= %(today)s
order by from_day, case_no
limit %(limit)s;
