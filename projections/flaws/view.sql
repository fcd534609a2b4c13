-- 数据质量 flaws: one row for each thing about a record that is not as it should be: flagged by the rules, amended,
-- missing, or at odds with the times around it. Nothing here changes what the record says.
--
-- Lateness is what was flagged at recording (P08), not what the two times would make of it.
with history as (
    -- only what is needed later, for a county's events are sorted here
    select
        stream,
        version,
        position,
        topic,
        occurred_at,
        recorded_at,
        nullif(envelope -> 'irregularities', '[]') as flags,
        case topic
            when 'case.step_completed.v1' then (fact ->> 'started_at')::timestamptz
            when 'case.received.v1' then (fact -> 'origin' ->> 'started_at')::timestamptz
        end as told_start,
        -- most events say all they should: nothing is collected for them
        case
            when topic in (
                'case.received.v1',
                'case.acceptance_refused.v1',
                'case.rejected.v1',
                'case.opinion_returned.v1',
                'case.certificate_delivered.v1'
            ) or not envelope -> 'actor' ? 'unit_code'
            then nullif(
                array_remove(
                    case topic
                        when 'case.received.v1' then array[
                            case when not fact ? 'applicant_ref' then 'applicant_ref' end,
                            case when not fact ? 'applicant_type' then 'applicant_type' end,
                            case when not fact ? 'receipt_no' then 'receipt_no' end,
                            case when coalesce(fact -> 'materials', '[]') = '[]' then 'materials' end
                        ]
                        when 'case.acceptance_refused.v1' then array[
                            case when not fact ? 'reasons' then 'reasons' end,
                            case when not fact ? 'remedies' then 'remedies' end
                        ]
                        when 'case.rejected.v1' then array[
                            case when not fact ? 'reasons' then 'reasons' end,
                            case when not fact ? 'remedies' then 'remedies' end
                        ]
                        when 'case.opinion_returned.v1' then array[
                            case when not fact ? 'unit_code' then 'unit_code' end
                        ]
                        when 'case.certificate_delivered.v1' then array[
                            case when not fact ? 'signature_sha256' then 'signature_sha256' end
                        ]
                        else '{}'::text[]
                    end || case
                        when not (envelope -> 'actor' ? 'unit_code' or envelope -> 'actor' ->> 'role' = 'clock')
                            then 'actor.unit_code'
                    end,
                    null
                ),
                '{}'
            )
        end as gaps,
        envelope -> 'actor' as actor,
        envelope -> 'circumstances' ->> 'imported_from' as imported_from,
        nullif(envelope -> 'circumstances' -> 'backfill', 'null') as backfill,
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

-- most events are in order: what is not is told code by code
noticed as (
    select
        *,
        case
            when not is_end then null
            when occurred_at < first_at then 'ends-before-it-began'
            when occurred_at < last_at and coalesce(reopened_at < occurred_at, true) then 'work-after-the-end'
        end as odd_end,
        occurred_at < latest_before as is_out_of_order,
        case
            when topic = 'case.step_completed.v1' then told_start > occurred_at
            else told_start > first_at
        end as starts_too_late
    from beside
),

found as (
    select
        stream, version, position, topic, occurred_at, recorded_at, actor, imported_from, backfill, flaw.*
    from noticed
    cross join lateral (
        select 'flagged' as flaw_kind, code, null::text as about
        from jsonb_array_elements_text(flags) as flag (code)
        union all
        select 'order', odd_end, null
        where odd_end is not null
        union all
        select 'order', 'recorded-out-of-order', null
        where is_out_of_order
        union all
        select 'order', late_start.code, late_start.about
        from (
            values
                ('case.step_completed.v1', 'starts-after-its-end', 'started_at'),
                ('case.received.v1', 'begins-after-its-first-event', 'origin.started_at')
        ) as late_start (of_topic, code, about)
        where starts_too_late and late_start.of_topic = topic
        union all
        select 'missing', 'missing-field', field
        from unnest(gaps) as gap (field)
    ) as flaw
    where flags is not null or gaps is not null or odd_end is not null or is_out_of_order or starts_too_late
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
        told.document -> 'envelope' -> 'actor' as actor,
        told.document -> 'envelope' -> 'circumstances' ->> 'imported_from' as imported_from,
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
        actor,
        imported_from,
        flaw_kind,
        code,
        about,
        null::bigint as target_version,
        backfill ->> 'approved_by' as approved_by,
        backfill ->> 'reason' as reason
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
    day_of(occurred_at) as occurred_on,
    recorded_at,
    day_of(recorded_at) as recorded_on,
    actor ->> 'unit_code' as unit_code,
    actor ->> 'window_id' as window_id,
    case
        when actor ->> 'role' = 'importer' then actor ->> 'on_behalf_of'
        else actor ->> 'staff_id'
    end as person,
    imported_from,
    approved_by,
    reason
from both_sorts
