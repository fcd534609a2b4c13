-- The statements of comparing two answers, by name. They run with search_path = the definitions, the views, the county.
-- An event is in an answer when it was recorded by its known_at and happened by its happened_by; an amendment counts by
-- when it was recorded alone.

-- part: can_differ
-- An event that is in one of two answers and not in the other, or corrects a time.
(
    (
        recorded_at <= coalesce(%(known_at)s, 'infinity'::timestamptz)
        and (
            topic in ('event.corrected.v1', 'event.voided.v1')
            or occurred_at <= coalesce(%(happened_by)s, 'infinity'::timestamptz)
        )
    ) <> (
        recorded_at <= coalesce(%(and_known_at)s, 'infinity'::timestamptz)
        and (
            topic in ('event.corrected.v1', 'event.voided.v1')
            or occurred_at <= coalesce(%(and_happened_by)s, 'infinity'::timestamptz)
        )
    )
    or (
        topic = 'event.corrected.v1'
        and convert_from(state, 'UTF8')::jsonb -> 'fact' ->> 'field' = 'occurred_at'
    )
)

-- name: candidates
-- The streams with such an event. Where the answers differ in what was known alone, that is a range of positions.
select distinct stream
from events
where position > %(after_position)s
    and position <= %(upto_position)s
    and <can_differ>
order by stream;

-- name: spans_stand
-- How far the table of spans tells the log, where it is of this definition.
select position
from projections
where name = 'case_spans' and definition = %(definition)s;

-- name: candidates_among
-- Likewise, of all that can move a case: only in cases that lie neither wholly in both answers nor in none, as their spans
-- tell; in those that the spans, which stand in {spans}, do not know yet; and in the registers.
with told as materialized (
    select stream
    from {spans}
    cross join (
        select
            coalesce(%(known_at)s, 'infinity'::timestamptz) as known_at,
            coalesce(%(happened_by)s, 'infinity'::timestamptz) as happened_by,
            coalesce(%(and_known_at)s, 'infinity'::timestamptz) as and_known_at,
            coalesce(%(and_happened_by)s, 'infinity'::timestamptz) as and_happened_by
        offset 0
    ) as asked
    where (
            last_recorded_at > least(asked.known_at, asked.and_known_at)
            or last_occurred_at > least(asked.happened_by, asked.and_happened_by)
        )
        and (
            (first_recorded_at <= asked.known_at and first_occurred_at <= asked.happened_by)
            or (first_recorded_at <= asked.and_known_at and first_occurred_at <= asked.and_happened_by)
        )
    union
    select stream
    from (
        select stream
        from events
        where position > %(spans_position)s
        -- by position, however many the planner expects there
        offset 0
    ) as behind
    where stream >= 'case:' and stream < 'case;'
    union
    select stream
    from events
    where (stream >= 'calendar:' and stream < 'calendar;')
        or (stream >= 'policy:' and stream < 'policy;')
)

select told.stream
from told
cross join lateral (
    select
    from events
    where events.stream = told.stream
        and position <= %(upto_position)s
        and <can_differ>
    limit 1
) as found
order by told.stream;

-- name: case_streams
-- Every case there is: a calendar or a policy differs, and may move any of them.
select stream
from events
where stream > 'case:' || %(after)s
    and stream < 'case;'
    and version = 1
order by stream
limit %(limit)s;

-- name: figures
-- What is compared.
select
    stream,
    card.status,
    card.received_on,
    card.accepted_on,
    card.decision,
    card.ended_on,
    held.holder_unit,
    held.is_in_transit
from case_card as card
left join (
    select distinct on (stream) stream, holder_unit, is_in_transit
    from custody
    where stream = any (%(streams)s) and to_at is null
    order by stream, ordinal desc
) as held using (stream)
where stream = any (%(streams)s)
order by stream;

-- name: standing_positions
-- Which events of these streams are in the answer.
select position
from effective_events
where stream = any (%(streams)s);

-- name: records
-- These events, and the amendments of these streams recorded behind one position and up to another: what was recorded,
-- when, by whom, and how many working days after it happened.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
)

select
    event.stream,
    event.position,
    event.version,
    event.topic,
    event.occurred_at,
    event.recorded_at,
    count_working(
        days_between(
            (event.occurred_at at time zone 'Asia/Shanghai')::date,
            (event.recorded_at at time zone 'Asia/Shanghai')::date
        ),
        known.working
    ) as lag_days,
    stored.document -> 'envelope' -> 'actor' ->> 'staff_id' as recorded_by,
    stored.document -> 'envelope' -> 'actor' ->> 'post_id' as post_id,
    stored.document -> 'envelope' -> 'actor' ->> 'unit_code' as unit_code,
    stored.document -> 'envelope' -> 'actor' ->> 'role' as role,
    stored.document -> 'envelope' -> 'circumstances' ? 'backfill' as is_backfill,
    (stored.document -> 'fact' ->> 'target_version')::integer as target_version
from events as event
cross join known
cross join lateral (
    select convert_from(event.state, 'UTF8')::jsonb as document
    offset 0
) as stored
where event.stream = any (%(streams)s)
    and (
        event.position = any (%(positions)s)
        or (
            event.topic in ('event.corrected.v1', 'event.voided.v1')
            and event.position > %(after_position)s
            and event.position <= %(upto_position)s
        )
    )
order by event.stream, event.position;
