-- The statements of the recordings 登记, by name. Each runs with search_path = the county's views.

-- name: recorded_before
-- The last position recorded before a moment.
select position_recorded_before(%(moment)s, (select coalesce(max(position), 0) from events));

-- name: counts
-- Of the events between two positions: how many were recorded, how many of them as late records, and how many working
-- days late those were in the middle and at most.
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
),

told as materialized (
    select
        case %(by)s::text
            when 'unit' then envelope -> 'actor' ->> 'unit_code'
            when 'window' then envelope -> 'actor' ->> 'window_id'
            when 'post' then envelope -> 'actor' ->> 'post_id'
            when 'person' then envelope -> 'actor' ->> 'staff_id'
        end as key,
        case
            when envelope -> 'circumstances' ? 'backfill' then (occurred_at at time zone 'Asia/Shanghai')::date
        end as late_of,
        recorded_at
    from effective_events
    where position > %(after)s and position <= %(upto)s and topic like 'case.%%'
),

lags as (
    select
        key,
        count(*) as backfilled,
        percentile_disc(0.5) within group (order by lag.days) as median_lag_days,
        max(lag.days) as longest_lag_days
    from told
    cross join known
    cross join lateral (
        select
            width_bucket((recorded_at at time zone 'Asia/Shanghai')::date, known.working)
            - width_bucket(late_of, known.working) as days
    ) as lag
    where late_of is not null
    group by key
)

select
    told.key,
    count(*) as events,
    coalesce(max(lags.backfilled), 0) as backfilled,
    max(lags.median_lag_days) as median_lag_days,
    max(lags.longest_lag_days) as longest_lag_days
from told
left join lags on coalesce(lags.key, '') = coalesce(told.key, '')
group by told.key
order by told.key nulls last;
