-- 办件起止 case spans: one row for each case: from when to when its events were recorded, and happened.
--
-- Over the events as they were recorded, amendments among them; where one moves an event in time, both times count. So whatever
-- is asked as of a moment behind `last_recorded_at` and `last_occurred_at` finds the case as it is now, and before the
-- first of them not at all.
select
    stream,
    min(position) as first_position,
    max(position) as last_position,
    min(recorded_at) as first_recorded_at,
    max(recorded_at) as last_recorded_at,
    min(occurred_at) as first_occurred_at,
    max(occurred_at) as last_occurred_at
from (
    select stream, position, recorded_at, occurred_at
    from parsed_events
    union all
    -- only amendments are parsed
    select stream, position, recorded_at, (fact ->> 'should_be')::timestamptz
    from parsed_events
    where topic = 'event.corrected.v1' and fact ->> 'field' = 'occurred_at'
) as told
where stream >= 'case:'
    and stream < 'case;'
    and position <= coalesce(nullif(current_setting('jiandu.upto', true), '')::bigint, 9223372036854775807)
group by stream
