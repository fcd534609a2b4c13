-- The statements about witnesses, by name. Each runs as the sealer, with search_path = the county's schema, pg_temp.

-- name: seat
-- One process at a time asks a county's witnesses; it holds this lock for as long as it is connected.
select pg_try_advisory_lock(hashtextextended('jiandu.witness.' || current_schema(), 0));

-- name: now
select clock_timestamp();

-- name: introduce
insert into witnesses (vkey, name, asked_since)
values (%(vkey)s, %(name)s, clock_timestamp())
on conflict on constraint witnesses_key do update
set name = excluded.name
where witnesses.name <> excluded.name;

-- name: known
select vkey, name, size, line, asked_since, seen_at, trouble, trouble_since
from witnesses
where vkey = any (%(vkeys)s);

-- name: cosigned
-- A cosignature, and with it the end of any trouble but a memory that was put back: that one is told for a day.
update witnesses
set
    line = case when %(size)s >= size then %(line)s else line end,
    size = greatest(size, %(size)s),
    seen_at = clock_timestamp(),
    trouble = coalesce(%(trouble)s::text, case when told_still then trouble end),
    trouble_since = case when %(trouble)s::text is not null then clock_timestamp() when told_still then trouble_since end
from (
    select trouble = 'forgetful' and trouble_since > clock_timestamp() - interval '1 day' as told_still
    from witnesses
    where vkey = %(vkey)s
) as before
where vkey = %(vkey)s;

-- name: in_trouble
update witnesses
set
    trouble = %(trouble)s,
    trouble_since = case when trouble = %(trouble)s then trouble_since else clock_timestamp() end
where vkey = %(vkey)s;

-- name: waits_since
-- When the first event behind a size was recorded.
select recorded_at
from events
where position > %(size)s
order by position
limit 1;
