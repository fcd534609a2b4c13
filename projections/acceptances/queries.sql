-- The statements of acceptances 受理, by name. Each runs with search_path = the county's views.

-- name: idle_windows
-- 零办件: the windows open on `today` that have accepted no case in the policy's last working days, longest idle first.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

governing as (
    select zero_activity_days
    from policies
    where valid_from <= %(today)s
    order by valid_from desc
    limit 1
),

latest as (
    select window_id, max(accepted_on) as accepted_on
    from acceptances
    where accepted_on <= %(today)s and window_id is not null
    group by window_id
)

select
    places.code as window_id,
    places.title,
    places.sort as window_kind,
    places.unit_code,
    places.opened_on,
    latest.accepted_on as last_accepted_on,
    idle.days as idle_days,
    governing.zero_activity_days as limit_days
from places
cross join known
cross join governing
left join latest on latest.window_id = places.code
cross join lateral (
    -- the eve of the first day counts as an acceptance would
    select count_working(
        days_between(greatest(places.opened_on - 1, latest.accepted_on), %(today)s), known.working
    ) as days
) as idle
where places.place_kind = 'window'
    and places.opened_on <= %(today)s
    and coalesce(places.closed_on > %(today)s, true)
    and idle.days >= governing.zero_activity_days
    and coalesce(places.unit_code = %(unit)s::text, %(unit)s::text is null)
order by idle.days desc, places.code;

-- name: accepted_twice
-- 两头受理: two cases of one applicant about one matter, accepted at two units or windows while both lived, or which the
-- centre has linked.
with accepted as materialized (
    select
        stream,
        applicant_ref,
        item_code,
        object_ref,
        unit_code,
        window_id,
        received_at,
        accepted_at,
        over_at,
        linked_cases
    from acceptances
    where applicant_ref is not null and accepted_on <= %(today)s
)

select
    split_part(earlier.stream, ':', 2) as case_no,
    earlier.unit_code,
    earlier.window_id,
    earlier.accepted_at,
    split_part(later.stream, ':', 2) as other_case_no,
    later.unit_code as other_unit_code,
    later.window_id as other_window_id,
    later.accepted_at as other_accepted_at,
    earlier.applicant_ref,
    earlier.item_code,
    earlier.object_ref,
    found.both_lived,
    found.is_linked
from accepted as later
join accepted as earlier
    on earlier.applicant_ref = later.applicant_ref
    and earlier.item_code = later.item_code
    and earlier.object_ref is not distinct from later.object_ref
    and (earlier.accepted_at, earlier.stream) < (later.accepted_at, later.stream)
    and (earlier.unit_code, earlier.window_id) is distinct from (later.unit_code, later.window_id)
cross join lateral (
    select
        coalesce(later.received_at < earlier.over_at, true)
        and coalesce(earlier.received_at < later.over_at, true) as both_lived,
        split_part(later.stream, ':', 2) = any (earlier.linked_cases)
        or split_part(earlier.stream, ':', 2) = any (later.linked_cases) as is_linked
) as found
where (found.both_lived or found.is_linked)
    and coalesce(%(unit)s::text in (earlier.unit_code, later.unit_code), true)
    and (later.accepted_at, later.stream, earlier.stream)
        > (%(after_at)s::timestamptz, 'case:' || %(after_case)s::text, 'case:' || %(after_other)s::text)
order by later.accepted_at, later.stream, earlier.stream
limit %(limit)s;
