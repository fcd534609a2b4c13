-- The statements of the clock 时限, by name. Each runs with search_path = the county's views.
-- Days are working days. `today` stands for what has not ended: a case not done, a special procedure still open.

-- name: standing
-- How these cases stand on a day: used, remaining and overdue, with the pauses that stopped the clock so far.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
)

select
    split_part(clock.stream, ':', 2) as case_no,
    clock.basis,
    clock.accepted_on,
    clock.promise_days,
    clock.legal_days,
    clock.extension_days,
    clock.pauses,
    clock.void_pauses,
    clock.promise_due,
    clock.legal_due,
    due.day as due,
    clock.is_provisional,
    not isempty(clock.open_pause) as is_paused,
    clock.done_on,
    count_working(days_between(clock.accepted_on, upto.day), known.working) as gross_days,
    count_working(days_between(clock.accepted_on, upto.day) - upto.excluded, known.working) as used_days,
    count_working(days_between(upto.day, due.day) - upto.excluded, known.working) as remaining_days,
    count_working(days_between(due.day, upto.day) - upto.excluded, known.working) as overdue_days,
    count_working(days_between(last_days.legal, upto.day) - upto.excluded, known.working) as over_legal_days,
    clock.first_review_due,
    clock.reported_on,
    clock.superior_signed_on,
    clock.superior_due,
    clock.superior_replied_on,
    count_working(days_between(clock.accepted_on, review.day) - upto.excluded, known.working) as first_review_days,
    count_working(days_between(clock.first_review_due, review.day) - upto.excluded, known.working)
        as first_review_overdue_days,
    count_working(
        days_between(clock.superior_due, least(clock.superior_replied_on, %(today)s)) - upto.excluded, known.working
    ) as superior_overdue_days
from clock
cross join known
cross join lateral (
    select
        least(clock.done_on, %(today)s) as day,
        clock.excluded + clock.open_pause * datemultirange(daterange(null, least(clock.done_on, %(today)s), '[]'))
            as excluded
) as upto
cross join lateral (
    -- an open procedure has moved the last days by as many days as it has lasted
    select
        case
            when isempty(clock.open_pause) or clock.basis = 'ordered' then clock.promise_due
            when clock.basis = 'source'
                then pushed_day(clock.promise_given, clock.extension_days, upto.excluded, known.working)
            else due_day(
                clock.accepted_on, clock.promise_days + clock.extension_days, upto.excluded, known.working
            )
        end as promised,
        case
            when isempty(clock.open_pause) or clock.basis = 'ordered' then clock.legal_due
            when clock.basis = 'source'
                then pushed_day(clock.legal_given, clock.extension_days, upto.excluded, known.working)
            else due_day(clock.accepted_on, clock.legal_days + clock.extension_days, upto.excluded, known.working)
        end as legal
) as last_days
cross join lateral (
    select coalesce(last_days.promised, last_days.legal) as day
) as due
cross join lateral (
    select case when clock.first_review_due is not null then least(clock.reported_on, clock.done_on, %(today)s) end as day
) as review
where clock.stream = any (%(streams)s)
order by clock.stream;

-- name: readings
-- What each party's reading of the special procedures, and of when the case was accepted, would make of these cases, side
-- by side with the rule's.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

-- The day on which the window said that it accepts, whatever day the rule counts from.
declared as (
    select stream, max((occurred_at at time zone 'Asia/Shanghai')::date) as day
    from effective_events
    where stream = any (%(streams)s) and topic = 'case.accepted.v1'
    group by stream
)

select
    split_part(clock.stream, ':', 2) as case_no,
    reading.name,
    reading.accepted_on,
    count_working(days_between(reading.accepted_on, upto.day) * excluded.days, known.working) as excluded_days,
    count_working(days_between(reading.accepted_on, upto.day) - excluded.days, known.working) as used_days,
    dues.promise_due,
    dues.legal_due,
    count_working(
        days_between(coalesce(dues.promise_due, dues.legal_due), upto.day) - excluded.days, known.working
    ) as overdue_days
from clock
cross join known
left join declared on declared.stream = clock.stream and declared.day > clock.accepted_on
cross join lateral (
    select least(clock.done_on, %(today)s) as day
) as upto
cross join lateral (
    values
        (1, 'as ruled', clock.accepted_on, clock.excluded + clock.open_pause),
        (2, 'at face value', clock.accepted_on, clock.excluded_at_face),
        (3, 'up to the plan', clock.accepted_on, clock.excluded_to_plan),
        (4, 'void', clock.accepted_on, '{}'::datemultirange),
        (5, 'as declared', declared.day, clock.excluded + clock.open_pause)
) as reading (rank, name, accepted_on, days)
cross join lateral (
    select reading.days * datemultirange(daterange(null, upto.day, '[]')) as days
) as excluded
cross join lateral (
    select
        due_day(reading.accepted_on, clock.promise_days + clock.extension_days, excluded.days, known.working)
            as promise_due,
        due_day(reading.accepted_on, clock.legal_days + clock.extension_days, excluded.days, known.working) as legal_due
) as dues
where clock.stream = any (%(streams)s) and clock.basis in ('accepted', 'deemed') and reading.accepted_on is not null
order by clock.stream, reading.rank;

-- name: overdue_by
-- In whose hands each of these cases was on the days that it was overdue: what was on its way is the sender's.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

late as (
    select
        clock.stream,
        days_between(due.day, upto.day) - upto.excluded as days
    from clock
    cross join known
    cross join lateral (
        select
            least(clock.done_on, %(today)s) as day,
            clock.excluded + clock.open_pause * datemultirange(daterange(null, least(clock.done_on, %(today)s), '[]'))
                as excluded
    ) as upto
    cross join lateral (
        select case
            when isempty(clock.open_pause) or clock.basis = 'ordered' then coalesce(clock.promise_due, clock.legal_due)
            when clock.basis = 'source' then pushed_day(
                coalesce(clock.promise_given, clock.legal_given), clock.extension_days, upto.excluded, known.working
            )
            else due_day(
                clock.accepted_on,
                coalesce(clock.promise_days, clock.legal_days) + clock.extension_days,
                upto.excluded,
                known.working
            )
        end as day
    ) as due
    where clock.stream = any (%(streams)s)
)

select
    split_part(late.stream, ':', 2) as case_no,
    custody.holder_unit,
    custody.holder_post,
    custody.holder_person,
    coalesce(sum(counted.days) filter (where not custody.is_in_transit), 0)::integer as held_days,
    coalesce(sum(counted.days) filter (where custody.is_in_transit), 0)::integer as transit_days,
    sum(counted.days)::integer as overdue_days
from late
cross join known
join custody on custody.stream = late.stream and custody.stream = any (%(streams)s)
cross join lateral (
    select count_working(late.days * days_between(custody.from_day, coalesce(custody.to_day, %(today)s)), known.working)
        as days
) as counted
where counted.days > 0
group by late.stream, custody.holder_unit, custody.holder_post, custody.holder_person
order by late.stream, min(custody.ordinal);
