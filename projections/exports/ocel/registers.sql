-- The registers as the objects of an object-centric log name them. Runs with search_path = the county's views.

-- name: items
select item_code, item_version, title, kind, unit_code, legal_days, promise_days
from items;

-- name: places
-- Units, windows, posts and points; of staff no more is known than their numbers.
select place_kind, code, title, unit_code
from places
where place_kind <> 'staff';
