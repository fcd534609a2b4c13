-- The statements of standing, by name. They run with search_path = the county's views, the county, pg_temp.

-- name: standing
-- How the tables stand that are asked for, and where the log ends; in one snapshot. Statements behind it are ended when
-- they take longer than so many milliseconds.
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
left join projections on projections.name = asked.name
cross join (select set_config('statement_timeout', %(milliseconds)s, true) as within offset 0) as given_up
where given_up.within is not null;

-- name: stand_as_defined
-- Whether these tables are there, each of the definition that is asked for; not so where none is asked for.
select coalesce(bool_and(projections.definition is not distinct from asked.hash), false)
from unnest(%(names)s::text[], %(hashes)s::text[]) as asked (name, hash)
left join projections on projections.name = asked.name;
