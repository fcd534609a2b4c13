-- What a township is shown: each projection and the log by the same names, narrowed to one division. Runs as the projector.
-- In braces: schemas, the projection's name, the live table's rows, and what is shown of it.
-- The setting jiandu.sight says what the division codes of everything shown begin with; unset, nothing is shown.

-- name: of_table
-- The live table by another name: a body of text depends on no table, so that a new one can take its place.
create function {seen}.{told}()
returns setof {as_of}.{name}
language sql stable
as {body};

create view {seen}.{name} as
select told.*
from {seen}.{told}() as told
where {shown};

-- name: of_view
create view {seen}.{name} as
select told.*
from {source}.{name} as told
where {shown};

-- name: case
-- Of one case: its stream begins with the case number, and that with its division.
told.stream collate "C" >= 'case:' || current_setting('jiandu.sight', true)
and told.stream collate "C" < 'case:' || current_setting('jiandu.sight', true) || ':'

-- name: case_no
-- Names a case in a column of its own.
told.case_no collate "C" >= current_setting('jiandu.sight', true)
and told.case_no collate "C" < current_setting('jiandu.sight', true) || ':'

-- name: log
-- Of the log: the division's cases, and the master data that everybody knows.
(
    told.stream collate "C" >= 'case:' || current_setting('jiandu.sight', true)
    and told.stream collate "C" < 'case:' || current_setting('jiandu.sight', true) || ':'
)
or (
    current_setting('jiandu.sight', true) <> ''
    and split_part(told.stream, ':', 1) = any ({registers})
)
