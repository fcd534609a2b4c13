-- 监察 watch: one row for each thing that a rule of supervision finds in a case, and on which days it is found.
--
-- Nothing here depends on today: a duty has its last day, so the first day on which it is broken is known as soon as the
-- duty is. A row is found on the days from_day <= day <= until_day. What stands open is compared with the day when asked.
-- Its number follows from rule, light, case, facts and broken day alone (domain/signal/values.py): whoever finds the
-- same again finds the same signal. Rules that look at more than one case stand in queries.sql.
with known as materialized (
    select array_agg(day order by day) filter (where is_working) as working
    from calendar
),

governing as materialized (
    select
        valid_from,
        coalesce(lead(valid_from) over (order by valid_from), 'infinity') as valid_before,
        prewarn_days_short,
        prewarn_days_long,
        prewarn_short_limit,
        correction_notice_days,
        delivery_days,
        handoff_days,
        agent_leg_days
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
        ) filter (where is_flagged) as flagged,
        jsonb_agg(
            jsonb_build_object(
                'position', position,
                'no', fact -> 'procedure_no',
                'day', day,
                'planned_end', fact -> 'planned_end',
                'is_improper', envelope -> 'irregularities' ? 'P03' or not (fact ->> 'is_valid')::boolean
            )
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
            (occurred_at at time zone 'Asia/Shanghai')::date as day,
            (recorded_at at time zone 'Asia/Shanghai')::date as recorded_on,
            fact,
            envelope,
            jsonb_array_length(envelope -> 'irregularities') > 0 as is_flagged
        from effective_events
        where topic like 'case.%'
    ) as history
    where is_flagged
        or topic in (
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
                    then (approved_at at time zone 'Asia/Shanghai')::date
            end as approved_on,
            case
                when reopened_at is null then (first_delivered_at at time zone 'Asia/Shanghai')::date
                when last_delivered_at > reopened_at then (last_delivered_at at time zone 'Asia/Shanghai')::date
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
),

-- Everything that a case's own events and clock lead to. A duty is begun on a day, to be met by its last day; it is broken
-- on the first day that counts behind it, unless it was met before.
of_cases as (
    select
        clocked.stream,
        said.rule_code,
        said.light,
        said.opened_by,
        said.other_case,
        said.start_on,
        said.due,
        said.met_on,
        said.from_day,
        said.until_day,
        said.not_counted,
        said.is_legacy,
        said.rule_code = 'T01' and clocked.accepted_on is null and clocked.done_on is null as is_silent,
        said.actor,
        clocked.receiver
    from clocked
    left join governing as at_receipt
        on at_receipt.valid_from <= clocked.received_on and at_receipt.valid_before > clocked.received_on
    left join governing as at_approval
        on at_approval.valid_from <= clocked.approved_on and at_approval.valid_before > clocked.approved_on
    cross join lateral (
        select
            due_day(clocked.received_on, at_receipt.correction_notice_days, '{}', clocked.working) as word,
            due_day(clocked.approved_on, at_approval.delivery_days, '{}', clocked.working) as delivery,
            -- 行政许可法 Art. 44 speaks of licences
            case when clocked.is_licence then due_day(clocked.approved_on, 10, '{}', clocked.working) end
                as lawful_delivery,
            coalesce(
                clocked.limit_days,
                count_working(days_between(clocked.received_on, clocked.due), clocked.working)
            ) as limit_days
        offset 0
    ) as last_days
    cross join lateral (
        select
            due_day(last_days.word, 1, '{}', clocked.working) as wordless_from,
            due_day(clocked.due, 1, clocked.stopped, clocked.working) as late_from,
            due_day(clocked.promise_due, 1, clocked.stopped, clocked.working) as unkept_from,
            due_day(clocked.legal_due, 1, clocked.stopped, clocked.working) as unlawful_from,
            due_day(clocked.superior_due, 1, clocked.stopped, clocked.working) as superior_late_from,
            due_day(last_days.delivery, 1, '{}', clocked.working) as undelivered_from,
            due_day(last_days.lawful_delivery, 1, '{}', clocked.working) as unlawfully_undelivered_from,
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
    cross join lateral (
        select
            'T01' as rule_code,
            'red' as light,
            clocked.received_position as opened_by,
            null as other_case,
            clocked.received_on as start_on,
            last_days.word as due,
            clocked.word_on as met_on,
            broken.wordless_from as from_day,
            null::date as until_day,
            '{}'::datemultirange as not_counted,
            clocked.is_legacy,
            null::jsonb as actor
        -- of what an old system did not tell, nobody knows that it did not happen
        where not clocked.is_legacy
        union all
        select
            'T02',
            'prewarning',
            coalesce(clocked.accepted_position, clocked.received_position),
            null,
            coalesce(clocked.accepted_on, clocked.received_on),
            clocked.due,
            null,
            broken.soon_from,
            least(clocked.due, clocked.done_on - 1, case when clocked.is_report_up then clocked.reported_on - 1 end),
            clocked.stopped,
            clocked.is_legacy,
            null
        union all
        select
            'T03',
            'yellow',
            coalesce(clocked.accepted_position, clocked.received_position),
            null,
            coalesce(clocked.accepted_on, clocked.received_on),
            clocked.promise_due,
            clocked.done_on,
            broken.unkept_from,
            -- over the law it is another rule's
            case when coalesce(clocked.done_on >= broken.unlawful_from, true) then broken.unlawful_from - 1 end,
            clocked.stopped,
            clocked.is_legacy,
            null
        where not coalesce(clocked.is_report_up, false)
        union all
        select
            'T04',
            'red',
            coalesce(clocked.accepted_position, clocked.received_position),
            null,
            coalesce(clocked.accepted_on, clocked.received_on),
            clocked.legal_due,
            clocked.done_on,
            broken.unlawful_from,
            null,
            clocked.stopped,
            clocked.is_legacy,
            null
        where not coalesce(clocked.is_report_up, false) or clocked.basis = 'ordered'
        union all
        -- 报批: the superior has a limit of its own, from its signature
        select
            'T04',
            'red',
            clocked.superior_signed_position,
            null,
            clocked.superior_signed_on,
            clocked.superior_due,
            least(clocked.superior_replied_on, clocked.done_on),
            broken.superior_late_from,
            null,
            clocked.stopped,
            clocked.is_legacy,
            null
        where clocked.is_report_up and clocked.basis <> 'ordered'
        union all
        select
            'T06',
            'yellow',
            clocked.approved_position,
            null,
            clocked.approved_on,
            last_days.delivery,
            clocked.delivered_on,
            broken.undelivered_from,
            case
                when coalesce(clocked.delivered_on >= broken.unlawfully_undelivered_from, true)
                    then broken.unlawfully_undelivered_from - 1
            end,
            '{}',
            clocked.is_legacy,
            null
        union all
        select
            'T06',
            'red',
            clocked.approved_position,
            null,
            clocked.approved_on,
            last_days.lawful_delivery,
            clocked.delivered_on,
            broken.unlawfully_undelivered_from,
            null,
            '{}',
            clocked.is_legacy,
            null
        union all
        select
            'T07',
            'red',
            clocked.accepted_position,
            null,
            clocked.accepted_on,
            clocked.due,
            least(clocked.reported_on, clocked.done_on),
            broken.late_from,
            null,
            clocked.stopped,
            clocked.is_legacy,
            null
        where clocked.is_report_up
        union all
        -- 违规挂起: improperly started, or longer than it was approved for
        select
            'P03',
            shade.light,
            breach.opened_by,
            null,
            breach.start_on,
            breach.due,
            null,
            shade.from_day,
            shade.until_day,
            '{}',
            clocked.is_legacy,
            null
        from jsonb_array_elements(clocked.procedures) as told (procedure)
        cross join lateral (
            select
                (told.procedure ->> 'position')::bigint as opened_by,
                (told.procedure ->> 'day')::date as start_on,
                null::date as due,
                (told.procedure ->> 'day')::date as from_day
            where (told.procedure ->> 'is_improper')::boolean
            union all
            select
                (told.procedure ->> 'position')::bigint,
                (told.procedure ->> 'day')::date,
                (told.procedure ->> 'planned_end')::date,
                (told.procedure ->> 'planned_end')::date + 1
            where coalesce(
                coalesce((clocked.procedure_ends ->> (told.procedure ->> 'no'))::date, clocked.done_on)
                > (told.procedure ->> 'planned_end')::date,
                true
            )
        ) as breach
        cross join lateral (
            select
                'yellow' as light,
                breach.from_day,
                case when overdue.is_hidden then greatest(breach.from_day, broken.late_from) - 1 end as until_day
            union all
            select 'red', greatest(breach.from_day, broken.late_from), null
            where overdue.is_hidden
        ) as shade
        union all
        -- what the record flagged when it was recorded
        select
            flag.code,
            case
                when flag.code = 'P01' and (told.event ->> 'ordinal')::integer > 2 then 'red'
                when flag.code = 'P08' and turning.is_decisive then 'red'
                when flag.code in ('P04', 'P05', 'P09', 'F01') then 'red'
                else 'yellow'
            end,
            (told.event ->> 'position')::bigint,
            -- two accepted cases are compared in queries.sql
            case when flag.code = 'P07' and clocked.accepted_position is not null then told.event ->> 'other_case' end,
            (told.event ->> 'day')::date,
            null,
            null,
            case when flag.code = 'P08' then (told.event ->> 'recorded_on')::date else (told.event ->> 'day')::date end,
            null,
            '{}',
            (told.event ->> 'is_legacy')::boolean,
            case when flag.code <> 'P07' then told.event -> 'actor' end
        from jsonb_array_elements(clocked.flagged) as told (event)
        cross join lateral jsonb_array_elements_text(told.event -> 'codes') as flag (code)
        cross join lateral (
            -- recorded late it made an overdue case timely: the record asked for a second person's approval
            select coalesce(bool_or(
                (told.event ->> 'is_vouched')::boolean
                and last_day >= (told.event ->> 'day')::date
                and last_day < (told.event ->> 'recorded_on')::date
            ), false) as is_decisive
            from unnest(case told.event ->> 'topic'
                when 'case.certificate_delivered.v1' then array[last_days.delivery, last_days.lawful_delivery]
                when 'case.reported_to_superior.v1' then array[clocked.due]
                else array[last_days.word, clocked.first_due, clocked.due]
            end) as last_day
            where told.event ->> 'topic' in (
                'case.correction_notice_issued.v1',
                'case.correction_supplied.v1',
                'case.accepted.v1',
                'case.acceptance_refused.v1',
                'case.special_procedure_started.v1',
                'case.special_procedure_ended.v1',
                'case.extension_approved.v1',
                'case.approved.v1',
                'case.rejected.v1',
                'case.closed_as_instant.v1',
                'case.concluded.v1',
                'case.terminated.v1',
                'case.withdrawn_by_applicant.v1',
                'case.certificate_delivered.v1',
                'case.reported_to_superior.v1'
            )
        ) as turning
        where case flag.code
            -- acceptance repeats what the notice was flagged for; procedures are looked at above
            when 'P01' then told.event ->> 'topic' = 'case.correction_notice_issued.v1'
            when 'P03' then told.event ->> 'topic' = 'case.extension_approved.v1'
            else flag.code in ('P02', 'P04', 'P05', 'P06', 'P07', 'P08', 'P09', 'F01')
        end
    ) as said
    where said.from_day is not null
        and coalesce(said.met_on >= said.from_day, true)
        and coalesce(said.until_day >= said.from_day, true)
),

-- 交接滞留: sent and not signed for, the sender's; an agent's leg counts as a whole.
in_transit as (
    select
        custody.stream,
        'T08' as rule_code,
        'yellow' as light,
        custody.from_position as opened_by,
        null as other_case,
        custody.from_day as start_on,
        limits.due,
        custody.to_day as met_on,
        limits.from_day,
        null::date as until_day,
        '{}'::datemultirange as not_counted,
        jsonb_build_object(
            'unit_code', custody.holder_unit,
            'window_id', custody.holder_window,
            'post_id', custody.holder_post,
            'staff_id', custody.holder_person
        ) as actor
    from custody
    join governing on governing.valid_from <= custody.from_day and governing.valid_before > custody.from_day
    cross join known
    cross join lateral (
        select
            due_day(custody.from_day, governing.handoff_days, '{}', known.working) as due,
            due_day(custody.from_day, governing.handoff_days + 1, '{}', known.working) as from_day
    ) as limits
    where custody.is_in_transit
        and not custody.is_agent
        and coalesce(custody.to_day >= limits.from_day, true)
),

with_agents as (
    select
        leg.stream,
        'T08' as rule_code,
        'yellow' as light,
        leg.opened_by,
        null as other_case,
        leg.start_on,
        limits.due,
        leg.met_on,
        limits.from_day,
        null::date as until_day,
        '{}'::datemultirange as not_counted,
        leg.actor
    from (
        select
            stream,
            min(from_position) as opened_by,
            min(from_day) as start_on,
            case when bool_and(to_day is not null) then max(to_day) end as met_on,
            (array_agg(
                jsonb_build_object('unit_code', holder_unit, 'post_id', holder_post, 'staff_id', holder_person)
                order by ordinal
            ))[1] as actor
        from custody
        where is_agent
        group by stream
    ) as leg
    join governing on governing.valid_from <= leg.start_on and governing.valid_before > leg.start_on
    cross join known
    cross join lateral (
        select
            due_day(leg.start_on, governing.agent_leg_days, '{}', known.working) as due,
            due_day(leg.start_on, governing.agent_leg_days + 1, '{}', known.working) as from_day
    ) as limits
    where coalesce(leg.met_on >= limits.from_day, true)
),

-- 环节超时: a piece of work on a step took longer than the item's published flow chart gives it.
of_steps as (
    select
        steps.stream,
        'T05' as rule_code,
        'yellow' as light,
        steps.first_position as opened_by,
        null as other_case,
        steps.started_on as start_on,
        limits.due,
        worked.met_on,
        limits.from_day,
        null::date as until_day,
        worked.stopped as not_counted,
        jsonb_build_object(
            'unit_code', steps.unit_code,
            'window_id', steps.window_id,
            'post_id', steps.post_id,
            'staff_id', steps.person
        ) as actor
    from steps
    join items on items.item_code = steps.item_code and items.item_version = steps.item_version
    cross join lateral (
        select (step ->> 'working_days')::integer as working_days
        from jsonb_array_elements(items.step_budgets) as published (step)
        where step ->> 'step_code' = steps.step_code
    ) as budget
    left join clock on clock.stream = steps.stream
    cross join known
    cross join lateral (
        select
            least(steps.completed_on, clock.done_on) as met_on,
            coalesce(clock.excluded + clock.open_pause, '{}') as stopped
    ) as worked
    cross join lateral (
        select
            due_day(steps.started_on, budget.working_days, worked.stopped, known.working) as due,
            due_day(steps.started_on, budget.working_days + 1, worked.stopped, known.working) as from_day
    ) as limits
    where limits.from_day is not null and coalesce(worked.met_on >= limits.from_day, true)
),

of_others as (
    select found.*, receipt.envelope -> 'actor' as receiver,
        coalesce(receipt.envelope -> 'circumstances' ? 'imported_from', false) as is_legacy,
        false as is_silent
    from (
        select * from in_transit
        union all
        select * from with_agents
        union all
        select * from of_steps
    ) as found
    left join effective_events as receipt
        on receipt.stream = found.stream and receipt.topic = 'case.received.v1'
),

found as (
    select
        stream, rule_code, light, opened_by, other_case, start_on, due, met_on, from_day, until_day, not_counted,
        is_legacy, is_silent, actor, receiver
    from of_cases
    union all
    select
        stream, rule_code, light, opened_by, other_case, start_on, due, met_on, from_day, until_day, not_counted,
        is_legacy, is_silent, actor, receiver
    from of_others
)

select
    found.stream,
    found.rule_code || '-' || upper(left(encode(sha256(convert_to(
        found.rule_code || '|' || found.light || '|' || found.stream || '|' || found.opened_by || '|' || coalesce(found.due::text, ''),
        'UTF8'
    )), 'hex'), 16)) as signal_no,
    found.rule_code,
    found.light,
    split_part(found.stream, ':', 2) as case_no,
    array[found.opened_by] as facts,
    found.other_case,
    found.start_on,
    found.due,
    found.met_on,
    found.from_day,
    found.until_day,
    found.not_counted,
    found.is_legacy,
    -- 视为受理: nothing was said in time, and neither acceptance nor an end since
    found.is_silent,
    -- whose hands it was in on the first day that it was so, unless it is somebody's own act
    coalesce(own.unit_code, custody.holder_unit, found.receiver ->> 'unit_code') as unit_code,
    case when own.unit_code is not null then own.window_id else custody.holder_window end as window_id,
    case when own.unit_code is not null then own.post_id else custody.holder_post end as post_id,
    case when own.unit_code is not null then own.person else custody.holder_person end as person
from found
cross join lateral (
    select
        found.actor ->> 'unit_code' as unit_code,
        found.actor ->> 'window_id' as window_id,
        found.actor ->> 'post_id' as post_id,
        case when found.actor ->> 'role' = 'importer' then found.actor ->> 'on_behalf_of' else found.actor ->> 'staff_id' end as person
) as own
left join custody
    on custody.stream = found.stream
    and custody.from_day < found.from_day
    and coalesce(custody.to_day >= found.from_day, true)
