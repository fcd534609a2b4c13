-- 数据质量 flaws: one row for each thing about a record that is not as it should be: flagged by the rules, amended,
-- missing, or at odds with the times around it. Nothing here changes what the record says.
--
-- Lateness is what was flagged at recording (P08), not what the two times would make of it.
with history as (
    select
        stream,
        version,
        position,
        topic,
        occurred_at,
        recorded_at,
        fact,
        envelope,
        topic in (
            'case.acceptance_refused.v1',
            'case.withdrawn_by_applicant.v1',
            'case.closed_as_instant.v1',
            'case.concluded.v1',
            'case.terminated.v1'
        ) as is_end,
        -- what may well come after the end
        topic in (
            'case.acceptance_refused.v1',
            'case.withdrawn_by_applicant.v1',
            'case.closed_as_instant.v1',
            'case.concluded.v1',
            'case.terminated.v1',
            'case.duplicate_linked.v1',
            'case.certificate_issued.v1',
            'case.certificate_arrived_at_hall.v1',
            'case.applicant_notified.v1',
            'case.certificate_delivered.v1',
            'case.delivery_failed.v1',
            'case.agent_collected_result.v1',
            'case.returned_to_applicant.v1',
            'case.payment_disbursed.v1',
            'case.fee_charged.v1',
            'case.fee_refunded.v1',
            'case.reopened.v1',
            'case.archived.v1'
        ) as is_no_work
    from effective_events
    where topic like 'case.%'
),

beside as (
    select
        *,
        min(occurred_at) filter (where not is_no_work) over of_case as first_at,
        max(occurred_at) filter (where not is_no_work) over of_case as last_at,
        max(occurred_at) filter (where topic = 'case.reopened.v1') over of_case as reopened_at,
        max(occurred_at) over (
            partition by stream order by version rows between unbounded preceding and 1 preceding
        ) as latest_before
    from history
    window of_case as (partition by stream)
),

found as (
    select stream, version, position, topic, occurred_at, recorded_at, envelope, flaw.*
    from beside
    cross join lateral (
        select 'flagged' as flaw_kind, code, null::text as about
        from jsonb_array_elements_text(envelope -> 'irregularities') as flag (code)
        union all
        select 'order', 'ends-before-it-began', null
        where is_end and occurred_at < first_at
        union all
        select 'order', 'work-after-the-end', null
        where is_end
            and occurred_at >= first_at
            and occurred_at < last_at
            and coalesce(reopened_at < occurred_at, true)
        union all
        select 'order', 'recorded-out-of-order', null
        where occurred_at < latest_before
        union all
        select 'order', 'starts-after-its-end', 'started_at'
        where topic = 'case.step_completed.v1' and (fact ->> 'started_at')::timestamptz > occurred_at
        union all
        select 'order', 'begins-after-its-first-event', 'origin.started_at'
        where topic = 'case.received.v1' and (fact -> 'origin' ->> 'started_at')::timestamptz > first_at
        union all
        select 'missing', 'missing-field', field
        from (
            values
                ('case.received.v1', 'applicant_ref', fact ? 'applicant_ref'),
                ('case.received.v1', 'applicant_type', fact ? 'applicant_type'),
                ('case.received.v1', 'receipt_no', fact ? 'receipt_no'),
                ('case.received.v1', 'materials', coalesce(fact -> 'materials', '[]') <> '[]'),
                ('case.acceptance_refused.v1', 'reasons', fact ? 'reasons'),
                ('case.acceptance_refused.v1', 'remedies', fact ? 'remedies'),
                ('case.rejected.v1', 'reasons', fact ? 'reasons'),
                ('case.rejected.v1', 'remedies', fact ? 'remedies'),
                ('case.opinion_returned.v1', 'unit_code', fact ? 'unit_code'),
                ('case.certificate_delivered.v1', 'signature_sha256', fact ? 'signature_sha256'),
                (topic, 'actor.unit_code', envelope -> 'actor' ? 'unit_code' or envelope -> 'actor' ->> 'role' = 'clock')
        ) as wanted (of_topic, field, is_there)
        where of_topic = topic and not is_there
    ) as flaw
),

-- what was corrected or voided stands in no effective history: read beside it, under the same settings
amended as (
    select
        amendment.stream,
        amendment.version,
        amendment.position,
        target.topic,
        target.occurred_at,
        amendment.recorded_at,
        told.document -> 'envelope' as envelope,
        'amended' as flaw_kind,
        case amendment.topic when 'event.voided.v1' then 'voided' else 'corrected' end as code,
        told.document -> 'fact' ->> 'field' as about,
        target.version as target_version,
        told.document -> 'fact' ->> 'approved_by' as approved_by,
        told.document -> 'fact' ->> 'reason' as reason
    from events as amendment
    cross join lateral (
        select convert_from(amendment.state, 'UTF8')::jsonb as document
        offset 0
    ) as told
    join events as target
        on target.stream = amendment.stream
        and target.version = (told.document -> 'fact' ->> 'target_version')::bigint
    where amendment.topic in ('event.corrected.v1', 'event.voided.v1')
        and amendment.stream >= 'case:'
        and amendment.stream < 'case;'
        and amendment.recorded_at
            <= coalesce(nullif(current_setting('jiandu.known_at', true), '')::timestamptz, 'infinity')
        and amendment.position
            <= coalesce(nullif(current_setting('jiandu.upto', true), '')::bigint, 9223372036854775807)
        and target.occurred_at
            <= coalesce(nullif(current_setting('jiandu.happened_by', true), '')::timestamptz, 'infinity')
),

both_sorts as (
    select
        stream,
        version,
        position,
        topic,
        occurred_at,
        recorded_at,
        envelope,
        flaw_kind,
        code,
        about,
        null::bigint as target_version,
        envelope -> 'circumstances' -> 'backfill' ->> 'approved_by' as approved_by,
        envelope -> 'circumstances' -> 'backfill' ->> 'reason' as reason
    from found
    union all
    select *
    from amended
)

select
    stream,
    version,
    position,
    topic,
    flaw_kind,
    code,
    coalesce(about, '') as about,
    target_version,
    occurred_at,
    (occurred_at at time zone 'Asia/Shanghai')::date as occurred_on,
    recorded_at,
    (recorded_at at time zone 'Asia/Shanghai')::date as recorded_on,
    envelope -> 'actor' ->> 'unit_code' as unit_code,
    envelope -> 'actor' ->> 'window_id' as window_id,
    case
        when envelope -> 'actor' ->> 'role' = 'importer' then envelope -> 'actor' ->> 'on_behalf_of'
        else envelope -> 'actor' ->> 'staff_id'
    end as person,
    envelope -> 'circumstances' ->> 'imported_from' as imported_from,
    approved_by,
    reason
from both_sorts
