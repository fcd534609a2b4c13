-- 期限义务 duties: one row for each case: by which last days its duties are to be met, and from which day on each is broken.
--
-- Nothing here depends on today: a duty has its last day, so the first day on which it is broken is known as soon as the
-- duty is. Whether it was met before, and under which rule and light it is found, says the watch, which stands on this.
-- Beside the days stands what else supervision asks of the same events: those that the record flagged, and the special
-- procedures. So a case's history is read once.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

governing as materialized (
    select
        valid_from,
        coalesce(lead(valid_from) over (order by valid_from), 'infinity') as valid_before,
        prewarn_days_short,
        prewarn_days_long,
        prewarn_short_limit,
        correction_notice_days,
        delivery_days
    from policies
),

-- What the rules ask of a case's events, case by case; of what may happen twice, the last. What came before the last
-- reopening is decided and delivered anew.
cases as (
    select
        stream,
        max(position) filter (where topic = 'case.received.v1') as received_position,
        max(day) filter (where topic = 'case.received.v1') as received_on,
        max(fact ->> 'item_code') filter (where topic = 'case.received.v1') as item_code,
        max(fact ->> 'item_version') filter (where topic = 'case.received.v1') as item_version,
        coalesce(
            bool_or(envelope -> 'circumstances' ? 'imported_from') filter (where topic = 'case.received.v1'), false
        ) as is_legacy,
        (array_agg(envelope -> 'actor') filter (where topic = 'case.received.v1'))[1] as receiver,
        max(position) filter (where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')) as accepted_position,
        -- the day due as it was told at acceptance
        max(coalesce(fact ->> 'promise_due', fact ->> 'legal_due')::date) filter (
            where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
        ) as first_due,
        -- whatever tells the applicant where he stands; silence turned into acceptance is no word
        min(day) filter (
            where topic in (
                'case.correction_notice_issued.v1',
                'case.accepted.v1',
                'case.acceptance_refused.v1',
                'case.withdrawn_by_applicant.v1',
                'case.closed_as_instant.v1',
                'case.approved.v1',
                'case.rejected.v1',
                'case.concluded.v1',
                'case.terminated.v1'
            )
        ) as word_on,
        max(occurred_at) filter (where topic = 'case.reopened.v1') as reopened_at,
        max(position) filter (where topic = 'case.approved.v1') as approved_position,
        max(occurred_at) filter (where topic = 'case.approved.v1') as approved_at,
        min(occurred_at) filter (
            where topic in ('case.certificate_delivered.v1', 'case.concluded.v1', 'case.terminated.v1')
        ) as first_delivered_at,
        max(occurred_at) filter (
            where topic in ('case.certificate_delivered.v1', 'case.concluded.v1', 'case.terminated.v1')
        ) as last_delivered_at,
        max(position) filter (where topic = 'case.superior_receipt_signed.v1') as superior_signed_position,
        jsonb_agg(
            jsonb_build_object(
                'position', position,
                'topic', topic,
                'day', day,
                'recorded_on', recorded_on,
                'ordinal', fact -> 'ordinal',
                'other_case', fact -> 'other_case',
                'codes', envelope -> 'irregularities',
                'actor', envelope -> 'actor',
                'is_legacy', envelope -> 'circumstances' ? 'imported_from',
                'is_vouched', coalesce(envelope -> 'circumstances' -> 'backfill' ? 'approved_by', false)
            )
            order by position
        ) filter (where is_flagged) as flagged,
        jsonb_agg(
            jsonb_build_object(
                'position', position,
                'no', fact -> 'procedure_no',
                'day', day,
                'planned_end', fact -> 'planned_end',
                'is_improper', envelope -> 'irregularities' ? 'P03' or not (fact ->> 'is_valid')::boolean
            )
            order by position
        ) filter (where topic = 'case.special_procedure_started.v1') as procedures,
        -- the first end of a procedure stands: of equal keys the last entry is kept
        jsonb_object_agg(fact ->> 'procedure_no', day order by occurred_at desc, position desc) filter (
            where topic in ('case.special_procedure_ended.v1', 'case.special_procedure_invalidated.v1')
        ) as procedure_ends
    from (
        select
            stream,
            position,
            topic,
            occurred_at,
            day_of(occurred_at) as day,
            day_of(recorded_at) as recorded_on,
            fact,
            envelope,
            jsonb_array_length(envelope -> 'irregularities') > 0 as is_flagged
        from effective_events
        where topic in (
                'case.received.v1',
                'case.correction_notice_issued.v1',
                'case.accepted.v1',
                'case.deemed_accepted.v1',
                'case.acceptance_refused.v1',
                'case.withdrawn_by_applicant.v1',
                'case.closed_as_instant.v1',
                'case.approved.v1',
                'case.rejected.v1',
                'case.certificate_delivered.v1',
                'case.concluded.v1',
                'case.terminated.v1',
                'case.reopened.v1',
                'case.superior_receipt_signed.v1',
                'case.special_procedure_started.v1',
                'case.special_procedure_ended.v1',
                'case.special_procedure_invalidated.v1'
            )
            or jsonb_array_length(envelope -> 'irregularities') > 0
    ) as history
    -- others than cases are flagged, too
    where topic like 'case.%'
    group by stream
),

-- The last days, an open special procedure counted to the end of its plan: once a day lies behind them they no longer move.
clocked as (
    select
        cases.*,
        decided.*,
        known.working,
        clock.basis,
        clock.accepted_on,
        clock.done_on,
        clock.reported_on,
        clock.superior_signed_on,
        clock.superior_due,
        clock.superior_replied_on,
        clock.first_review_due is not null as is_report_up,
        coalesce(clock.promise_days, clock.legal_days) + clock.extension_days as limit_days,
        stopped.days as stopped,
        dues.promise_due,
        dues.legal_due,
        case
            when clock.first_review_due is not null
                then least(clock.first_review_due, dues.promise_due)
            else coalesce(dues.promise_due, dues.legal_due)
        end as due,
        faces.due as face_due,
        items.class_code = '01' as is_licence
    from cases
    cross join known
    left join clock on clock.stream = cases.stream
    left join items on items.item_code = cases.item_code and items.item_version = cases.item_version
    cross join lateral (
        select
            case
                when approved_at > coalesce(reopened_at, '-infinity')
                    then day_of(approved_at)
            end as approved_on,
            case
                when reopened_at is null then day_of(first_delivered_at)
                when last_delivered_at > reopened_at then day_of(last_delivered_at)
            end as delivered_on
    ) as decided
    cross join lateral (
        select coalesce(clock.excluded + clock.open_pause, '{}') as days
        offset 0
    ) as stopped
    cross join lateral (
        select
            case
                when isempty(clock.open_pause) or clock.basis = 'ordered' then clock.promise_due
                when clock.basis = 'source'
                    then pushed_day(clock.promise_given, clock.extension_days, stopped.days, known.working)
                else due_day(
                    clock.accepted_on, clock.promise_days + clock.extension_days, stopped.days, known.working
                )
            end as promise_due,
            case
                when isempty(clock.open_pause) or clock.basis = 'ordered' then clock.legal_due
                when clock.basis = 'source'
                    then pushed_day(clock.legal_given, clock.extension_days, stopped.days, known.working)
                else due_day(
                    clock.accepted_on, clock.legal_days + clock.extension_days, stopped.days, known.working
                )
            end as legal_due
        offset 0
    ) as dues
    cross join lateral (
        -- as whoever stopped the clock would have it; null where that has no end
        select case
            when clock.basis = 'source' then pushed_day(
                coalesce(clock.promise_given, clock.legal_given),
                clock.extension_days,
                clock.excluded_at_face,
                known.working
            )
            when clock.basis in ('accepted', 'deemed') then due_day(
                clock.accepted_on,
                coalesce(clock.promise_days, clock.legal_days) + clock.extension_days,
                clock.excluded_at_face,
                known.working
            )
        end as due
        offset 0
    ) as faces
)

select
    clocked.stream,
    clocked.is_legacy,
    clocked.is_report_up,
    clocked.basis,
    clocked.receiver,
    clocked.received_position,
    clocked.accepted_position,
    clocked.superior_signed_position,
    clocked.approved_position,
    clocked.received_on,
    clocked.accepted_on,
    clocked.reported_on,
    clocked.superior_signed_on,
    clocked.superior_replied_on,
    clocked.approved_on,
    clocked.delivered_on,
    clocked.done_on,
    -- a word to the applicant
    last_days.word_due,
    clocked.word_on,
    broken.wordless_from,
    -- the case's own time: whichever limit binds it, the promise, the law; a survey or hearing stops it
    clocked.stopped,
    clocked.first_due,
    clocked.due,
    broken.soon_from,
    broken.late_from,
    overdue.is_hidden,
    clocked.promise_due,
    broken.unkept_from,
    clocked.legal_due,
    broken.unlawful_from,
    -- 报批: the superior's own
    clocked.superior_due,
    broken.superior_late_from,
    -- delivery: the county's limit, the law's
    last_days.delivery_due,
    broken.undelivered_from,
    last_days.lawful_delivery_due,
    broken.unlawfully_undelivered_from,
    clocked.flagged,
    clocked.procedures,
    clocked.procedure_ends
from clocked
left join governing as at_receipt
    on at_receipt.valid_from <= clocked.received_on and at_receipt.valid_before > clocked.received_on
left join governing as at_approval
    on at_approval.valid_from <= clocked.approved_on and at_approval.valid_before > clocked.approved_on
cross join lateral (
    select
        due_day(clocked.received_on, at_receipt.correction_notice_days, '{}', clocked.working) as word_due,
        due_day(clocked.approved_on, at_approval.delivery_days, '{}', clocked.working) as delivery_due,
        -- 行政许可法 Art. 44 speaks of licences
        case when clocked.is_licence then due_day(clocked.approved_on, 10, '{}', clocked.working) end
            as lawful_delivery_due,
        coalesce(
            clocked.limit_days,
            count_working(days_between(clocked.received_on, clocked.due), clocked.working)
        ) as limit_days
    offset 0
) as last_days
cross join lateral (
    select
        due_day(last_days.word_due, 1, '{}', clocked.working) as wordless_from,
        due_day(clocked.due, 1, clocked.stopped, clocked.working) as late_from,
        due_day(clocked.promise_due, 1, clocked.stopped, clocked.working) as unkept_from,
        due_day(clocked.legal_due, 1, clocked.stopped, clocked.working) as unlawful_from,
        due_day(clocked.superior_due, 1, clocked.stopped, clocked.working) as superior_late_from,
        due_day(last_days.delivery_due, 1, '{}', clocked.working) as undelivered_from,
        due_day(last_days.lawful_delivery_due, 1, '{}', clocked.working) as unlawfully_undelivered_from,
        (
            -- the day behind which so many counted days are left
            select day
            from unnest(
                clocked.working[
                    width_bucket(coalesce(clocked.accepted_on, clocked.received_on), clocked.working) + 1
                    : width_bucket(clocked.due, clocked.working)
                ]
            ) as counted (day)
            where not day <@ clocked.stopped
            order by day desc
            offset case
                when last_days.limit_days <= at_receipt.prewarn_short_limit then at_receipt.prewarn_days_short
                else at_receipt.prewarn_days_long
            end
            limit 1
        ) as soon_from
    offset 0
) as broken
cross join lateral (
    -- 违规挂起 hides an overdue: late as ruled, in time as whoever stopped the clock would have it
    select coalesce(
        broken.late_from is not null
            and coalesce(clocked.face_due > clocked.due, true)
            and coalesce(
                clocked.done_on >= broken.late_from and coalesce(clocked.done_on <= clocked.face_due, true), true
            ),
        false
    ) as is_hidden
    offset 0
) as overdue
