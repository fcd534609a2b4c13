-- Registers as of another day: the live table's rows where nothing of the register has changed since, which is nearly
-- always; else the definition's. Runs as the projector. In braces: schemas, names, and what the rows follow from.

-- name: derived
create view {as_of}.{derived} as {definition};

-- name: told
-- Behind a function, so that a statement about one case is not planned around the making of a calendar.
create function {as_of}.{told}()
returns setof {as_of}.{derived}
language plpgsql stable parallel safe
rows {rows}
as {body};

-- name: body
begin
    if {is_kept} then
        return query table {live}.{name};
    else
        return query table {as_of}.{derived};
    end if;
end

-- name: view
create view {as_of}.{name} as
select told.*
from {as_of}.{told}() as told;

-- name: governs
-- Nothing is supposed in its place.
coalesce(current_setting({setting}, true), '') = ''

-- name: is_kept
(
    coalesce(current_setting('jiandu.kept', true), '') = 'on'
    and {is_as_it_governs}
    and exists (
        select
        from {live}.projections
        where name = {name_text} and definition = {hash}
    )
    and not exists (
        select
        from {county}.events
        cross join (
            select
                coalesce(nullif(current_setting('jiandu.known_at', true), '')::timestamptz, 'infinity') as known_at,
                coalesce(nullif(current_setting('jiandu.upto', true), '')::bigint, 9223372036854775807) as upto
            offset 0
        ) as asked
        -- whatever had happened by then, registers stand whole (decision 0078)
        where ({ranges})
            and (
                recorded_at > asked.known_at
                or position > asked.upto
                or position > (
                    select position
                    from {live}.projections
                    where name = {name_text}
                )
            )
    )
)
