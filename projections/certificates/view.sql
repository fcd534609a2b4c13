-- 证照 certificates: one row for each certificate of a case: issued, arrived at the hall, delivered to whom and how.
--
-- A delivery that names no certificate hands out all that were issued before it; the first delivery of a certificate
-- stands. A number that is issued again begins a row of its own. What was delivered without being issued has a row
-- with its number alone. The recipient is a person reference, never a name.
with history as (
    select
        stream,
        position,
        topic,
        occurred_at,
        fact,
        envelope -> 'actor' as actor,
        row_number() over (partition by stream order by occurred_at, position) as n
    from effective_events
    where topic in (
        'case.approved.v1',
        'case.closed_as_instant.v1',
        'case.certificate_issued.v1',
        'case.certificate_arrived_at_hall.v1',
        'case.applicant_notified.v1',
        'case.certificate_delivered.v1',
        'case.delivery_failed.v1',
        'case.agent_collected_result.v1',
        'case.returned_to_applicant.v1'
    )
),

followed as (
    select
        *,
        max(occurred_at) filter (where topic in ('case.approved.v1', 'case.closed_as_instant.v1')) over earlier
            as decided_before_at,
        min(occurred_at) filter (where topic in ('case.approved.v1', 'case.closed_as_instant.v1')) over later
            as decided_after_at,
        array_agg(fact ->> 'certificate_no') filter (where topic = 'case.certificate_issued.v1') over earlier as issued_nos
    from history
    window
        earlier as (partition by stream order by n rows between unbounded preceding and 1 preceding),
        later as (partition by stream order by n rows between 1 following and unbounded following)
),

-- each event beside each certificate that it is about; a notice or a failed delivery is about all
told as (
    select followed.*, meant.certificate_no
    from followed
    cross join lateral (
        select distinct certificate_no
        from unnest(
            case
                when fact ? 'certificate_no' then array[fact ->> 'certificate_no']
                when jsonb_array_length(coalesce(nullif(fact -> 'certificate_nos', 'null'), '[]')) > 0
                    then array(select jsonb_array_elements_text(fact -> 'certificate_nos'))
                else issued_nos
            end
        ) as named (certificate_no)
    ) as meant
),

turned as (
    select
        *,
        count(*) filter (where topic = 'case.certificate_issued.v1') over (
            partition by stream, certificate_no order by n rows between unbounded preceding and current row
        ) as issue
    from told
),

certificates as (
    select
        stream,
        certificate_no,
        issue,
        (array_agg(fact order by n) filter (where topic = 'case.certificate_issued.v1'))[1] as form,
        min(occurred_at) filter (where topic = 'case.certificate_issued.v1') as issued_at,
        coalesce(
            min(decided_before_at) filter (where topic = 'case.certificate_issued.v1'),
            min(decided_after_at) filter (where topic = 'case.certificate_issued.v1'),
            min(decided_before_at)
        ) as decided_at,
        min(occurred_at) filter (where topic = 'case.certificate_arrived_at_hall.v1') as arrived_at,
        min(occurred_at) filter (where topic = 'case.applicant_notified.v1') as notified_at,
        min(occurred_at) filter (where topic = 'case.certificate_delivered.v1') as delivered_at,
        (array_agg(fact order by n) filter (where topic = 'case.certificate_delivered.v1'))[1] as delivery,
        (array_agg(actor order by n) filter (where topic = 'case.certificate_delivered.v1'))[1] as deliverer,
        min(occurred_at) filter (where topic = 'case.agent_collected_result.v1') as collected_at,
        min(occurred_at) filter (where topic = 'case.returned_to_applicant.v1') as returned_at,
        count(*) filter (where topic = 'case.delivery_failed.v1')::integer as failed_attempts,
        min(position) as first_position
    from turned
    group by stream, certificate_no, issue
)

select
    stream,
    certificate_no,
    issue::integer as issue,
    form ->> 'title' as title,
    form ->> 'issuer' as issuer,
    (form ->> 'valid_from')::date as valid_from,
    (form ->> 'valid_to')::date as valid_to,
    form ->> 'e_licence_id' as e_licence_id,
    day_of(decided_at) as decided_on,
    day_of(issued_at) as issued_on,
    day_of(arrived_at) as arrived_on,
    day_of(notified_at) as notified_on,
    day_of(delivered_at) as delivered_on,
    delivery ->> 'method' as method,
    delivery ->> 'recipient_ref' as recipient_ref,
    delivery ->> 'relation' as relation,
    (delivery ->> 'identity_checked')::boolean as identity_checked,
    delivery ->> 'waybill_no' as waybill_no,
    deliverer ->> 'unit_code' as unit_code,
    deliverer ->> 'window_id' as window_id,
    day_of(collected_at) as collected_on,
    day_of(returned_at) as returned_on,
    failed_attempts,
    first_position
from certificates
where issue > 0 or delivered_at is not null
