-- 办件 case card: one row for each case, what a clerk sees first.
--
-- What may happen twice counts with its last telling; a reopened case is decided, delivered and ended anew.
with history as (
    select
        stream,
        position,
        topic,
        occurred_at,
        day_of(occurred_at) as day,
        -- what is asked for below, and no more: all of it is sorted
        case when topic not in ('case.step_started.v1', 'case.step_completed.v1') then fact end as fact,
        case when topic = 'case.received.v1' then envelope end as envelope,
        jsonb_array_length(envelope -> 'irregularities') > 0 as is_irregular,
        envelope -> 'circumstances' ? 'backfill' as is_backfilled,
        row_number() over in_order as n,
        count(*) filter (where topic = 'case.reopened.v1') over (
            in_order rows between current row and unbounded following
        ) = 0 as is_current,
        -- a delivery that names no certificate hands out all that were issued before it
        count(*) filter (
            where topic = 'case.certificate_delivered.v1'
                and coalesce(jsonb_array_length(fact -> 'certificate_nos'), 0) = 0
        ) over (
            in_order rows between current row and unbounded following
        ) > 0 as is_handed_out
    from effective_events
    where topic like 'case.%'
    window in_order as (partition by stream order by occurred_at, position)
),

cases as (
    select
        stream,
        min(occurred_at) as began_at,
        max(occurred_at) as latest_at,
        max(position) as last_position,
        count(*)::integer as events,
        array_agg(fact order by occurred_at, position) filter (where topic = 'case.received.v1') as receipts,
        array_agg(envelope order by occurred_at, position) filter (where topic = 'case.received.v1')
            as receivers,
        max(day) filter (where topic = 'case.received.v1') as received_on,
        array_agg(fact order by occurred_at, position) filter (where topic = 'case.agent_entrusted.v1')
            as entrustments,
        array_agg(fact order by occurred_at, position) filter (
            where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
        ) as acceptances,
        array_agg(fact order by occurred_at, position) filter (
            where is_current and topic in ('case.approved.v1', 'case.rejected.v1', 'case.closed_as_instant.v1')
        ) as decisions,
        max(topic) filter (where is_current and topic in ('case.approved.v1', 'case.rejected.v1')) as ruling,
        max(day) filter (where is_current and topic in ('case.approved.v1', 'case.rejected.v1')) as ruled_on,
        min(day) filter (where is_current and topic = 'case.closed_as_instant.v1') as closed_on,
        max(day) filter (where is_current and topic = 'case.certificate_delivered.v1') as delivered_on,
        array_agg(fact order by occurred_at, position) filter (
            where is_current and topic = 'case.certificate_delivered.v1'
        ) as deliveries,
        coalesce(bool_or(is_current and topic = 'case.applicant_notified.v1'), false) as is_notified,
        array_agg(fact ->> 'certificate_no') filter (where topic = 'case.certificate_arrived_at_hall.v1')
            as arrived_nos,
        array_agg(fact ->> 'certificate_no') filter (
            where topic = 'case.certificate_issued.v1' and not is_handed_out
        ) as kept_nos,
        jsonb_agg(fact -> 'certificate_nos') filter (where topic = 'case.certificate_delivered.v1') as delivered_nos,
        -- the first end stands
        (array_agg(topic order by occurred_at, position) filter (
            where is_current and topic in (
                'case.acceptance_refused.v1',
                'case.withdrawn_by_applicant.v1',
                'case.closed_as_instant.v1',
                'case.concluded.v1',
                'case.terminated.v1'
            )
        ))[1] as ended_by,
        min(day) filter (
            where is_current and topic in (
                'case.acceptance_refused.v1',
                'case.withdrawn_by_applicant.v1',
                'case.closed_as_instant.v1',
                'case.concluded.v1',
                'case.terminated.v1'
            )
        ) as ended_on,
        coalesce(bool_or(is_current and topic = 'case.archived.v1'), false) as is_archived,
        -- the latest of each pair that opens and closes a state
        max(n) filter (where topic = 'case.correction_notice_issued.v1') as noticed_n,
        max(n) filter (where topic = 'case.correction_supplied.v1' and (fact ->> 'is_complete')::boolean) as supplied_n,
        max(n) filter (where topic = 'case.joint_review_opened.v1') as review_opened_n,
        max(n) filter (where topic = 'case.joint_review_consolidated.v1') as review_consolidated_n,
        max(n) filter (where topic = 'case.reported_to_superior.v1') as reported_n,
        max(n) filter (where topic = 'case.superior_decision_received.v1') as replied_n,
        array_agg(fact ->> 'procedure_no') filter (where topic = 'case.special_procedure_started.v1') as paused_nos,
        array_agg(fact ->> 'procedure_no') filter (
            where topic in ('case.special_procedure_ended.v1', 'case.special_procedure_invalidated.v1')
        ) as resumed_nos,
        count(*) filter (where topic = 'case.correction_notice_issued.v1')::integer as notices,
        count(*) filter (where topic = 'case.special_procedure_started.v1')::integer as pauses,
        count(*) filter (
            where topic in (
                'case.station_receipt_signed.v1', 'case.return_receipt_signed.v1', 'case.superior_receipt_signed.v1'
            )
        )::integer as hops,
        count(*) filter (where topic = 'case.transfer_returned.v1')::integer as returns,
        count(*) filter (where topic = 'case.step_completed.v1')::integer as steps,
        count(*) filter (where topic = 'case.certificate_issued.v1')::integer as certificates,
        count(*) filter (where topic = 'case.reopened.v1')::integer as reopenings,
        count(*) filter (where is_irregular)::integer as irregular_events,
        count(*) filter (where is_backfilled)::integer as backfilled_events,
        (
            coalesce(sum((fact ->> 'amount_fen')::bigint) filter (where topic = 'case.fee_charged.v1'), 0)
            - coalesce(sum((fact ->> 'amount_fen')::bigint) filter (where topic = 'case.fee_refunded.v1'), 0)
        )::bigint as fees_fen,
        coalesce(sum((fact ->> 'amount_fen')::bigint) filter (where topic = 'case.payment_disbursed.v1'), 0)::bigint
            as paid_fen
    from history
    group by stream
)

select
    stream,
    split_part(stream, ':', 2) as case_no,
    receipt ->> 'item_code' as item_code,
    receipt ->> 'item_version' as item_version,
    receipt ->> 'kind' as kind,
    receipt ->> 'routing' as routing,
    receipt ->> 'mode' as mode,
    receipt ->> 'applicant_type' as applicant_type,
    receipt ->> 'receipt_no' as receipt_no,
    receipt ->> 'external_ref' as external_ref,
    received_by -> 'circumstances' ->> 'channel' as channel,
    received_by -> 'actor' ->> 'unit_code' as unit_code,
    received_by -> 'actor' ->> 'window_id' as window_id,
    entrustment ->> 'entrust_no' as entrust_no,
    entrustment ->> 'point_code' as point_code,
    case
        when is_archived and ended_by is not null then 'archived'
        when ended_by = 'case.acceptance_refused.v1' then 'refused'
        when ended_by = 'case.withdrawn_by_applicant.v1' then 'withdrawn'
        when ended_by = 'case.terminated.v1' then 'terminated'
        when ended_by is not null then 'concluded'
        when ruling = 'case.rejected.v1' then 'rejected'
        when ruling is not null and delivered_on is not null then 'delivered'
        when ruling is not null and (is_notified or is_certificate_waiting) then 'awaiting_collection'
        when ruling is not null then 'approved'
        when acceptance is null and receipt -> 'origin' ->> 'deadline' is null
            and receipt -> 'origin' ->> 'planned_end' is null
            then case
                when receipt is null then 'entrusted'
                when noticed_n > coalesce(supplied_n, 0) then 'awaiting_correction'
                else 'registered'
            end
        when not coalesce(paused_nos, '{}') <@ coalesce(resumed_nos, '{}') then 'paused'
        when reported_n > coalesce(replied_n, 0) then 'reported_up'
        when review_opened_n > coalesce(review_consolidated_n, 0) then 'joint_review'
        else 'in_progress'
    end as status,
    began_at,
    received_on,
    (acceptance ->> 'acceptance_date')::date as accepted_on,
    case
        when ruling = 'case.rejected.v1' then 'rejected'
        when ruling is not null or closed_on is not null then 'approved'
    end as decision,
    decision ->> 'decision_no' as decision_no,
    coalesce(ruled_on, closed_on) as decided_on,
    delivered_on,
    delivery ->> 'method' as delivery_method,
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
from cases
-- of what may happen twice the last; offset 0: once, not once for each use
cross join lateral (
    select
        receipts[cardinality(receipts)] as receipt,
        receivers[cardinality(receivers)] as received_by,
        entrustments[cardinality(entrustments)] as entrustment,
        acceptances[cardinality(acceptances)] as acceptance,
        decisions[cardinality(decisions)] as decision,
        deliveries[cardinality(deliveries)] as delivery
    offset 0
) as last
cross join lateral (
    -- arrived and not delivered, before a reopening too
    select exists (
        select from unnest(arrived_nos) as arrived (certificate_no)
        where certificate_no = any (kept_nos)
            and not coalesce(
                jsonb_path_exists(
                    delivered_nos, '$[*][*] ? (@ == $no)', jsonb_build_object('no', certificate_no)
                ),
                false
            )
    ) as is_certificate_waiting
) as waiting
