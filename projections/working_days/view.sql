-- 工作日 working_days: one row; all working days, ascending, as day_sets.sql counts them. Who counts reads it once:
-- gathering them out of the calendar takes longer than a case.
select
    calendar_version,
    array_agg(day order by day) filter (where is_working) as working,
    min(day) filter (where is_provisional) as provisional_from
from calendar
group by calendar_version
