-- 工作日 working_days: one row; all working days, ascending, as day_sets.sql counts them. Who counts reads it once:
-- gathering them out of the calendar takes longer than a case.
with written as materialized (
    -- 假设: what a transaction has written out of the calendar that it supposes, once for all it asks
    select nullif(current_setting('jiandu.working_days', true), '')::jsonb as told
)

select
    calendar_version,
    array_agg(day order by day) filter (where is_working) as working,
    min(day) filter (where is_provisional) as provisional_from
from calendar
where not exists (select from written where told is not null)
group by calendar_version
union all
select
    told ->> 'calendar_version',
    (told ->> 'working')::date[],
    (told ->> 'provisional_from')::date
from written
where told is not null
