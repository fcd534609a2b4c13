-- The statements of reading, by name. They run with search_path = the county's views, the county, pg_temp.

-- part: looked_at
-- As known and as happened by then, up to a position; and the last position that was recorded by then.
set_config('jiandu.known_at', %(known_at)s, true),
    set_config('jiandu.happened_by', %(happened_by)s, true),
    set_config('jiandu.upto', %(upto)s, true),
    case %(known_at)s
        when '' then %(upto)s::bigint
        else position_recorded_by(nullif(%(known_at)s, '')::timestamptz, %(upto)s::bigint)
    end as position

-- part: policies
array(
        select version
        from policies
        order by valid_from, version
    )

-- name: versions_of_policies
select <policies>, '{}'::text[];

-- name: versions_of_policies_and_days
-- Every day is named by the same version.
select
    <policies>,
    array(
        select calendar_version
        from calendar
        limit 1
    );

-- name: versions_of_policies_and_working_days
select
    <policies>,
    array(
        select calendar_version
        from working_days
    );

-- name: versions_of_days
select
    '{}'::text[],
    array(
        select calendar_version
        from calendar
        limit 1
    );

-- name: versions_of_working_days
select
    '{}'::text[],
    array(
        select calendar_version
        from working_days
    );

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

-- name: began_at
-- When the first of what is left of the stream happened; null where nothing is.
select min(occurred_at)
from effective_events
where stream = %(stream)s;

-- name: look_at
-- To the end of the transaction, whose search_path begins with the definitions.
select
    <looked_at>;

-- name: show_definitions
-- To the end of the transaction the projections' names mean their definitions, not their tables; of registers that
-- have not changed since, the tables do.
select
    set_config('jiandu.kept', 'on', true),
    set_config('search_path', current_schema() || '_as_of, ' || current_setting('search_path'), true),
    <looked_at>;

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

-- name: show_division
-- To the end of the transaction the names mean what is shown of one division, of whatever they meant before.
select
    set_config('jiandu.sight', %(sight)s, true),
    set_config(
        'search_path',
        (
            select string_agg(trim(part) || '_seen', ', ' order by place)
            from unnest(string_to_array(current_setting('search_path'), ',')) with ordinality as path (part, place)
            where trim(part) ~ '_views(_as_of|_settled)?$'
        ) || ', ' || current_setting('search_path'),
        true
    );
