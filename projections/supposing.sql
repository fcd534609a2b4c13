-- The statements of what-if 假设, by name. They run with search_path = the definitions, the county's views, the county.

-- name: published_policy
-- The last word of a version.
select fact -> 'policy'
from effective_events
where stream = 'policy:county'
    and topic = 'policy.published.v1'
    and fact -> 'policy' ->> 'version' = %(version)s
order by version desc
limit 1;

-- name: calendar_changes
-- Where the county's own calendar changed, the latest first.
select distinct position
from events
where stream >= 'calendar:' and stream < 'calendar;' and position <= %(head)s
order by position desc;

-- name: upto
select
    set_config('jiandu.upto', %(upto)s, true),
    set_config('jiandu.known_at', '', true),
    set_config('jiandu.happened_by', '', true);

-- name: calendar_version
select distinct calendar_version
from calendar;

-- name: county_years
-- The last word of each year that the county published.
select distinct on (stream) fact -> 'calendar'
from effective_events
where stream >= 'calendar:'
    and stream < 'calendar;'
    and topic in ('calendar.published.v1', 'calendar.amended.v1')
order by stream, version desc;

-- name: suppose
-- To the end of the transaction; empty supposes nothing.
select
    set_config('jiandu.policy', %(policy)s, true),
    set_config('jiandu.calendar', %(calendar)s, true);

-- name: write_out
-- The working days of the supposed calendar. Whatever is asked behind this, of whatever day, is asked of these.
select set_config(
    'jiandu.working_days',
    jsonb_build_object(
        'calendar_version', calendar_version,
        'working', working::text,
        'provisional_from', provisional_from
    )::text,
    true
)
from working_days;
