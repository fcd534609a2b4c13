-- The timeline of a case: its own events, straight out of the log. Runs with search_path = the county's views.
-- Days of lag are working days from the day on which it happened to the day on which it was recorded.

-- name: timeline
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

standing as materialized (
    select position, occurred_at, fact
    from effective_events
    where stream = %(stream)s
),

recorded as (
    select
        position,
        version,
        topic,
        occurred_at,
        recorded_at,
        convert_from(state, 'UTF8')::jsonb as document
    from events
    where stream = %(stream)s
        and position <= %(upto)s
        and recorded_at <= coalesce(%(known_at)s, 'infinity'::timestamptz)
),

amended as (
    select
        (document -> 'fact' ->> 'target_version')::bigint as version,
        bool_or(topic = 'event.voided.v1') as is_voided,
        jsonb_agg(version order by version) as by_versions
    from recorded
    where topic in ('event.corrected.v1', 'event.voided.v1')
    group by 1
)

select
    recorded.position,
    recorded.version,
    recorded.topic,
    case when %(is_effective)s then standing.occurred_at else recorded.occurred_at end as occurred_at,
    recorded.recorded_at,
    count_working(
        days_between(
            (
                case when %(is_effective)s then standing.occurred_at else recorded.occurred_at end
                at time zone 'Asia/Shanghai'
            )::date,
            (recorded.recorded_at at time zone 'Asia/Shanghai')::date
        ),
        known.working
    ) as lag_days,
    case
        when recorded.topic in ('event.corrected.v1', 'event.voided.v1') then 'amendment'
        when amended.is_voided then 'voided'
        when amended.version is not null then 'corrected'
        else 'as recorded'
    end as fate,
    coalesce(amended.by_versions, '[]') as amended_by,
    recorded.document -> 'envelope' as envelope,
    case when %(is_effective)s then standing.fact else recorded.document -> 'fact' end as fact
from recorded
cross join known
left join standing on standing.position = recorded.position
left join amended on amended.version = recorded.version
where standing.position is not null
    -- in the raw order everything is shown, unless only what had happened by a time is asked for
    or (not %(is_effective)s and %(happened_by)s::timestamptz is null)
order by
    case when %(is_by_occurred)s then
        case when %(is_effective)s then standing.occurred_at else recorded.occurred_at end
    end,
    recorded.position;
