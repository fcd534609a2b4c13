-- The statements of the statistics 统计, by name. Each runs with search_path = the county's views.
-- Days are days in China, working days where they are counted. A span of days is first .. last, both included.

-- name: figures
-- One row for each group and period: every figure of model 4.7 that cases tell, as numerators and denominators.
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
),

governing as materialized (
    select
        delivery_days,
        agent_leg_days,
        valid_from,
        lead(valid_from, 1, 'infinity') over (order by valid_from) as valid_before
    from policies
),

-- the last word on the items, read once, also where `items` is the view of another day
catalogue as materialized (
    select item_code, item_version, min(unit_code) as unit_code, min(class_code) as class_code
    from items
    group by item_code, item_version
),

-- joined without the calendar: a sort would carry it along with every row
joined as materialized (
    select
        -- '': none, or all together
        coalesce(case %(by)s::text
            when 'hall' then figures.hall_code
            when 'unit' then catalogue.unit_code
            when 'window' then figures.window_id
            when 'post' then figures.post_id
            when 'person' then figures.person
            when 'item' then figures.item_code
            when 'class' then catalogue.class_code
            when 'point' then figures.point_code
            when 'kind' then figures.kind
            when 'channel' then figures.channel
            when 'routing' then figures.routing
            when 'mode' then figures.mode
            when 'applicant_type' then figures.applicant_type
            when 'deciding_unit' then figures.deciding_unit
            when 'deciding_person' then figures.deciding_person
            when 'source_channel' then figures.source_channel
            when 'department' then figures.department
        end, '') as key,
        figures.stream,
        figures.item_code,
        figures.item_version,
        figures.kind,
        figures.mode,
        figures.applicant_ref,
        figures.received_on,
        figures.accepted_on,
        figures.is_deemed,
        figures.decided_on,
        figures.is_rejected,
        figures.delivered_on,
        figures.ended_as,
        figures.ended_on,
        figures.is_after_source_deadline,
        figures.picked_up_on,
        figures.signed_on,
        figures.notices,
        figures.hops,
        figures.returns,
        figures.trips,
        figures.reopenings,
        figures.corrections,
        figures.fees_fen,
        figures.paid_on,
        figures.paid_fen,
        clock.basis,
        clock.accepted_on as counted_from,
        clock.promise_days,
        clock.legal_days,
        clock.extension_days,
        clock.promise_given,
        clock.legal_given,
        clock.promise_due,
        clock.legal_due,
        clock.done_on,
        clock.used_days,
        clock.overdue_days,
        clock.pauses,
        clock.void_pauses,
        clock.excluded,
        clock.open_pause
    from case_figures as figures
    left join clock on clock.stream = figures.stream
    left join catalogue on catalogue.item_code = figures.item_code and catalogue.item_version = figures.item_version
    where (%(hall)s::text is null or figures.hall_code = %(hall)s)
        and (%(unit)s::text is null or catalogue.unit_code = %(unit)s)
        and (%(window)s::text is null or figures.window_id = %(window)s)
        and (%(post)s::text is null or figures.post_id = %(post)s)
        and (%(person)s::text is null or figures.person = %(person)s)
        and (%(item)s::text is null or figures.item_code = %(item)s)
        and (%(point)s::text is null or figures.point_code = %(point)s)
        and (%(kind)s::text is null or figures.kind = %(kind)s)
        and (%(channel)s::text is null or figures.channel = %(channel)s)
        and (%(routing)s::text is null or figures.routing = %(routing)s)
        and (%(mode)s::text is null or figures.mode = %(mode)s)
        and (%(department)s::text is null or figures.department = %(department)s)
),

cases as materialized (
    select
        key,
        stream,
        item_code,
        item_version,
        kind,
        mode,
        applicant_ref,
        received_on,
        accepted_on,
        is_deemed,
        decided_on,
        is_rejected,
        delivered_on,
        ended_as,
        ended_on,
        is_after_source_deadline,
        picked_up_on,
        signed_on,
        notices,
        hops,
        returns,
        trips,
        reopenings,
        corrections,
        fees_fen,
        paid_on,
        paid_fen,
        promise_days,
        legal_days,
        used_days,
        overdue_days,
        pauses,
        void_pauses,
        case when pauses > 0 then count_working(excluded, working) end as pause_days,
        used_days < promise_days or basis = 'source' and done_on < promise_due as is_early,
        width_bucket(ended_on, working) = width_bucket(accepted_on, working) as is_same_day,
        width_bucket(delivered_on, working) - width_bucket(decided_on, working) as delivery_days,
        width_bucket(signed_on, working) - width_bucket(picked_up_on, working) as leg_days,
        -- the first day on which it is overdue; none where it was done in time
        case
            when overdue_days = 0 then null
            when isempty(excluded) then working[width_bucket(due.day, working) + 1]
            else due_day(due.day, 1, excluded, working)
        end as overdue_from,
        -- when it came into the stock of open cases; a legacy record may end before it begins
        least(
            coalesce(accepted_on, case when ended_as = 'done' then received_on end),
            case when ended_as = 'done' or accepted_on is not null then ended_on end
        ) as entered_on
    from joined
    cross join known
    cross join lateral (
        -- an open special procedure has moved the last day by as many days as it has lasted
        select case
            when isempty(open_pause) or basis = 'ordered' then coalesce(promise_due, legal_due)
            when basis = 'source' then pushed_day(
                coalesce(promise_given, legal_given),
                extension_days,
                excluded + open_pause * datemultirange(daterange(null, %(day)s, '[]')),
                working
            )
            else due_day(
                counted_from,
                coalesce(promise_days, legal_days) + extension_days,
                excluded + open_pause * datemultirange(daterange(null, %(day)s, '[]')),
                working
            )
        end as day
    ) as due
),

-- the periods by their first days; the first may be cut off
period as materialized (
    select %(starts)s::date[] as starts
),

by_receipt as (
    select
        key,
        width_bucket(received_on, period.starts) as period_no,
        count(*) as received,
        sum(notices) as notices,
        count(*) filter (where notices > 0) as noticed_cases,
        count(*) filter (where notices = 1) as once_cases,
        count(*) filter (where ended_as = 'refused') as refused_of_received,
        count(*) filter (where mode = 'agent' or picked_up_on is not null) as agent_cases
    from cases
    cross join period
    where received_on between %(first)s and %(last)s
    group by 1, 2
),

by_acceptance as (
    select
        key,
        width_bucket(accepted_on, period.starts) as period_no,
        count(*) as accepted,
        count(*) filter (where is_deemed) as deemed,
        sum(promise_days) filter (where legal_days is not null) as promise_days,
        sum(legal_days) filter (where promise_days is not null) as legal_days
    from cases
    cross join period
    where accepted_on between %(first)s and %(last)s
    group by 1, 2
),

by_item as (
    select key, period_no, sum(promise_days) as item_promise_days, sum(legal_days) as item_legal_days
    from (
        select distinct
            key,
            width_bucket(accepted_on, period.starts) as period_no,
            item_code,
            item_version,
            promise_days,
            legal_days
        from cases
        cross join period
        where accepted_on between %(first)s and %(last)s
            and promise_days is not null
            and legal_days is not null
    ) as versions
    group by 1, 2
),

by_decision as (
    select
        key,
        width_bucket(decided_on, period.starts) as period_no,
        count(*) as decided,
        count(*) filter (where is_rejected) as rejected
    from cases
    cross join period
    where decided_on between %(first)s and %(last)s
    group by 1, 2
),

by_delivery as (
    select
        key,
        width_bucket(delivered_on, period.starts) as period_no,
        count(*) as delivered,
        count(*) filter (
            where cases.delivery_days <= governing.delivery_days
        ) as delivered_in_time
    from cases
    cross join period
    left join governing on decided_on >= governing.valid_from and decided_on < governing.valid_before
    where delivered_on between %(first)s and %(last)s
    group by 1, 2
),

by_leg as (
    select
        key,
        width_bucket(signed_on, period.starts) as period_no,
        count(*) as agent_legs,
        sum(leg_days) as agent_days,
        count(*) filter (where leg_days > agent_leg_days) as agent_late
    from cases
    cross join period
    left join governing on picked_up_on >= governing.valid_from and picked_up_on < governing.valid_before
    where signed_on between %(first)s and %(last)s
    group by 1, 2
),

by_end as (
    select
        key,
        width_bucket(ended_on, period.starts) as period_no,
        count(*) filter (where ended_as = 'refused') as refused,
        count(*) filter (where ended_as = 'withdrawn') as withdrawn,
        count(*) filter (where ended_as = 'terminated') as terminated,
        count(*) filter (where is_done) as done,
        count(*) filter (where is_done and overdue_days = 0) as on_time,
        count(*) filter (where is_done and overdue_days is not null) as with_deadline,
        count(*) filter (where is_done and is_early) as early,
        count(*) filter (where is_done and is_after_source_deadline) as after_source_deadline,
        count(*) filter (where is_done and kind = 'instant') as instant_kind,
        count(*) filter (where is_done and is_same_day) as same_day,
        count(*) filter (where is_done and kind = 'promised') as promised,
        count(*) filter (where is_done and kind = 'promised' and is_same_day) as promised_same_day,
        count(used_days) filter (where is_done) as timed,
        sum(used_days) filter (where is_done) as used_days,
        sum(hops) filter (where is_done) as hops,
        sum(returns) filter (where is_done) as returns,
        sum(trips) filter (where is_done) as trips,
        sum(pauses) filter (where is_done) as pauses,
        sum(void_pauses) filter (where is_done) as void_pauses,
        count(*) filter (where is_done and pauses > 0) as paused_cases,
        sum(pause_days) filter (where is_done) as pause_days,
        count(*) filter (where is_done and (corrections > 0 or reopenings > 0)) as mended,
        sum(fees_fen) filter (where is_done) as fees_fen
    from cases
    cross join period
    cross join lateral (
        select ended_as = 'done' as is_done
    ) as sort
    where ended_on between %(first)s and %(last)s
    group by 1, 2
),

by_days as (
    select
        key,
        width_bucket(ended_on, period.starts) as period_no,
        percentile_disc(0.5) within group (order by used_days) as median_days,
        percentile_disc(0.9) within group (order by used_days) as p90_days
    from cases
    cross join period
    where ended_as = 'done' and ended_on between %(first)s and %(last)s
    group by 1, 2
),

by_payment as (
    select
        key,
        width_bucket(paid.day, period.starts) as period_no,
        sum(paid.fen) as paid_fen,
        count(distinct coalesce(applicant_ref, stream)) as paid_households
    from cases
    cross join period
    cross join lateral unnest(paid_on, paid_fen) as paid (day, fen)
    where paid_on is not null and paid.day between %(first)s and %(last)s
    group by 1, 2
),

-- What came into the stock of open cases and what left it; likewise of those that are overdue. What happened before
-- the first day is the stock at its beginning, period 0.
stocked as (
    select
        key,
        width_bucket(entered_on, period.starts) as entered_no,
        case when ended_on <= %(last)s then width_bucket(ended_on, period.starts) end as ended_no,
        case
            when ended_on >= late.day is not false then width_bucket(late.day, period.starts)
        end as late_no,
        case
            when ended_on between late.day and %(last)s then width_bucket(ended_on, period.starts)
        end as late_ended_no
    from cases
    cross join period
    cross join lateral (
        select case when overdue_from <= %(last)s then greatest(overdue_from, entered_on) end as day
    ) as late
    where entered_on <= %(last)s
),

stock as (
    select key, period_no, sum(entered) as entered, sum(open) as open, sum(overdue) as overdue
    from (
        select key, entered_no as period_no, count(*) as entered, count(*) as open, 0 as overdue
        from stocked
        group by key, entered_no
        union all
        select key, ended_no, 0, -count(*), 0
        from stocked
        where ended_no is not null
        group by key, ended_no
        union all
        select key, late_no, 0, 0, count(*)
        from stocked
        where late_no is not null
        group by key, late_no
        union all
        select key, late_ended_no, 0, 0, -count(*)
        from stocked
        where late_ended_no is not null
        group by key, late_ended_no
    ) as moved
    group by key, period_no
),

keys as (
    select distinct key
    from cases
    where entered_on <= %(last)s and (ended_on is null or ended_on >= %(first)s)
    union
    select key from by_receipt
    union
    select key from by_acceptance
    union
    select key from by_decision
    union
    select key from by_delivery
    union
    select key from by_leg
    union
    select key from by_end
    union
    select key from by_payment
),

lines as (
    select keys.key, period_no, first_day, coalesce(lead(first_day) over later - 1, %(last)s) as last_day
    from keys
    cross join period
    cross join lateral unnest(starts) with ordinality as each (first_day, period_no)
    window later as (partition by keys.key order by period_no)
)

select
    nullif(lines.key, '') as key,
    lines.first_day,
    lines.last_day,
    coalesce(received, 0) as received,
    coalesce(accepted, 0) as accepted,
    coalesce(deemed, 0) as deemed,
    coalesce(done, 0) as done,
    coalesce(refused, 0) as refused,
    coalesce(withdrawn, 0) as withdrawn,
    coalesce(terminated, 0) as terminated,
    coalesce(decided, 0) as decided,
    coalesce(rejected, 0) as rejected,
    (coalesce(before.open, 0) + coalesce(sum(stock.open) over so_far, 0))::bigint as open,
    (coalesce(before.overdue, 0) + coalesce(sum(stock.overdue) over so_far, 0))::bigint as open_overdue,
    (
        coalesce(sum(stock.open) over so_far, 0) - coalesce(stock.open, 0)
        + coalesce(before.open, 0) + coalesce(stock.entered, 0)
    )::bigint as in_hand,
    coalesce(on_time, 0) as on_time,
    coalesce(with_deadline, 0) as with_deadline,
    coalesce(early, 0) as early,
    coalesce(after_source_deadline, 0) as after_source_deadline,
    coalesce(instant_kind, 0) as instant_kind,
    coalesce(same_day, 0) as same_day,
    coalesce(promised, 0) as promised,
    coalesce(promised_same_day, 0) as promised_same_day,
    coalesce(promise_days, 0) as promise_days,
    coalesce(legal_days, 0) as legal_days,
    coalesce(item_promise_days, 0) as item_promise_days,
    coalesce(item_legal_days, 0) as item_legal_days,
    coalesce(timed, 0) as timed,
    coalesce(used_days, 0) as used_days,
    median_days,
    p90_days,
    coalesce(hops, 0) as hops,
    coalesce(returns, 0) as returns,
    coalesce(trips, 0) as trips,
    coalesce(notices, 0) as notices,
    coalesce(noticed_cases, 0) as noticed_cases,
    coalesce(once_cases, 0) as once_cases,
    coalesce(refused_of_received, 0) as refused_of_received,
    coalesce(pauses, 0) as pauses,
    coalesce(void_pauses, 0) as void_pauses,
    coalesce(paused_cases, 0) as paused_cases,
    coalesce(pause_days, 0) as pause_days,
    coalesce(delivered, 0) as delivered,
    coalesce(delivered_in_time, 0) as delivered_in_time,
    coalesce(agent_cases, 0) as agent_cases,
    coalesce(agent_legs, 0) as agent_legs,
    coalesce(agent_days, 0) as agent_days,
    coalesce(agent_late, 0) as agent_late,
    coalesce(mended, 0) as mended,
    coalesce(fees_fen, 0)::bigint as fees_fen,
    coalesce(paid_fen, 0)::bigint as paid_fen,
    coalesce(paid_households, 0) as paid_households
from lines
left join by_receipt on by_receipt.key = lines.key and by_receipt.period_no = lines.period_no
left join by_acceptance on by_acceptance.key = lines.key and by_acceptance.period_no = lines.period_no
left join by_item on by_item.key = lines.key and by_item.period_no = lines.period_no
left join by_decision on by_decision.key = lines.key and by_decision.period_no = lines.period_no
left join by_delivery on by_delivery.key = lines.key and by_delivery.period_no = lines.period_no
left join by_leg on by_leg.key = lines.key and by_leg.period_no = lines.period_no
left join by_end on by_end.key = lines.key and by_end.period_no = lines.period_no
left join by_days on by_days.key = lines.key and by_days.period_no = lines.period_no
left join by_payment on by_payment.key = lines.key and by_payment.period_no = lines.period_no
left join stock on stock.key = lines.key and stock.period_no = lines.period_no
left join stock as before on before.key = lines.key and before.period_no = 0
window so_far as (partition by lines.key order by lines.period_no)
order by lines.key = '', lines.key, lines.period_no;

-- name: in_memory
-- To the end of the transaction: a county's cases are gone through several times, and need not go to disk for it.
select set_config('work_mem', '64MB', true);

-- name: ranking_at_least
-- So many are needed to be ranked, by the policy of the day.
select ranking_at_least
from policies
where valid_from <= %(day)s
order by valid_from desc
limit 1;

-- name: titles
-- What the codes of a group are called.
select code, title
from places
where title is not null
    and place_kind = case %(by)s::text
        when 'hall' then 'unit'
        when 'deciding_unit' then 'unit'
        when 'unit' then 'unit'
        when 'window' then 'window'
        when 'post' then 'post'
        when 'point' then 'point'
    end
union all
select item_code, (array_agg(title order by valid_from desc))[1]
from items
where %(by)s::text = 'item'
group by item_code;

-- name: holders
-- How long each had the cases that were done in a span of days, period by period: held, and in transit as the sender;
-- special procedures that stop the clock, and agents' legs, left out.
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
),

-- the periods by their first days; the first may be cut off
period as materialized (
    select %(starts)s::date[] as starts
),

spells as materialized (
    select
        custody.stream,
        coalesce(case %(by)s::text
            when 'unit' then custody.holder_unit
            when 'window' then custody.holder_window
            when 'post' then custody.holder_post
            when 'person' then custody.holder_person
        end, '') as key,
        custody.is_in_transit,
        figures.ended_on,
        custody.from_day,
        coalesce(custody.to_day, figures.ended_on) as to_day,
        coalesce(clock.excluded, '{}') as excluded
    from case_figures as figures
    join custody on custody.stream = figures.stream
    left join clock on clock.stream = figures.stream
    where figures.ended_as = 'done'
        and figures.ended_on between %(first)s and %(last)s
        and not custody.is_agent
),

counted as (
    select
        stream,
        key,
        is_in_transit,
        width_bucket(ended_on, starts) as period_no,
        case
            when isempty(excluded) then width_bucket(to_day, working) - width_bucket(from_day, working)
            else count_working(days_between(from_day, to_day) - excluded, working)
        end as days
    from spells
    cross join known
    cross join period
)

select
    nullif(key, '') as key,
    starts[period_no] as first_day,
    coalesce(starts[period_no + 1] - 1, %(last)s) as last_day,
    count(distinct stream) as cases,
    coalesce(sum(days) filter (where not is_in_transit), 0) as held_days,
    coalesce(sum(days) filter (where is_in_transit), 0) as transit_days,
    (20000 * sum(days) + count(distinct stream)) / (2 * count(distinct stream)) as average_per_10000
from counted
cross join period
group by key, period_no, starts
order by nullif(key, '') nulls last, period_no;
