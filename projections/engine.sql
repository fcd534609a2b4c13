-- The statements of the engine, by name. They run with search_path = the county's views, the county, pg_temp.

-- name: lock
-- One worker keeps each projection for as long as its connection lives.
select pg_try_advisory_lock(hashtextextended('jiandu.projection.' || current_schema() || '.' || %(name)s, 0));

-- name: narrow
-- To the end of the transaction: events up to a position, nothing else left out.
select
    set_config('jiandu.upto', %(upto)s, true),
    set_config('jiandu.known_at', '', true),
    set_config('jiandu.happened_by', '', true);

-- name: plan_once
-- To the end of the transaction: a statement that is asked again is not planned for what it is asked.
set local plan_cache_mode = force_generic_plan;

-- name: last_position
select coalesce(max(position), 0)
from events;

-- name: register
insert into projections (name)
select unnest(%(names)s::text[])
on conflict on constraint projections_name_key do nothing;

-- name: states
select
    name,
    definition,
    position,
    refreshed_at,
    is_rebuild_wanted,
    building,
    building_position,
    built_keys,
    total_keys,
    is_filled,
    failed_at,
    failed_after,
    failed_upto,
    failure
from projections;

-- name: touched
-- Streams, and topics of their events, behind one position and up to another, and whether the rules flagged one of
-- them. The bytes are canonical and a quotation mark within a text is escaped: what is not found there was flagged, or
-- was written by somebody else.
select stream, topic, bool_or(position('"irregularities":[]'::bytea in state) = 0) as is_flagged
from events
where position > %(after)s and position <= %(upto)s
group by stream, topic;

-- name: passed_on
-- The keys that projections changed behind one position and up to another.
select distinct projection, via, key
from changes
where position > %(after)s and position <= %(upto)s;

-- name: pass_on
insert into changes (projection, via, position, key)
select %(projection)s, %(via)s, %(position)s, key
from unnest(%(keys)s::text[]) as given (key)
on conflict on constraint changes_key do nothing;

-- name: forget_passed
-- What every projection has taken in need not be remembered.
delete from changes
where position <= (select min(least(position, building_position)) from projections);

-- name: advanced
update projections
set
    position = %(position)s,
    refreshed_at = clock_timestamp(),
    failed_at = null,
    failed_after = null,
    failed_upto = null,
    failure = null
where name = any (%(names)s);

-- name: want_rebuild
-- Whoever asks believes that the cause of a failure is mended.
update projections
set
    is_rebuild_wanted = true,
    failed_at = null,
    failed_after = null,
    failed_upto = null,
    failure = null
where name = %(name)s;

-- name: building_began
update projections
set
    is_rebuild_wanted = false,
    building = %(definition)s,
    building_position = %(position)s,
    built_keys = 0,
    total_keys = %(total)s,
    is_filled = false
where name = %(name)s;

-- name: cut
-- Portions of one size, so that the hands end together: four or a multiple of it, of no more keys than can be gathered and
-- sorted in memory, and of no fewer than so many. Each reads most pages of the log where its cases lie far apart. Streams
-- that begin behind the position are counted too: then the index alone is read.
insert into portions (projection, portion, above, upto, keys)
select
    %(name)s,
    portion,
    lag(last_key) over in_order,
    case when lead(portion) over in_order is not null then last_key end,
    keys
from (
    select
        n / greatest(%(least)s, (total - 1) / (4 * ((total - 1) / (4 * %(most)s) + 1)) + 1) as portion,
        max(key) as last_key,
        count(*) as keys
    from (
        select key, row_number() over (order by key) - 1 as n, count(*) over () as total
        from (
            -- a stream begins at version 1, the library's at 0
            select stream as key
            from unnest(%(kinds)s::text[]) as given (kind)
            join events on stream >= kind || ':' and stream < kind || ';' and version <= 1
            union
            select key collate "C"
            from unnest(%(keys)s::text[]) as given (key)
            where key is not null
        ) as keys
    ) as numbered
    group by portion
) as cut
window in_order as (order by portion);

-- name: cut_once
-- A table without keys, as far as anybody knows, is one portion all the same.
insert into portions (projection, portion, keys)
select %(name)s, 0, 0
where not exists (select from portions where projection = %(name)s);

-- name: cut_alike
insert into portions (projection, portion, above, upto, keys)
select %(name)s, portion, above, upto, keys
from portions
where projection = %(fellow)s;

-- name: uncut
delete from portions
where projection = %(name)s;

-- name: planned
select coalesce(sum(keys), 0)::bigint
from portions
where projection = %(name)s;

-- name: claim
-- A portion that nobody fills, first the one whose events lie at hand, then one that other hands do not look for first;
-- it is the caller's to the end of the transaction.
select portions.projection, portions.portion, portions.above, portions.upto, portions.keys, projections.building_position
from portions
join projections on projections.name = portions.projection
where portions.projection = any (%(names)s)
    and projections.building is not null
    and not portions.is_filled
order by
    (portions.above is not distinct from %(above)s and portions.upto is not distinct from %(upto)s) desc,
    portions.portion %% %(hands)s = %(hand)s desc,
    portions.portion,
    portions.projection
limit 1
for update of portions skip locked;

-- name: claim_alike
-- The same keys of other tables, as long as they are built up to the same position: what is gathered serves them too, and
-- no other hand gathers it again.
select portions.projection, portions.portion, portions.above, portions.upto, portions.keys, projections.building_position
from portions
join projections on projections.name = portions.projection
where portions.projection = any (%(names)s)
    and portions.above is not distinct from %(above)s
    and portions.upto is not distinct from %(upto)s
    and projections.building_position = %(position)s
    and not portions.is_filled
order by portions.projection
for update of portions skip locked;

-- name: claim_filled
-- A table whose portions are all filled, first the one that takes the place of the largest, for it takes longest; it is the
-- caller's to the end of the transaction. Whoever finishes it deletes its portions, so nobody finishes it twice.
select portions.projection
from portions
join projections on projections.name = portions.projection
where portions.projection = any (%(names)s)
    and portions.portion = 0
    and projections.building is not null
    and not projections.is_filled
    and not exists (
        select from portions as waiting where waiting.projection = portions.projection and not waiting.is_filled
    )
order by
    -- as it was counted: its size as it is would have to wait for whoever has locked it
    (select relpages from pg_class where oid = to_regclass(quote_ident(portions.projection))) desc nulls last,
    portions.projection
limit 1
for update of portions skip locked;

-- name: portion_filled
update portions
set is_filled = true
where projection = %(name)s and portion = %(portion)s;

-- name: filled
update projections
set
    built_keys = built_keys + %(keys)s,
    failed_at = null,
    failed_after = null,
    failed_upto = null,
    failure = null
where name = %(name)s;

-- name: is_filled
update projections
set is_filled = true
where name = %(name)s;

-- name: building_advanced
update projections
set building_position = %(position)s
where name = %(name)s;

-- name: switched
update projections
set
    definition = building,
    position = building_position,
    refreshed_at = clock_timestamp(),
    building = null,
    building_position = null,
    is_filled = false,
    failed_at = null,
    failed_after = null,
    failed_upto = null,
    failure = null
where name = %(name)s;

-- name: failed
update projections
set
    failed_at = clock_timestamp(),
    failed_after = %(after)s,
    failed_upto = %(upto)s,
    failure = %(failure)s
where name = %(name)s;

-- name: standing_text
select hash
from standing_texts
where name = 'as_of';

-- name: stands_by
insert into standing_texts (name, hash)
values ('as_of', %(hash)s)
on conflict on constraint standing_texts_name_key do update
set hash = excluded.hash;

-- name: as_of_views
select viewname
from pg_views
where schemaname = current_schema() || '_as_of';

-- name: hold
-- The first statement of a transaction that reads tables in one snapshot: none of them is switched until its end.
lock table switching in access share mode;

-- name: hold_definitions
-- Likewise of one that reads the definitions' views: they are not made anew until its end. Whoever waits for who makes
-- them holds up no switch meanwhile: that one is locked last.
lock table defining, switching in access share mode;

-- name: give_way_soon
-- To the end of the transaction: behind whoever waits for a lock everybody else waits, so it gives up and comes again.
set local lock_timeout = '1s';

-- name: define_alone
-- Waits for who reads the definitions' views; who comes later waits for what is made here, and takes its snapshot behind it.
lock table defining in access exclusive mode;

-- name: give_way_at_once
-- Likewise while views are held for which readers of events wait, and others are still to be had that the same readers may
-- have read: waiting for each of the three in turn takes less than the second after which a server ends who waits in a circle.
set local lock_timeout = '250ms';

-- name: lock_views
-- One process at a time makes the views.
select pg_advisory_lock(hashtextextended('jiandu.projections.' || current_schema(), 0));

-- name: unlock_views
select pg_advisory_unlock(hashtextextended('jiandu.projections.' || current_schema(), 0));
