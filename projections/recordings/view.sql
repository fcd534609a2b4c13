-- 登记 recordings: how many events of a case an actor recorded, by the day on which they happened and the day on which
-- they were recorded; and how many of them came with the reason of a late record, 补录.
select
    stream,
    envelope -> 'actor' ->> 'unit_code' as unit_code,
    envelope -> 'actor' ->> 'window_id' as window_id,
    envelope -> 'actor' ->> 'post_id' as post_id,
    envelope -> 'actor' ->> 'staff_id' as person,
    (occurred_at at time zone 'Asia/Shanghai')::date as occurred_on,
    (recorded_at at time zone 'Asia/Shanghai')::date as recorded_on,
    count(*)::integer as events,
    count(*) filter (where envelope -> 'circumstances' ? 'backfill')::integer as backfilled
from effective_events
where topic like 'case.%'
group by 1, 2, 3, 4, 5, 6, 7
