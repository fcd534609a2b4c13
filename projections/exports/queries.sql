-- The statements of the exports, by name. Each runs with search_path = the county's views.

-- name: exported
-- The cases that an export is asked for: those that began in the period, of the item, that the unit has held.
select case_card.stream
from case_card
where (%(item_code)s::text is null or case_card.item_code = %(item_code)s)
    and (
        %(since)s::date is null
        or (case_card.began_at at time zone 'Asia/Shanghai')::date >= %(since)s::date
    )
    and (
        %(until)s::date is null
        or (case_card.began_at at time zone 'Asia/Shanghai')::date <= %(until)s::date
    )
    and (
        %(unit_code)s::text is null
        or case_card.stream in (select custody.stream from custody where custody.holder_unit = %(unit_code)s)
    )
order by case_card.stream;

-- name: told
-- What stands of these cases, in the order in which it happened; with how many working days it was recorded later.
with known as materialized (
    select array_agg(day order by day) as working
    from calendar
    where is_working
)

select
    told.stream,
    told.position,
    told.version,
    told.topic,
    told.occurred_at,
    told.recorded_at,
    told.fact,
    told.envelope,
    count_working(
        days_between(
            (told.occurred_at at time zone 'Asia/Shanghai')::date,
            (told.recorded_at at time zone 'Asia/Shanghai')::date
        ),
        known.working
    ) as lag_days
from effective_events as told
cross join known
where told.stream = any (%(streams)s)
order by told.stream, told.occurred_at, told.position;

-- name: stop_at
-- Nothing recorded beyond the position is read, whatever the log has grown to meanwhile.
select set_config('jiandu.upto', %(position)s, true);
