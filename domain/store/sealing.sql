-- The statements of the sealing worker, by name. Each runs as the sealer, with search_path = the county's schema, pg_temp.

-- name: seat
-- One process at a time seals a county; it holds this lock for as long as it is connected.
select pg_try_advisory_lock(hashtextextended('jiandu.seal.' || current_schema(), 0));

-- name: standing
-- Where sealing stands, and where the log ends.
select
    coalesce(seal.size, 0),
    coalesce(seal.roots, ''),
    coalesce(seal.heads_size, 0),
    seal.trouble,
    coalesce(log.head, 0)
from (select max(position) as head from events) as log
left join seal on seal.is_it;

-- name: to_seal
-- The next events, as leaves; whether each is the next of its stream, and was not recorded before the one before it.
select
    given.position,
    given.stream,
    given.version,
    given.topic,
    given.occurred_at,
    given.recorded_at,
    sha256(given.state),
    given.signature,
    -- what is left of a lost event
    case when given.topic = 'event.lost.v1' then given.state end,
    case
        -- a stream begins with 1, or with 0 where the library likes it so
        when given.version = 0 then not exists (
            select from events as other
            where other.stream = given.stream and other.version = 1 and other.position < given.position
        )
        when given.version = 1 then not exists (
            select from events as other
            where other.stream = given.stream and other.version = 0 and other.position > given.position
        )
        else exists (
            select from events as other
            where other.stream = given.stream and other.version = given.version - 1 and other.position < given.position
        )
    end as follows,
    coalesce(before.recorded_at <= given.recorded_at, given.position = 1) as is_in_time
from events as given
left join events as before on before.position = given.position - 1
where given.position > %(after)s and given.position <= %(until)s
order by given.position;

-- name: write_piece
-- Hashes behind those that a tile holds; writes nothing where it does not hold so many.
insert into tiles as standing (level, number, hashes)
values (%(level)s, %(number)s, %(hashes)s)
on conflict on constraint tiles_key do update
set hashes = standing.hashes || excluded.hashes
where octet_length(standing.hashes) = %(begins)s * 32
returning octet_length(hashes);

-- name: advance
-- The seal goes on from `before`; no row where it stands elsewhere.
insert into seal as standing (size, roots)
values (%(size)s, %(roots)s)
on conflict on constraint seal_key do update
set size = excluded.size, roots = excluded.roots, trouble = null
where standing.size = %(before)s
returning size;

-- name: keep_checkpoint
insert into checkpoints (size, root, note, sealed_at)
values (%(size)s, %(root)s, %(note)s, clock_timestamp());

-- name: complain
-- Says why sealing does not go on; null: it does.
insert into seal as standing (size, roots, trouble)
values (0, '', %(trouble)s)
on conflict on constraint seal_key do update
set trouble = excluded.trouble
where standing.trouble is distinct from excluded.trouble;

-- name: quarantine
insert into quarantine (position, reason, found_at)
values (%(position)s, %(reason)s, clock_timestamp())
on conflict on constraint quarantine_key do nothing
returning position;

-- name: release
-- What was quarantined and is sealed after all.
update quarantine
set adopted_at = clock_timestamp()
where position > %(before)s and position <= %(size)s and adopted_at is null;

-- name: tiles
select level, number, hashes
from tiles
join unnest(%(levels)s::smallint[], %(numbers)s::bigint[]) as given (level, number) using (level, number);

-- name: last_told
-- The last sealed event behind a position that is not about the tree itself.
select max(position)
from events
where position > %(after)s and position <= %(until)s and stream <> all (%(besides)s);

-- name: heads_between
-- The latest of each stream's events at some positions, with the hash of its leaf out of the tiles.
select
    latest.stream,
    latest.version,
    substring(tiles.hashes from (((latest.position - 1) %% 256) * 32 + 1)::integer for 32)
from (
    select distinct on (stream) stream, version, position
    from events
    where position > %(after)s and position <= %(until)s
    order by stream, version desc
) as latest
join tiles on tiles.level = 0 and tiles.number = (latest.position - 1) / 256;

-- name: places
-- The places along some ways and beside them, as far down as there are any.
with recursive down (way, depth) as (
    select way, 0
    from unnest(%(ways)s::text[]) as given (way)
    union all
    select down.way, down.depth + 1
    from down
    join heads on heads.way = left(down.way, down.depth)
    where heads.lone_way is null and down.depth < 256
)
select distinct heads.way, heads.hash, heads.lone_way
from down
cross join lateral (
    values
        (left(down.way, down.depth)),
        (left(down.way, down.depth - 1) || case substr(down.way, down.depth, 1) when '0' then '1' else '0' end)
) as place (way)
join heads on heads.way = place.way
where down.depth > 0 or place.way = '';

-- name: heads_root
select hash
from heads
where way = '';

-- name: keep_places
insert into heads (way, hash, lone_way)
select given.way, given.hash, given.lone_way
from unnest(%(ways)s::text[], %(hashes)b::bytea[], %(lone_ways)s::text[]) as given (way, hash, lone_way)
on conflict on constraint heads_key do update
set hash = excluded.hash, lone_way = excluded.lone_way;

-- name: keep_heads
update seal
set heads_size = %(size)s
where heads_size = %(before)s
returning heads_size;
