-- The statements of data quality 数据质量, by name. Each runs with search_path = the county's views.

-- name: listed
-- Behind a place, in the order of recording: filtered by code, unit, case and the days on which it happened.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
)

select
    split_part(flaws.stream, ':', 2) as case_no,
    flaws.position,
    flaws.version,
    flaws.topic,
    flaws.flaw_kind,
    flaws.code,
    nullif(flaws.about, '') as about,
    flaws.target_version,
    flaws.occurred_at,
    flaws.recorded_at,
    count_working(days_between(flaws.occurred_on, flaws.recorded_on), known.working) as lag_days,
    flaws.unit_code,
    flaws.window_id,
    flaws.person,
    flaws.imported_from,
    flaws.approved_by,
    flaws.reason
from flaws
cross join known
where flaws.occurred_on between coalesce(%(first_day)s::date, '-infinity') and least(%(today)s, %(last_day)s::date)
    and (%(code)s::text is null or flaws.code = %(code)s)
    and (%(unit)s::text is null or flaws.unit_code = %(unit)s)
    and (%(stream)s::text is null or flaws.stream = %(stream)s)
    and (flaws.position, flaws.flaw_kind, flaws.code, flaws.about)
        > (%(after_position)s::bigint, %(after_kind)s::text, %(after_code)s::text, %(after_about)s::text)
order by flaws.position, flaws.flaw_kind, flaws.code, flaws.about
limit %(limit)s;

-- name: by_code
-- How often each sort of flaw occurs, in how many cases, and how long after the event it was recorded.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
)

select
    flaws.flaw_kind,
    flaws.code,
    nullif(flaws.about, '') as about,
    count(*)::integer as flaws,
    count(distinct flaws.stream)::integer as cases,
    (count(*) filter (where flaws.imported_from is not null))::integer as imported,
    percentile_disc(0.5) within group (order by lag.days)::integer as median_lag_days,
    max(lag.days)::integer as longest_lag_days
from flaws
cross join known
cross join lateral (
    -- only what came late has a lag worth telling
    select case
        when flaws.code = 'P08' or flaws.flaw_kind = 'amended'
            then count_working(days_between(flaws.occurred_on, flaws.recorded_on), known.working)
    end as days
) as lag
where flaws.occurred_on between coalesce(%(first_day)s::date, '-infinity') and least(%(today)s, %(last_day)s::date)
    and (%(code)s::text is null or flaws.code = %(code)s)
    and (%(unit)s::text is null or flaws.unit_code = %(unit)s)
    and (%(stream)s::text is null or flaws.stream = %(stream)s)
group by flaws.flaw_kind, flaws.code, flaws.about
order by flaws.flaw_kind, flaws.code, flaws.about;
