-- 时限看板, as a query begins that reads it: the cases accepted by `today` and not done, with their lights.
--
-- The light counts working days behind the last days: red behind the legal one, yellow behind the promised one, so that a
-- weekend turns nothing; prewarning in the working days before the nearer of them that the policy says. An open special procedure has moved them by as many
-- days as it has lasted so far.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

governing as materialized (
    select
        prewarn_short_limit,
        -- so many working days remain, or fewer, to whatever is due before the next one
        due_day(%(today)s, prewarn_days_short + 1, '{}', known.working) as warned_short,
        due_day(%(today)s, prewarn_days_long + 1, '{}', known.working) as warned_long
    from known
    cross join (
        select *
        from policies
        where valid_from <= %(today)s
        order by valid_from desc
        limit 1
    ) as policy
),

open_cases as materialized (
    select
        clock.stream,
        clock.basis,
        clock.accepted_on,
        clock.promise_days,
        clock.legal_days,
        clock.extension_days,
        clock.is_provisional,
        clock.excluded,
        clock.open_pause,
        not isempty(clock.open_pause) as is_paused,
        coalesce(clock.promise_due, clock.legal_due) as listed_due,
        moved.*
    from clock
    cross join known
    cross join lateral (
        select
            case when not isempty(clock.open_pause)
                then clock.excluded + clock.open_pause * datemultirange(daterange(null, %(today)s, '[]'))
            end as excluded_now
    ) as paused
    cross join lateral (
        select
            coalesce(paused.excluded_now, clock.excluded) as excluded_to_date,
            case
                when isempty(clock.open_pause) or clock.basis = 'ordered' then clock.promise_due
                when clock.basis = 'source'
                    then pushed_day(clock.promise_given, clock.extension_days, paused.excluded_now, known.working)
                else due_day(
                    clock.accepted_on, clock.promise_days + clock.extension_days, paused.excluded_now, known.working
                )
            end as promise_due,
            case
                when isempty(clock.open_pause) or clock.basis = 'ordered' then clock.legal_due
                when clock.basis = 'source'
                    then pushed_day(clock.legal_given, clock.extension_days, paused.excluded_now, known.working)
                else due_day(
                    clock.accepted_on, clock.legal_days + clock.extension_days, paused.excluded_now, known.working
                )
            end as legal_due
    ) as moved
    where clock.done_on is null and clock.basis is not null and coalesce(clock.accepted_on <= %(today)s, true)
),

board as (
    select
        open_cases.*,
        coalesce(open_cases.promise_due, open_cases.legal_due) as due,
        case
            when coalesce(open_cases.promise_due, open_cases.legal_due) is null then 'none'
            when overdue.legally > 0 then 'red'
            when overdue.by_promise > 0 then 'yellow'
            when least(open_cases.promise_due, open_cases.legal_due) < case
                when coalesce(open_cases.promise_days, open_cases.legal_days) <= governing.prewarn_short_limit
                    then governing.warned_short
                else governing.warned_long
            end then 'prewarning'
            else 'green'
        end as light,
        custody.holder_unit,
        custody.holder_window,
        custody.holder_person,
        custody.is_in_transit,
        custody.in_transit_to,
        custody.from_day as held_since
    from open_cases
    cross join governing
    cross join known
    cross join lateral (
        select
            count_working(
                days_between(open_cases.legal_due, %(today)s) - open_cases.excluded_to_date, known.working
            ) as legally,
            count_working(
                days_between(open_cases.promise_due, %(today)s) - open_cases.excluded_to_date, known.working
            ) as by_promise
    ) as overdue
    left join custody
        on custody.stream = open_cases.stream
        and custody.to_at is null
        -- as of another day, the spells of these cases alone
        and custody.stream = any (array(select stream from open_cases))
)
