-- Views of all cases as of another day: rows of the live tables where they cannot differ, definitions for the rest.
-- Runs as the projector. In braces: schemas, the projection's name, and what its rows follow from beside its own stream.

-- name: unsettled
-- Cases that were not yet as they are now, at the moments that the settings of the transaction name; those among them
-- that had not begun have no rows then.
create view {settled}.unsettled as
select
    stream,
    first_recorded_at <= asked.known_at
        and first_occurred_at <= asked.happened_by
        and first_position <= asked.upto
        as has_begun
from {settled}.kept_case_spans()
cross join {settled}.asked
where last_recorded_at > asked.known_at or last_occurred_at > asked.happened_by or last_position > asked.upto;

-- name: asked
-- The settings as values, once for a statement.
create view {settled}.asked as
select
    coalesce(nullif(current_setting('jiandu.known_at', true), '')::timestamptz, 'infinity') as known_at,
    coalesce(nullif(current_setting('jiandu.happened_by', true), '')::timestamptz, 'infinity') as happened_by,
    coalesce(nullif(current_setting('jiandu.upto', true), '')::bigint, 9223372036854775807) as upto
offset 0;

-- name: kept
-- The live table by another name: a body of text depends on no table, so that a new one can take its place. It is
-- written into the statement like a view.
create function {settled}.{kept}()
returns setof {as_of}.{name}
language sql stable
as {body};

-- name: view
-- What the projection tells of the moments asked for.
create view {settled}.{name} as
with behind as materialized (
    -- what the tables do not hold yet
    select distinct stream
    from {county}.events
    where position > (select min(position) from {live}.projections where name in ({name_text}, 'case_spans'))
)

select kept.*
from {settled}.{kept}() as kept
where not exists (select from {settled}.unsettled where unsettled.stream = kept.stream)
    and not exists (select from behind where behind.stream = kept.stream)
    and not {is_changed}
union all
select told.*
from {as_of}.{name} as told
where told.stream = any (
    array(
        select stream
        from {settled}.unsettled
        where has_begun
        union
        select stream
        from behind
        where stream >= 'case:' and stream < 'case;'
        union
        select stream
        from {settled}.kept_case_spans()
        where {is_changed}
    )
);

-- name: is_changed
-- Whether any of the registers it stands on was not yet as it is in the table, or is supposed otherwise. Whatever had
-- happened by then, registers stand whole (decision 0078).
(
    select
        coalesce(current_setting('jiandu.policy', true), '') <> ''
        or coalesce(current_setting('jiandu.calendar', true), '') <> ''
        or exists (
            select
            from {county}.events
            cross join {settled}.asked
            where ({ranges})
                and (
                    recorded_at > asked.known_at
                    or position > asked.upto
                    or position > (select min(position) from {live}.projections where name in ({name_text}, 'case_spans'))
                )
        )
)
