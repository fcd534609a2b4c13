-- The statements of the recordings 登记, by name. Each runs with search_path = the county's views.

-- part: counted
    count(*) as events,
    count(late_of) as backfilled,
    percentile_disc(0.5) within group (order by lag_days) as median_lag_days,
    max(lag_days) as longest_lag_days
from (
    select
        key,
        late_of,
        -- the working days as a value of the statement: as a column they would be sorted along with every event
        case
            when late_of is not null
                then width_bucket(day_of(recorded_at), (select working from known))
                    - width_bucket(late_of, (select working from known))
        end as lag_days
    from told
) as lagged
group by key
order by key nulls last

-- part: known
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
),

-- name: recorded_before
-- The last position recorded before a moment.
select position_recorded_before(%(moment)s, (select coalesce(max(position), 0) from events));

-- name: counts
-- Of the events between two positions: how many were recorded, how many of them as late records, and how many working
-- days late those were in the middle and at most.
<known>

told as (
    select
        case %(by)s::text
            when 'unit' then envelope -> 'actor' ->> 'unit_code'
            when 'window' then envelope -> 'actor' ->> 'window_id'
            when 'post' then envelope -> 'actor' ->> 'post_id'
            when 'person' then envelope -> 'actor' ->> 'staff_id'
        end as key,
        case when envelope -> 'circumstances' ? 'backfill' then day_of(occurred_at) end as late_of,
        recorded_at
    from effective_events
    where position > %(after)s and position <= %(upto)s and topic like 'case.%%'
)

select
    key,
    <counted>;

-- name: counts_in_trail
-- The same out of the audit trail, which need not parse what was recorded: only of a late record that was corrected is the
-- time looked up, and of an imported one the programme that recorded it; the trail names whom it tells of.
<known>

told as (
    select
        case %(by)s::text
            when 'unit' then trail.unit_code
            when 'window' then trail.window_id
            when 'post' then trail.post_id
            when 'person' then
                case
                    when 'imported' = any (trail.marks) then (
                        select event.envelope -> 'actor' ->> 'staff_id'
                        from parsed_events as event
                        where event.stream = trail.stream and event.version = trail.version
                    )
                    else trail.person
                end
        end as key,
        case
            when 'backfilled' = any (trail.marks) then day_of(
                case
                    when trail.corrected_from is null then trail.occurred_at
                    else (
                        select event.occurred_at
                        from effective_events as event
                        where event.stream = trail.stream and event.version = trail.version
                    )
                end
            )
        end as late_of,
        trail.recorded_at
    from audit as trail
    where trail.position > %(after)s
        and trail.position <= %(upto)s
        and trail.topic like 'case.%%'
        and trail.voided_from is null
)

select
    key,
    <counted>;
