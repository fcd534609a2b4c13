-- The statements of the case cards, by name. Each runs with search_path = the county's schema.

-- part: card
-- What a card tells.
    case_no,
    item_code,
    item_version,
    kind,
    routing,
    mode,
    applicant_type,
    receipt_no,
    external_ref,
    channel,
    unit_code,
    window_id,
    entrust_no,
    point_code,
    status,
    began_at,
    received_on,
    accepted_on,
    decision,
    decision_no,
    decided_on,
    delivered_on,
    delivery_method,
    ended_on,
    latest_at,
    events,
    notices,
    pauses,
    hops,
    returns,
    steps,
    certificates,
    reopenings,
    irregular_events,
    backfilled_events,
    fees_fen,
    paid_fen,
    last_position

-- name: cards
-- The cards of these cases.
select
    <card>
from case_card
where stream = any (%(streams)s)
order by stream;

-- name: streams_by_external_ref
-- The cases that another system knows under this number.
select stream
from case_card
where external_ref = %(external_ref)s
order by stream;

-- name: found
-- The cards of cases that answer to all that is asked, in order of their numbers; null asks for nothing.
select
    <card>
from case_card
where stream > 'case:' || %(after)s
    and (%(status)s::text is null or status = %(status)s)
    and (%(is_open)s::boolean is null or (ended_on is null) = %(is_open)s)
    and (%(unit_code)s::text is null or unit_code = %(unit_code)s)
    and (%(window_id)s::text is null or window_id = %(window_id)s)
    and (%(item_code)s::text is null or item_code = %(item_code)s)
    and (%(point_code)s::text is null or point_code = %(point_code)s)
    and (%(kind)s::text is null or kind = %(kind)s)
    and (%(received_from)s::date is null or received_on >= %(received_from)s)
    and (%(received_to)s::date is null or received_on <= %(received_to)s)
    and (%(external_ref)s::text is null or external_ref = %(external_ref)s)
    and (%(receipt_no)s::text is null or receipt_no = %(receipt_no)s)
    and (
        %(holder_unit)s::text is null
        or stream in (select stream from custody where holder_unit = %(holder_unit)s and to_at is null)
    )
order by stream
limit %(limit)s;
