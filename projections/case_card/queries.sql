-- The statements of the case cards, by name. Each runs with search_path = the county's schema.

-- name: cards
-- The cards of these cases.
select
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
from case_card
where stream = any (%(streams)s)
order by stream;

-- name: streams_by_external_ref
-- The cases that another system knows under this number.
select stream
from case_card
where external_ref = %(external_ref)s
order by stream;
