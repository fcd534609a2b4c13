-- 环节 steps: one row for each time that a step of a case was worked on, from its start to its completion.
--
-- Starts of a step up to its next completion are one piece of work, begun with the first of them. Where no start was
-- recorded, the completion may tell it; else the step began when the previous one was completed, or with the
-- acceptance, before acceptance with the receipt. Budgets and days are compared when asked (queries.sql).
with history as (
    -- what is asked for below, and no more: all of it is sorted
    select
        stream,
        position,
        topic,
        occurred_at,
        fact ->> 'step_code' as step_code,
        fact ->> 'step_title' as step_title,
        fact ->> 'result' as result,
        fact ->> 'started_at' as told_start,
        case when topic = 'case.received.v1' then fact ->> 'item_code' end as received_item,
        case when topic = 'case.received.v1' then fact ->> 'item_version' end as received_version,
        envelope -> 'actor' as actor
    from effective_events
    where topic in (
        'case.received.v1',
        'case.accepted.v1',
        'case.deemed_accepted.v1',
        'case.step_started.v1',
        'case.step_completed.v1'
    )
),

placed as (
    select
        stream,
        position,
        topic,
        occurred_at,
        step_code,
        step_title,
        result,
        told_start,
        actor,
        max(received_item) over whole as item_code,
        max(received_version) over whole as item_version,
        count(*) over earlier as n,
        max(occurred_at) filter (where topic = 'case.received.v1') over earlier as received_at,
        max(occurred_at) filter (where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')) over earlier
            as accepted_at,
        max(occurred_at) filter (where topic = 'case.step_completed.v1') over earlier as previous_at
    from history
    window
        whole as (partition by stream),
        earlier as (
            partition by stream order by occurred_at, position rows between unbounded preceding and 1 preceding
        )
),

in_turn as (
    select
        *,
        count(*) filter (where topic = 'case.step_completed.v1') over earlier_of_step as turn,
        topic = 'case.step_completed.v1' as is_completed,
        topic = 'case.step_completed.v1' or lead(topic) over earlier_of_step is null as is_last
    from placed
    where topic in ('case.step_started.v1', 'case.step_completed.v1')
    window earlier_of_step as (
        partition by stream, step_code order by n rows between unbounded preceding and 1 preceding
    )
),

-- a piece of work is told by its last event; what its starts add
worked as (
    select
        *,
        min(n) over piece as begun_n,
        min(position) over piece as first_position,
        min(occurred_at) filter (where not is_completed) over piece as recorded_start
    from in_turn
    window piece as (partition by stream, step_code, turn)
),

begun as (
    select
        *,
        case
            when recorded_start is not null then 'recorded'
            when told_start is not null then 'told'
            when previous_at >= coalesce(accepted_at, previous_at) then 'previous step'
            when accepted_at is not null then 'acceptance'
            when received_at is not null then 'receipt'
        end as started_by,
        coalesce(recorded_start, told_start::timestamptz, greatest(previous_at, accepted_at), received_at) as started_at,
        case when is_completed then occurred_at end as completed_at,
        case when is_completed then position end as completed_position
    from worked
    where is_last
)

select
    stream,
    row_number() over (partition by stream order by begun_n)::integer as ordinal,
    item_code,
    item_version,
    step_code,
    step_title,
    started_by,
    started_at,
    day_of(started_at) as started_on,
    completed_at,
    day_of(completed_at) as completed_on,
    result,
    actor ->> 'unit_code' as unit_code,
    actor ->> 'window_id' as window_id,
    actor ->> 'post_id' as post_id,
    case when actor ->> 'role' = 'importer' then actor ->> 'on_behalf_of' else actor ->> 'staff_id' end as person,
    first_position,
    completed_position,
    -- the case, where the watch 监察 may find something of it: what ended on the day on which it began is in time
    case when coalesce(day_of(completed_at) > day_of(started_at), true) then stream end as watched
from begun
