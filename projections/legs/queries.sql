-- The statements of the legs 联审、报批, by name. Each runs with search_path = the county's views.
-- Days are working days without those of special procedures; `today` ends what is still open.

-- name: of_cases
-- Each leg of these cases against the day due: the lead's for a co-unit, the item's legal limit for a superior, the days
-- that the policy gives the lower level for its first review.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

governing as materialized (
    select valid_from, handoff_days
    from policies
),

clocks as materialized (
    select
        *,
        excluded + open_pause * datemultirange(daterange(null, least(done_on, %(today)s), '[]')) as excluded_to_date
    from clock
    where stream = any (%(streams)s)
),

asked as materialized (
    select *
    from legs
    where stream = any (%(streams)s) and asked_on <= %(today)s
),

told as (
    select
        asked.stream,
        asked.ordinal,
        asked.leg_kind,
        asked.round,
        asked.unit_code,
        asked.asking_unit,
        asked.asked_at,
        asked.asked_on,
        asked.signed_on,
        asked.answered_at,
        asked.answered_on,
        asked.answer,
        asked.is_silent,
        asked.is_critical,
        case asked.leg_kind when 'superior' then asked.signed_on else asked.asked_on end as began_on,
        least(asked.ended_on, clocks.done_on, %(today)s) as ended_on,
        coalesce(clocks.excluded_to_date, '{}') as excluded,
        case asked.leg_kind
            when 'superior' then due_day(
                asked.signed_on, clocks.legal_days, coalesce(clocks.excluded_to_date, '{}'), known.working
            )
            else asked.due
        end as due,
        asked.first_position
    from asked
    cross join known
    left join clocks using (stream)
    union all
    -- 初审: the lower level's own limit, 行政许可法 Art. 43
    select
        clocks.stream,
        0,
        'first_review',
        1,
        reporting.unit_code,
        null,
        null,
        clocks.accepted_on,
        null,
        reporting.asked_at,
        clocks.reported_on,
        null,
        false,
        true,
        clocks.accepted_on,
        least(clocks.reported_on, clocks.done_on, %(today)s),
        clocks.excluded_to_date,
        clocks.first_review_due,
        reporting.first_position
    from clocks
    left join lateral (
        select asking_unit as unit_code, asked_at, first_position
        from asked
        where asked.stream = clocks.stream and leg_kind = 'superior'
        order by ordinal desc
        limit 1
    ) as reporting on true
    where clocks.first_review_due is not null and clocks.accepted_on <= %(today)s
)

select
    split_part(told.stream, ':', 2) as case_no,
    told.ordinal,
    told.leg_kind,
    told.round,
    told.unit_code,
    told.asking_unit,
    told.asked_at,
    told.asked_on,
    told.signed_on,
    told.answered_at,
    told.answered_on,
    told.answer,
    told.is_silent,
    told.is_critical,
    case told.leg_kind when 'superior' then count_working(
        days_between(told.asked_on, least(told.signed_on, told.ended_on)), known.working
    ) end as transit_days,
    case told.leg_kind when 'superior' then due_day(told.asked_on, (
        select handoff_days
        from governing
        where valid_from <= told.asked_on
        order by valid_from desc
        limit 1
    ), '{}', known.working) end as signature_due,
    told.due,
    count_working(days_between(told.began_on, told.ended_on), known.working) as gross_days,
    count_working(days_between(told.began_on, told.ended_on) - told.excluded, known.working) as used_days,
    count_working(days_between(told.due, told.ended_on) - told.excluded, known.working) as late_days,
    told.first_position
from told
cross join known
order by told.stream, told.ordinal;

-- name: path
-- 关键路径: from acceptance to the end, who the case waited for; the parts add up to the whole. In a joint review it
-- waited for the co-unit that answered last.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
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
