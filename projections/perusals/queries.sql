-- The statements of perusals 查阅, by name. Each runs with search_path = the county's views.

-- name: page
-- The looks that are sought, in the order of recording, behind a place.
select
    position,
    look,
    investigation_no,
    staff_id,
    post_id,
    unit_code,
    role,
    looked_at,
    case_no,
    part,
    known_at,
    happened_by,
    course,
    mode,
    counted_to,
    what_if_policy,
    what_if_calendar,
    result_sha256,
    bundle_sha256,
    checkpoint_size,
    checkpoint_root,
    listed,
    conditions,
    file_format
from perusals
where position > %(after)s
    and (%(investigation_no)s::text is null or investigation_no = %(investigation_no)s)
    and (%(case_no)s::text is null or case_no = %(case_no)s)
    and (%(staff_id)s::text is null or staff_id = %(staff_id)s)
    and (%(look)s::text is null or look = %(look)s)
    and (%(looked_from)s::date is null or looked_on >= %(looked_from)s)
    and (%(looked_to)s::date is null or looked_on <= %(looked_to)s)
    and (%(is_discreet)s::boolean is not true or investigation_no is null)
order by position
limit %(limit)s;
