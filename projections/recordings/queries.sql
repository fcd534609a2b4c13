-- The statements of the recordings 登记, by name. Each runs with search_path = the county's views.

-- name: counts
-- How many events were recorded in a span of days, how many of them as late records, and how many working days late those
-- were in the middle.
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
),

told as materialized (
    select
        case %(by)s::text
            when 'unit' then unit_code
            when 'window' then window_id
            when 'post' then post_id
            when 'person' then person
        end as key,
        events,
        backfilled,
        case
            when backfilled > 0 then width_bucket(recorded_on, working) - width_bucket(occurred_on, working)
        end as lag_days
    from recordings
    cross join known
    where recorded_on between %(first)s and %(last)s
),

sums as (
    select key, sum(events) as events, sum(backfilled) as backfilled
    from told
    group by key
),

lags as (
    select key, percentile_disc(0.5) within group (order by lag_days) as median_lag_days, max(lag_days) as longest_lag_days
    from told
    cross join lateral generate_series(1, backfilled)
    group by key
)

select sums.key, sums.events, sums.backfilled, lags.median_lag_days, lags.longest_lag_days
from sums
left join lags on lags.key is not distinct from sums.key
order by sums.key nulls last;
