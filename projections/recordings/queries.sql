-- The statements of the recordings 登记, by name. Each runs with search_path = the county's views.

-- part: known
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
),

-- the periods by their first days, the first may be cut off, and by the first position that may stand in each
period as materialized (
    select
        array_agg(first_day order by first_day) as starts,
        array_agg(
            position_recorded_before(first_day::timestamp at time zone 'Asia/Shanghai', head) + 1 order by first_day
        ) as positions
    from unnest(%(starts)s::date[]) as cuts (first_day)
    cross join (
        select coalesce(max(position), 0) as head
        from events
    ) as log
)

-- part: counted
lagged as (
    select
        key,
        width_bucket(position, (select positions from period)) as period_no,
        late_of,
        -- the working days as a value of the statement: as a column they would be sorted along with every event
        case
            when late_of is not null
                then width_bucket(day_of(recorded_at), (select working from known))
                    - width_bucket(late_of, (select working from known))
        end as lag_days
    from told
)

select
    key,
    starts[period_no] as first_day,
    coalesce(starts[period_no + 1] - 1, %(last)s) as last_day,
    count(*) as events,
    count(late_of) as backfilled,
    (20000 * count(late_of) + count(*)) / (2 * count(*)) as per_10000,
    percentile_disc(0.5) within group (order by lag_days) as median_lag_days,
    max(lag_days) as longest_lag_days
from lagged
cross join period
group by key, period_no, starts
order by key nulls last, period_no

-- part: of_the_case
-- What the case is about, whatever stood in it when the event was recorded.
        case %(by)s::text
            when 'item' then figures.item_code
            when 'point' then figures.point_code
        end

-- part: late_in_the_trail
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
        end

-- part: asked_of_the_trail
    trail.position > %(after)s
        and trail.position <= %(upto)s
        and trail.topic like 'case.%%'
        and trail.voided_from is null

-- name: recorded_before
-- The last position recorded before a moment.
select position_recorded_before(%(moment)s, (select coalesce(max(position), 0) from events));

-- name: counts
-- Of the events between two positions, period by period: how many were recorded, how many of them as late records, and how
-- many working days late those were in the middle and at most.
<known>,

told as (
    select
        case %(by)s::text
            when 'unit' then envelope -> 'actor' ->> 'unit_code'
            when 'window' then envelope -> 'actor' ->> 'window_id'
            when 'post' then envelope -> 'actor' ->> 'post_id'
            when 'person' then envelope -> 'actor' ->> 'staff_id'
        end as key,
        position,
        case when envelope -> 'circumstances' ? 'backfill' then day_of(occurred_at) end as late_of,
        recorded_at
    from effective_events
    where position > %(after)s and position <= %(upto)s and topic like 'case.%%'
),

<counted>;

-- name: counts_by_case
-- The same, told apart by what the case is about.
<known>,

told as (
    select
        <of_the_case> as key,
        event.position,
        case when event.envelope -> 'circumstances' ? 'backfill' then day_of(event.occurred_at) end as late_of,
        event.recorded_at
    from effective_events as event
    left join case_figures as figures on figures.stream = event.stream
    where event.position > %(after)s and event.position <= %(upto)s and event.topic like 'case.%%'
),

<counted>;

-- name: counts_in_trail
-- The same as `counts` out of the audit trail, which need not parse what was recorded: only of a late record that was corrected
-- is the time looked up, and of an imported one the programme that recorded it; the trail names whom it tells of.
<known>,

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
        trail.position,
        <late_in_the_trail> as late_of,
        trail.recorded_at
    from audit as trail
    where
    <asked_of_the_trail>
),

<counted>;

-- name: counts_by_case_in_trail
-- The same as `counts_by_case` out of the audit trail.
<known>,

told as (
    select
        <of_the_case> as key,
        trail.position,
        <late_in_the_trail> as late_of,
        trail.recorded_at
    from audit as trail
    left join case_figures as figures on figures.stream = trail.stream
    where
    <asked_of_the_trail>
),

<counted>;
