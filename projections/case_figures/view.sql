-- 统计 case figures: one row for each case: what it is counted under, on which days it counts, and how often what happened.
--
-- Days, not counts of days: working days are counted when asked (statistics). The case's limits, its use of them and
-- its pauses stand in `clock`, its holders in `custody`. A case is done once: by the first conclusion behind its last
-- reopening. A corrected event counts where it stands; that it was corrected is counted from the amendment itself.
with history as (
    select
        stream,
        position,
        topic,
        occurred_at,
        day_of(occurred_at) as day,
        -- what is asked for below, and no more: all of it is sorted
        case
            when topic in (
                'case.received.v1',
                'case.accepted.v1',
                'case.deemed_accepted.v1',
                'case.agent_entrusted.v1',
                'case.certificate_delivered.v1',
                'case.payment_disbursed.v1',
                'case.fee_charged.v1',
                'case.fee_refunded.v1'
            )
                then fact
        end as fact,
        case
            when topic in (
                'case.received.v1', 'case.approved.v1', 'case.rejected.v1', 'case.closed_as_instant.v1'
            )
                then envelope -> 'actor'
        end as actor,
        case
            when topic in ('case.received.v1', 'case.correction_supplied.v1')
                then coalesce(envelope -> 'circumstances' ->> 'channel', '1')
        end as channel,
        topic in (
            'case.acceptance_refused.v1',
            'case.withdrawn_by_applicant.v1',
            'case.closed_as_instant.v1',
            'case.concluded.v1',
            'case.terminated.v1'
        ) as is_an_end,
        topic in ('case.approved.v1', 'case.rejected.v1', 'case.closed_as_instant.v1') as is_a_decision,
        case when topic in ('case.certificate_delivered.v1') then fact ->> 'method' = 'window' end as is_collected
    from effective_events
    where topic in (
        'case.agent_entrusted.v1',
        'case.agent_picked_up.v1',
        'case.hall_receipt_signed.v1',
        'case.received.v1',
        'case.correction_notice_issued.v1',
        'case.correction_supplied.v1',
        'case.accepted.v1',
        'case.deemed_accepted.v1',
        'case.acceptance_refused.v1',
        'case.withdrawn_by_applicant.v1',
        'case.station_receipt_signed.v1',
        'case.return_receipt_signed.v1',
        'case.superior_receipt_signed.v1',
        'case.transfer_returned.v1',
        'case.approved.v1',
        'case.rejected.v1',
        'case.closed_as_instant.v1',
        'case.certificate_delivered.v1',
        'case.payment_disbursed.v1',
        'case.fee_charged.v1',
        'case.fee_refunded.v1',
        'case.concluded.v1',
        'case.terminated.v1',
        'case.reopened.v1'
    )
    union all
    -- amendments count once they are recorded; effective_events has applied them and does not show them
    select stream, position, topic, occurred_at, null, null, null, null, null, null, null
    from events
    where topic = 'event.corrected.v1'
        and stream >= 'case:'
        and stream < 'case;'
        and recorded_at <= coalesce(nullif(current_setting('jiandu.known_at', true), '')::timestamptz, 'infinity')
        and position <= coalesce(nullif(current_setting('jiandu.upto', true), '')::bigint, 9223372036854775807)
),

cases as (
    select
        stream,
        -- one order for all of them, so the events are sorted once; of what may happen twice, the last (0088)
        array_agg(fact order by occurred_at, position) filter (where topic = 'case.received.v1') as receipts,
        array_agg(actor order by occurred_at, position) filter (where topic = 'case.received.v1') as receivers,
        array_agg(channel order by occurred_at, position) filter (where topic = 'case.received.v1') as channels,
        max(day) filter (where topic = 'case.received.v1') as received_on,
        min(day) as began_on,
        max(fact ->> 'point_code') filter (where topic = 'case.agent_entrusted.v1') as point_code,
        min(occurred_at) filter (where topic = 'case.received.v1') as received_at,
        min(occurred_at) filter (where topic = 'case.agent_picked_up.v1') as picked_up_at,
        min(occurred_at) filter (
            where topic = 'case.hall_receipt_signed.v1'
                or topic = 'case.received.v1' and actor ->> 'role' <> 'agent'
                or is_an_end
        ) as taken_at,
        array_agg(fact ->> 'acceptance_date' order by occurred_at, position) filter (
            where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
        ) as acceptance_dates,
        coalesce(bool_or(topic = 'case.deemed_accepted.v1'), false) as is_deemed,
        max(occurred_at) filter (where topic = 'case.reopened.v1') as reopened_at,
        array_agg(topic order by occurred_at, position) filter (where is_an_end) as ends,
        array_agg(occurred_at order by occurred_at, position) filter (where is_an_end) as ended_at,
        array_agg(topic order by occurred_at, position) filter (where is_a_decision) as decisions,
        array_agg(occurred_at order by occurred_at, position) filter (where is_a_decision) as decision_times,
        array_agg(actor order by occurred_at, position) filter (where is_a_decision) as deciders,
        max(day) filter (where topic = 'case.certificate_delivered.v1') as delivered_on,
        count(*) filter (where topic = 'case.correction_notice_issued.v1')::integer as notices,
        count(*) filter (
            where topic in (
                'case.station_receipt_signed.v1', 'case.return_receipt_signed.v1', 'case.superior_receipt_signed.v1'
            )
        )::integer as hops,
        count(*) filter (where topic = 'case.transfer_returned.v1')::integer as returns,
        array_agg(day order by occurred_at, position) filter (
            where channel in ('1', '94') or is_collected
        ) as days_there,
        array_agg(day order by occurred_at, position) filter (where is_collected) as days_collecting,
        count(*) filter (where topic = 'case.reopened.v1')::integer as reopenings,
        count(*) filter (where topic = 'event.corrected.v1')::integer as corrections,
        (
            coalesce(sum((fact ->> 'amount_fen')::bigint) filter (where topic = 'case.fee_charged.v1'), 0)
            - coalesce(sum((fact ->> 'amount_fen')::bigint) filter (where topic = 'case.fee_refunded.v1'), 0)
        )::bigint as fees_fen,
        array_agg(day order by occurred_at, position) filter (where topic = 'case.payment_disbursed.v1') as paid_on,
        array_agg((fact ->> 'amount_fen')::bigint order by occurred_at, position) filter (
            where topic = 'case.payment_disbursed.v1'
        ) as paid_fen
    from history
    group by stream
    having bool_or(topic <> 'event.corrected.v1')
),

standing as (
    select
        cases.*,
        last.*,
        receipt -> 'origin' as origin,
        ends[first_end] as ended_by,
        ended_at[first_end] as end_at,
        day_of(ended_at[first_end]) as ended_on,
        case
            when decided_at > coalesce(reopened_at, '-infinity') then decisions[cardinality(decisions)]
        end as decision,
        case when decided_at > coalesce(reopened_at, '-infinity') then day_of(decided_at) end as decided_on,
        picked_up_at < coalesce(received_at, 'infinity') as is_leg
    from cases
    -- offset 0: once, not once for each use
    cross join lateral (
        select
            receipts[cardinality(receipts)] as receipt,
            receivers[cardinality(receivers)] as received_by,
            acceptance_dates[cardinality(acceptance_dates)]::date as accepted_on,
            decision_times[cardinality(decision_times)] as decided_at,
            deciders[cardinality(deciders)] as decided_by,
            -- who comes through an agent comes himself only to collect
            case when receipts[cardinality(receipts)] ->> 'mode' = 'agent' then days_collecting else days_there end
                as days_of_trips
        offset 0
    ) as last
    cross join lateral (
        -- how many ends lie before the last reopening, and one
        select case when reopened_at is null then 1 else width_bucket(reopened_at, ended_at) + 1 end as first_end
    ) as place
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
    receipt ->> 'applicant_ref' as applicant_ref,
    channels[cardinality(channels)] as channel,
    origin ->> 'source_channel' as source_channel,
    origin ->> 'department' as department,
    received_by ->> 'unit_code' as hall_code,
    received_by ->> 'window_id' as window_id,
    received_by ->> 'post_id' as post_id,
    case
        when received_by ->> 'role' = 'importer' then received_by ->> 'on_behalf_of'
        else received_by ->> 'staff_id'
    end as person,
    point_code,
    -- 代办: from picking up to the hall's signature; once the case is registered, what is picked up are papers
    case when is_leg then day_of(picked_up_at) end as picked_up_on,
    case when is_leg then day_of(taken_at) end as signed_on,
    decided_by ->> 'unit_code' as deciding_unit,
    decided_by ->> 'staff_id' as deciding_person,
    began_on,
    received_on,
    -- a record of another system that gave the limits was accepted there when it was received
    coalesce(accepted_on, case when origin ? 'deadline' or origin ? 'planned_end' then received_on end) as accepted_on,
    is_deemed,
    decided_on,
    decision = 'case.rejected.v1' as is_rejected,
    delivered_on,
    case ended_by
        when 'case.acceptance_refused.v1' then 'refused'
        when 'case.withdrawn_by_applicant.v1' then 'withdrawn'
        when 'case.terminated.v1' then 'terminated'
        when 'case.closed_as_instant.v1' then 'done'
        when 'case.concluded.v1' then 'done'
    end as ended_as,
    ended_on,
    end_at > (origin ->> 'deadline')::timestamptz as is_after_source_deadline,
    notices,
    hops,
    returns,
    case
        when cardinality(days_of_trips) > 1 then (select count(distinct day) from unnest(days_of_trips) as day)
        else coalesce(cardinality(days_of_trips), 0)
    end::integer as trips,
    reopenings,
    corrections,
    fees_fen,
    paid_on,
    paid_fen
from standing
