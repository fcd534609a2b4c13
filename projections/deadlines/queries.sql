-- The statements of the deadline board 时限看板, by name; each goes on behind board.sql. They run with search_path = the
-- county's views. Days are working days.

-- name: page
-- By the day due as it stood before an open special procedure moved it, then the case; what has no limit comes last.
, page as materialized (
    select *
    from board
    where (%(unit)s::text is null or holder_unit = %(unit)s)
        and (%(window)s::text is null or holder_window = %(window)s)
        and (%(person)s::text is null or holder_person = %(person)s)
        and (%(light)s::text is null or light = %(light)s)
        and (%(is_paused)s::boolean is null or is_paused = %(is_paused)s)
        and (coalesce(listed_due, '9999-12-31'), stream) > (%(after_due)s::date, 'case:' || %(after_case)s::text)
    order by listed_due, stream
    limit %(limit)s
)

select
    split_part(page.stream, ':', 2) as case_no,
    case_card.item_code,
    items.title as item_title,
    case_card.kind,
    case_card.routing,
    case_card.status,
    page.holder_unit,
    page.holder_window,
    page.holder_person,
    page.is_in_transit,
    page.in_transit_to,
    page.held_since,
    page.basis,
    page.accepted_on,
    page.promise_days,
    page.legal_days,
    page.extension_days,
    page.light,
    page.is_paused,
    page.is_provisional,
    page.promise_due,
    page.legal_due,
    page.due,
    count_working(days_between(page.accepted_on, %(today)s) - page.excluded_to_date, known.working) as used_days,
    count_working(days_between(%(today)s, page.due) - page.excluded, known.working) as remaining_days,
    count_working(days_between(page.promise_due, %(today)s) - page.excluded_to_date, known.working)
        as over_promise_days,
    count_working(days_between(page.legal_due, %(today)s) - page.excluded_to_date, known.working) as over_legal_days,
    page.listed_due
from page
cross join known
left join case_card
    on case_card.stream = page.stream and case_card.stream = any (array(select stream from page))
left join items on items.item_code = case_card.item_code and items.item_version = case_card.item_version
order by page.listed_due, page.stream;

-- name: lights
-- How many open cases show which light, by the unit, window or person that holds them.
select
    grouped.code,
    places.title,
    count(*)::integer as open_cases,
    (count(*) filter (where board.light = 'green'))::integer as green,
    (count(*) filter (where board.light = 'prewarning'))::integer as prewarning,
    (count(*) filter (where board.light = 'yellow'))::integer as yellow,
    (count(*) filter (where board.light = 'red'))::integer as red,
    (count(*) filter (where board.light = 'none'))::integer as without_limit,
    (count(*) filter (where board.is_paused))::integer as paused,
    (count(*) filter (where board.is_in_transit))::integer as in_transit
from board
cross join lateral (
    select case %(by)s
        when 'unit' then board.holder_unit
        when 'window' then board.holder_window
        when 'person' then board.holder_person
    end as code
) as grouped
left join places
    on places.code = grouped.code
    and places.place_kind = case %(by)s when 'unit' then 'unit' when 'window' then 'window' end
where (%(unit)s::text is null or board.holder_unit = %(unit)s)
    and (%(window)s::text is null or board.holder_window = %(window)s)
    and (%(person)s::text is null or board.holder_person = %(person)s)
group by grouped.code, places.title
order by grouped.code nulls last;
