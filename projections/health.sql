-- The statements of the views' health, by name. They run with search_path = the county's views, the county.

-- name: event_at
-- The event over which a view stopped.
select stream, topic
from events
where position = %(position)s;
