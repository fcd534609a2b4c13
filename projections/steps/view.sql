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
        *,
        row_number() over in_order as n,
        max(received_item) over whole as item_code,
        max(received_version) over whole as item_version,
        max(occurred_at) filter (where topic = 'case.received.v1') over earlier as received_at,
        max(occurred_at) filter (where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')) over earlier
            as accepted_at,
        max(occurred_at) filter (where topic = 'case.step_completed.v1') over earlier as previous_at,
        count(*) filter (where topic = 'case.step_completed.v1') over earlier_of_step as turn
    from history
    window
        whole as (partition by stream),
        in_order as (partition by stream order by occurred_at, position),
        earlier as (in_order rows between unbounded preceding and 1 preceding),
        earlier_of_step as (
            partition by stream, step_code
            order by occurred_at, position
            rows between unbounded preceding and 1 preceding
        )
),

worked as (
    select
        stream,
        min(n) as n,
        step_code,
        (array_agg(step_title order by n desc))[1] as step_title,
        (array_agg(result order by n desc))[1] as result,
        (array_agg(actor order by n desc))[1] as actor,
        max(item_code) as item_code,
        max(item_version) as item_version,
        min(occurred_at) filter (where topic = 'case.step_started.v1') as recorded_start,
        (max(told_start) filter (where topic = 'case.step_completed.v1'))::timestamptz as told_start,
        max(previous_at) filter (where topic = 'case.step_completed.v1') as previous_at,
        max(accepted_at) filter (where topic = 'case.step_completed.v1') as accepted_at,
        max(received_at) filter (where topic = 'case.step_completed.v1') as received_at,
        max(occurred_at) filter (where topic = 'case.step_completed.v1') as completed_at,
        min(position) as first_position,
        max(position) filter (where topic = 'case.step_completed.v1') as completed_position
    from placed
    where topic in ('case.step_started.v1', 'case.step_completed.v1')
    group by stream, step_code, turn
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
        coalesce(recorded_start, told_start, greatest(previous_at, accepted_at), received_at) as started_at
    from worked
)

select
    stream,
    row_number() over (partition by stream order by n)::integer as ordinal,
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
    completed_position
from begun
