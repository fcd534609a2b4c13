-- Every calendar day 工作日历: is it worked, and the how-many-eth working day it is or follows.
-- The working days d with a < d <= b number ordinal(b) - ordinal(a).  Source: 行政许可法 Art. 82, 民法典 Art. 201.
with shipped as (
    select (entry ->> 'year')::integer as year, entry
    from jsonb_array_elements(:'shipped'::jsonb) as given (entry)
),

-- 假设: the setting jiandu.calendar of a transaction, a list of years as they are shipped, stands for the county's own
supposed as (
    select nullif(current_setting('jiandu.calendar', true), '')::jsonb as years
),

-- the last word of each year's stream; a county's own year stands before the shipped one
published as (
    select distinct on (stream) (fact -> 'calendar' ->> 'year')::integer as year, fact -> 'calendar' as entry
    from effective_events
    where stream >= 'calendar:'
        and stream < 'calendar;'
        and topic in ('calendar.published.v1', 'calendar.amended.v1')
    order by stream, version desc
),

county as (
    select year, entry
    from published
    where not exists (select from supposed where years is not null)
    union all
    select (entry ->> 'year')::integer as year, entry
    from supposed
    cross join lateral jsonb_array_elements(years) as told (entry)
),

bounds as (
    select min(year) as first_year, max(year) as last_year
    from (
        select year
        from shipped
        union all
        select year
        from county
    ) as told
),

years as (
    select
        year,
        -- a year between them that nobody published is provisional
        coalesce((coalesce(county.entry, shipped.entry) ->> 'is_provisional')::boolean, true) as is_provisional,
        coalesce(county.entry, shipped.entry) as entry
    from bounds
    cross join lateral (
        -- limit: else the planner takes every series for a thousand rows, and their product for half a milliard
        select year
        from generate_series(first_year, last_year) as span (year)
        limit 200
    ) as span
    left join county using (year)
    left join shipped using (year)
),

-- one for each day
exceptions as (
    select day, bool_and(is_working) as is_working
    from (
        select (exception ->> 'day')::date as day, (exception ->> 'is_working')::boolean as is_working
        from years
        cross join lateral jsonb_array_elements(entry -> 'exceptions') as told (exception)
        union all
        select (year || '-' || month_and_day)::date, false
        from years
        cross join lateral jsonb_array_elements_text(:'fixed_by_law'::jsonb) as fixed (month_and_day)
        where entry is null
    ) as told
    group by day
),

days as (
    select
        year,
        is_provisional,
        moment::date as day,
        coalesce(exceptions.is_working, extract(isodow from moment) < 6) as is_working
    from years
    cross join lateral (
        select moment
        from generate_series(
            make_date(year, 1, 1)::timestamp, make_date(year, 12, 31)::timestamp, interval '1 day'
        ) as span (moment)
        limit 366
    ) as span
    left join exceptions on exceptions.day = moment::date
),

-- named by content, as the rules name it: equal calendars have one version wherever they were composed
named as (
    select
        coalesce(max(year) filter (where not is_provisional), 0)
        || '-'
        || left(encode(sha256(convert_to(string_agg(said, '' order by year), 'UTF8')), 'hex'), 12) as calendar_version
    from (
        select
            year,
            is_provisional,
            year
            || case when is_provisional then ' True' else ' False' end
            || string_agg(to_char(day, 'YYYY-MM-DD'), ' ' order by day) filter (where is_working) as said
        from days
        group by year, is_provisional
    ) as each_year
)

select
    day,
    (count(*) filter (where is_working) over (order by day))::integer as ordinal,
    is_working,
    is_provisional,
    calendar_version
from days
cross join named
