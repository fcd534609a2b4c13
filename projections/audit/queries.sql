-- The statements of the audit trail, by name. {trail} is its table, also where another day is asked for: what follows
-- from a position alone is the same then. Each runs in one snapshot.

-- part: entry
-- What is told of an event.
    trail.position,
    trail.stream,
    trail.version,
    trail.topic,
    trail.occurred_at,
    trail.recorded_at,
    trail.person,
    trail.item_code,
    trail.approvers,
    trail.marks,
    trail.voided_from <= %(upto)s as is_voided,
    trail.corrected_from <= %(upto)s as is_corrected,
    trail.device_id is not null as has_device,
    events.state

-- name: place
-- Where the table stands, whatever view of its name comes before it; and how far it is, by which definition.
select
    found.nspname,
    kept.definition,
    coalesce(kept.position, 0) as position
from pg_class as relation
join pg_namespace as found on found.oid = relation.relnamespace
left join projections as kept on kept.name = 'audit'
where relation.relname = 'audit' and relation.relkind = 'r' and found.nspname = any (current_schemas(false))
limit 1;

-- name: working_days
-- Every day of the calendar has its ordinal: the how-many-eth working day it is or follows.
select min(day), array_agg(ordinal order by day)
from calendar;

-- name: position_before
-- The last position recorded before a moment, 0 where there is none.
select position_recorded_before(%(moment)s, %(upto)s);

-- name: in_order_of_recording
select
    <entry>
from (
    select *
    from {trail} as trail
    where position > %(after)s and position <= %(upto)s and {conditions}
    order by position
    limit %(limit)s
) as trail
join events on events.position = trail.position
order by trail.position;

-- name: in_order_of_occurrence
-- The time that was told when it was recorded; a corrected time stands beside it.
select
    <entry>
from (
    select *
    from {trail} as trail
    where position <= %(upto)s
        and (occurred_at, position) > (
            coalesce((select occurred_at from {trail} as last where last.position = %(after)s), '-infinity'),
            %(after)s
        )
        and {conditions}
    order by occurred_at, position
    limit %(limit)s
) as trail
join events on events.position = trail.position
order by trail.occurred_at, trail.position;

-- name: amendments
-- The corrections and voids of these records, with what they say.
select
    trail.position,
    trail.stream,
    trail.topic,
    trail.recorded_at,
    trail.person,
    trail.post_id,
    events.state
from {trail} as trail
join events on events.position = trail.position
where trail.stream = any (%(streams)s)
    and trail.topic in ('event.corrected.v1', 'event.voided.v1')
    and trail.position <= %(upto)s
order by trail.position;

-- name: amended
-- What the amendments of a page are about.
select trail.stream, trail.version, trail.position, trail.topic
from unnest(%(streams)s::text[], %(versions)s::bigint[]) as told (stream, version)
join {trail} as trail on trail.stream = told.stream and trail.version = told.version;

-- name: device_numbers
-- Of events that a device sent: whether numbers are missing between theirs and the one before, and whether another
-- recording came with the same.
select
    told.position,
    told.device_seq > (
        select max(trail.device_seq) + 1
        from {trail} as trail
        where trail.device_id = told.device_id and trail.device_seq < told.device_seq and trail.position <= %(upto)s
    ) as is_gap,
    exists (
        select
        from {trail} as trail
        where trail.device_id = told.device_id
            and trail.device_seq = told.device_seq
            and trail.position <= %(upto)s
            and (trail.stream, trail.recorded_at) <> (told.stream, told.recorded_at)
    ) as is_repeated
from {trail} as told
where told.position = any (%(positions)s);

-- name: device_gaps
-- Numbers of a device between two that arrived.
select device_id, number_before + 1 as first_missing, device_seq - 1 as last_missing, position
from (
    select
        device_id,
        device_seq,
        min(position) as position,
        lag(device_seq) over (partition by device_id order by device_seq) as number_before
    from {trail} as trail
    where device_id is not null and position <= %(upto)s
    group by device_id, device_seq
) as numbered
where device_seq > number_before + 1
order by device_id, device_seq
limit %(limit)s;

-- name: device_repeats
-- Numbers with which a device sent more than one recording; the events of one recording share its number.
select device_id, device_seq, array_agg(position order by position) as positions
from (
    select device_id, device_seq, min(position) as position
    from {trail} as trail
    where device_id is not null and position <= %(upto)s
    group by device_id, device_seq, stream, recorded_at
) as recording
group by device_id, device_seq
having count(*) > 1
order by device_id, device_seq
limit %(limit)s;

-- name: position_gaps
-- Positions that nothing stands at, though something stands behind them: never, unless somebody took it away.
select position_before + 1 as first_missing, position - 1 as last_missing
from (
    select position, lag(position, 1, 0::bigint) over (order by position) as position_before
    from events
    where position <= %(upto)s
) as numbered
where position > position_before + 1
order by position
limit %(limit)s;

-- name: version_gaps
-- Likewise the versions of a stream.
select
    trail.stream,
    coalesce(before.version, 0) + 1 as first_missing,
    trail.version - 1 as last_missing,
    trail.position
from {trail} as trail
left join lateral (
    select max(earlier.version) as version
    from {trail} as earlier
    where earlier.stream = trail.stream and earlier.version < trail.version
) as before on true
where trail.marks <> '{{}}' and trail.marks @> array['version-gap'] and trail.position <= %(upto)s
    and {conditions}
order by trail.position
limit %(limit)s;

-- name: counted
-- How many events the log holds up to a position, without what it says of its own tree, and how many of them the trail tells.
select
    (
        select count(*)
        from events
        where position <= %(upto)s and stream not like 'heads:%%' and stream not like 'cosignatures:%%'
    ) as recorded,
    (select count(*) from {trail} as trail where position <= %(upto)s) as told;
