-- What the exchange tables ask of the registers. Runs with search_path = the county's views.

-- name: items
select item_code, item_version, title, class_code, materials, promise_days, unit_code
from items;

-- name: units
-- The last word of each unit's stream; its 统一社会信用代码, where it has one.
select distinct on (stream)
    fact -> 'unit' ->> 'unit_code' as unit_code,
    fact -> 'unit' ->> 'title' as title,
    fact -> 'unit' ->> 'credit_code' as credit_code,
    fact -> 'unit' ->> 'division_code' as division_code
from effective_events
where stream >= 'unit:'
    and stream < 'unit;'
    and topic in ('unit.registered.v1', 'unit.changed.v1')
order by stream, version desc;

-- name: titles
-- Of windows and posts.
select place_kind, code, title
from places
where place_kind in ('window', 'post');
