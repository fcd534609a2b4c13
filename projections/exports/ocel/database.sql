-- The SQLite form of an object-centric log, as the OCEL 2.0 specification names its tables and columns, by name.
-- {table}, {columns}, {names}, {places} and {merged} are filled in: SQLite takes no parameters there.

-- name: fixed_tables
create table event_map_type (
    ocel_type text not null primary key,
    ocel_type_map text not null unique
);
create table object_map_type (
    ocel_type text not null primary key,
    ocel_type_map text not null unique
);
create table event (
    ocel_id text not null primary key,
    ocel_type text not null references event_map_type (ocel_type)
);
create table object (
    ocel_id text not null primary key,
    ocel_type text not null references object_map_type (ocel_type)
);
create table event_object (
    ocel_event_id text not null references event (ocel_id),
    ocel_object_id text not null references object (ocel_id),
    ocel_qualifier text not null,
    primary key (ocel_event_id, ocel_object_id, ocel_qualifier)
);
create table object_object (
    ocel_source_id text not null references object (ocel_id),
    ocel_target_id text not null references object (ocel_id),
    ocel_qualifier text not null,
    primary key (ocel_source_id, ocel_target_id, ocel_qualifier)
);

-- name: event_table
create table {table} (
    ocel_id text not null primary key references event (ocel_id),
    ocel_time timestamp not null,
    {columns}
);

-- name: object_table
create table {table} (
    ocel_id text not null references object (ocel_id),
    ocel_time timestamp not null,
    ocel_changed_field text,
    {columns}
);

-- name: object_index
-- An object has one row of what never changed, and a row for each value that did, at each time that it did.
create unique index {index} on {table} (ocel_id, coalesce(ocel_changed_field, ''), ocel_time);

-- name: event_type
insert into event_map_type values (?, ?);

-- name: object_type
insert into object_map_type values (?, ?);

-- name: event
insert into event values (?, ?);

-- name: event_values
insert into {table} values ({places});

-- name: object
insert into object values (?, ?)
on conflict (ocel_id) do nothing;

-- name: object_values
-- An object that is told more than once keeps all that was said of it.
insert into {table} values ({places})
on conflict (ocel_id, coalesce(ocel_changed_field, ''), ocel_time) do update set {merged};

-- name: object_change
-- Of what changed twice at once, the later telling stands.
insert into {table} (ocel_id, ocel_time, ocel_changed_field, {column}) values (?, ?, ?, ?)
on conflict (ocel_id, coalesce(ocel_changed_field, ''), ocel_time) do update set {column} = excluded.{column};

-- name: event_object
insert into event_object values (?, ?, ?)
on conflict do nothing;

-- name: object_object
insert into object_object values (?, ?, ?)
on conflict do nothing;

-- name: types_of_events
select ocel_type, ocel_type_map
from event_map_type
order by rowid;

-- name: types_of_objects
select ocel_type, ocel_type_map
from object_map_type
order by rowid;

-- name: events
select rowid, ocel_id, ocel_type
from event
where rowid > ?
order by rowid
limit ?;

-- name: objects
select rowid, ocel_id, ocel_type
from object
where rowid > ?
order by rowid
limit ?;

-- name: rows_of
select *
from {table}
where ocel_id in (select value from json_each(?))
order by ocel_id, ocel_time, rowid;

-- name: objects_of_events
select ocel_event_id, ocel_object_id, ocel_qualifier
from event_object
where ocel_event_id in (select value from json_each(?))
order by rowid;

-- name: objects_of_objects
select ocel_source_id, ocel_target_id, ocel_qualifier
from object_object
where ocel_source_id in (select value from json_each(?))
order by rowid;
