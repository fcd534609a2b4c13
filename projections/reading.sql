-- The statements of reading, by name. They run with search_path = the county's views, the county, pg_temp.

-- name: standing
-- How the tables stand that are asked for, and where the log ends; in one snapshot.
select
    asked.name,
    projections.definition,
    coalesce(projections.position, 0) as position,
    projections.failed_at is not null as is_failing,
    projections.failed_after,
    projections.failed_upto,
    projections.failure,
    (select coalesce(max(position), 0) from events) as head,
    (select hash from standing_texts where standing_texts.name = 'as_of') as definitions_hash
from unnest(%(names)s::text[]) as asked (name)
left join projections on projections.name = asked.name;

-- name: give_up_after
select set_config('statement_timeout', %(milliseconds)s, true);

-- name: known_position
-- The last position recorded by then.
select position_recorded_by(%(known_at)s, %(head)s);

-- name: policies
select version
from policies
order by valid_from, version;

-- name: calendar_of_working_days
select calendar_version
from working_days;

-- name: calendar_of_days
-- Every day is named by the same version.
select calendar_version
from calendar
limit 1;

-- name: case_began
-- The first event of a stream; nothing where there is none.
select position, recorded_at
from events
where stream = %(stream)s
order by version
limit 1;

-- name: stands
-- Whether anything of the stream is left of what was asked for.
select exists (
    select
    from effective_events
    where stream = %(stream)s
);

-- name: look_at
-- To the end of the transaction, whose search_path begins with the definitions: as known and as happened by then.
select
    set_config('jiandu.known_at', %(known_at)s, true),
    set_config('jiandu.happened_by', %(happened_by)s, true),
    set_config('jiandu.upto', %(upto)s, true);

-- name: show_definitions
-- To the end of the transaction the projections' names mean their definitions, not their tables; of registers that
-- have not changed since, the tables do.
select
    set_config('jiandu.kept', 'on', true),
    set_config('search_path', current_schema() || '_as_of, ' || current_setting('search_path'), true);

-- name: stand_as_defined
-- Whether these tables are there, each of the definition that is asked for; not so where none is asked for.
select coalesce(bool_and(projections.definition is not distinct from asked.hash), false)
from unnest(%(names)s::text[], %(hashes)s::text[]) as asked (name, hash)
left join projections on projections.name = asked.name;

-- name: show_settled
-- Behind `show_definitions`: of all cases, the tables tell those that are now as they were then. How many these are, the
-- planner cannot know; what it takes for a few dozen would be joined row by row with as many.
select
    set_config('enable_nestloop', 'off', true),
    set_config(
        'search_path',
        regexp_replace(current_schema(), '_as_of$', '_settled') || ', ' || current_setting('search_path'),
        true
    );
