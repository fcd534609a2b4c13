-- The statements of the legs 联审、报批, by name. Each runs with search_path = the county's views.
-- Days are working days without those of special procedures; `today` ends what is still open.

-- name: of_cases
-- Each leg of these cases against the day due: the lead's for a co-unit, the item's legal limit for a superior.
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
),

governing as materialized (
    select valid_from, handoff_days
    from policies
)

select
    split_part(legs.stream, ':', 2) as case_no,
    legs.ordinal,
    legs.leg_kind,
    legs.round,
    legs.unit_code,
    legs.asking_unit,
    legs.asked_at,
    legs.asked_on,
    legs.signed_on,
    legs.answered_at,
    legs.answered_on,
    legs.answer,
    legs.is_silent,
    legs.is_critical,
    case when legs.leg_kind = 'superior' then count_working(
        days_between(legs.asked_on, least(legs.signed_on, counted.ended_on)), known.working
    ) end as transit_days,
    case when legs.leg_kind = 'superior' then due_day(legs.asked_on, (
        select handoff_days
        from governing
        where valid_from <= legs.asked_on
        order by valid_from desc
        limit 1
    ), '{}', known.working) end as signature_due,
    limits.due,
    count_working(days_between(counted.began_on, counted.ended_on), known.working) as gross_days,
    count_working(days_between(counted.began_on, counted.ended_on) - counted.excluded, known.working) as used_days,
    count_working(days_between(limits.due, counted.ended_on) - counted.excluded, known.working) as late_days,
    legs.first_position
from legs
left join clock on clock.stream = legs.stream and clock.stream = any (%(streams)s)
cross join known
cross join lateral (
    select
        ended_on,
        case legs.leg_kind when 'superior' then legs.signed_on else legs.asked_on end as began_on,
        coalesce(clock.excluded + clock.open_pause * datemultirange(daterange(null, ended_on, '[]')), '{}') as excluded
    from (values (least(legs.ended_on, clock.done_on, %(today)s))) as least_of (ended_on)
) as counted
cross join lateral (
    select case legs.leg_kind
        when 'superior' then due_day(legs.signed_on, clock.legal_days, counted.excluded, known.working)
        else legs.due
    end as due
) as limits
where legs.stream = any (%(streams)s) and legs.asked_on <= %(today)s
order by legs.stream, legs.ordinal;

-- name: path
-- 关键路径: from acceptance to the end, who the case waited for; the parts add up to the whole. In a joint review it
-- waited for the co-unit that answered last.
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
),

span as (
    select
        stream,
        accepted_on,
        least(done_on, %(today)s) as ended_on,
        excluded + open_pause * datemultirange(daterange(null, least(done_on, %(today)s), '[]')) as excluded
    from clock
    where stream = any (%(streams)s) and accepted_on <= %(today)s
),

turns as (
    select stream, accepted_on::timestamp at time zone 'Asia/Shanghai' as at, 1 as rank, 'own' as waits_for, null as unit_code
    from span
    union all
    select stream, min(opened_at), 2, 'co_unit', string_agg(distinct unit_code, ' ') filter (where is_critical)
    from legs
    where stream = any (%(streams)s) and leg_kind = 'co_unit'
    group by stream, round
    union all
    -- nobody else was waited for once the last had answered
    select stream, max(answered_at), 3, 'consolidation', max(asking_unit)
    from legs
    where stream = any (%(streams)s) and leg_kind = 'co_unit'
    group by stream, round
    having bool_and(answered_at is not null)
    union all
    select stream, max(consolidated_at), 4, 'own', null
    from legs
    where stream = any (%(streams)s) and leg_kind = 'co_unit'
    group by stream, round
    having max(consolidated_at) is not null
    union all
    select stream, turn.at, turn.rank, turn.waits_for, turn.unit_code
    from legs
    cross join lateral (
        values
            (asked_at, 5, 'transit', asking_unit),
            (signed_at, 6, 'superior', legs.unit_code),
            (answered_at, 7, 'own', null)
    ) as turn (at, rank, waits_for, unit_code)
    where stream = any (%(streams)s) and leg_kind = 'superior' and turn.at is not null
),

parts as (
    select
        span.stream,
        turns.at,
        turns.rank,
        turns.waits_for,
        turns.unit_code,
        span.excluded,
        least(greatest((turns.at at time zone 'Asia/Shanghai')::date, span.accepted_on), span.ended_on) as from_day,
        least(
            greatest(
                coalesce(
                    (lead(turns.at) over in_order at time zone 'Asia/Shanghai')::date, span.ended_on
                ),
                span.accepted_on
            ),
            span.ended_on
        ) as to_day
    from span
    join turns using (stream)
    where (turns.at at time zone 'Asia/Shanghai')::date <= span.ended_on
    window in_order as (partition by span.stream order by turns.at, turns.rank)
)

select
    split_part(parts.stream, ':', 2) as case_no,
    row_number() over in_order::integer as ordinal,
    parts.waits_for,
    parts.unit_code,
    parts.from_day,
    parts.to_day,
    counted.gross as gross_days,
    counted.net as net_days,
    counted.net > 0 and counted.net = max(counted.net) over (partition by parts.stream) as is_longest
from parts
cross join known
cross join lateral (
    select
        count_working(days_between(parts.from_day, parts.to_day), known.working) as gross,
        count_working(days_between(parts.from_day, parts.to_day) - parts.excluded, known.working) as net
) as counted
window in_order as (partition by parts.stream order by parts.at, parts.rank)
order by parts.stream, ordinal;
