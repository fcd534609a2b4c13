-- The statements of investigations 核查, by name. Each runs with search_path = the county's views.
-- Nobody is shown one that is about them; whom it is not open to does not see it (`is_watcher`, `staff_id`, `person_ref`).

-- name: page
-- The investigations that are sought, latest first, behind a place.
select
    investigation_no,
    authority,
    document_no,
    officers,
    case_nos,
    persons,
    divisions,
    matter,
    opened_at,
    opened_by,
    holds,
    holds_standing,
    result,
    findings,
    conclusion_no,
    concluded_at,
    opened_position
from investigations
where opened_position < %(before)s
    and (%(investigation_no)s::text is null or investigation_no = %(investigation_no)s)
    and (%(is_concluded)s::boolean is null or (concluded_at is not null) = %(is_concluded)s)
    and (%(officer)s::text is null or %(officer)s = any (officers))
    and (%(case_no)s::text is null or %(case_no)s = any (case_nos))
    and (%(is_holding)s::boolean is null or (holds_standing > 0) = %(is_holding)s)
    and (%(is_watcher)s::boolean or %(staff_id)s = any (officers))
    and not persons && array[%(staff_id)s, %(person_ref)s]::text[]
order by opened_position desc
limit %(limit)s;
