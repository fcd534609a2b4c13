-- 监察 watch: one row for each thing that a rule of supervision finds in a case, and on which days it is found.
--
-- Nothing here depends on today: the first day on which a duty is broken is known as soon as the duty is (duties 期限义务).
-- A row is found on the days from_day <= day <= until_day. Its number follows from rule, light, case, facts and broken day
-- (domain/signal/values.py): the same found again is the same signal. Rules about several cases stand in queries.sql.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

governing as materialized (
    select
        valid_from,
        coalesce(lead(valid_from) over (order by valid_from), 'infinity') as valid_before,
        handoff_days,
        agent_leg_days
    from policies
),

-- Everything that a case's duties, procedures and flags lead to.
of_cases as (
    select
        duties.stream,
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
        said.rule_code = 'T01' and duties.accepted_on is null and duties.done_on is null as is_silent,
        said.actor,
        duties.receiver
    from duties
    cross join lateral (
        select
            coalesce(duties.accepted_position, duties.received_position) as begun_by,
            coalesce(duties.accepted_on, duties.received_on) as begun_on
    ) as course
    cross join lateral (
        -- a duty is broken on the first day that counts behind its last, unless it was met before
        select
            duty.rule_code,
            duty.light,
            duty.opened_by,
            null as other_case,
            duty.start_on,
            duty.due,
            duty.met_on,
            duty.from_day,
            duty.until_day,
            duty.not_counted,
            duties.is_legacy,
            null::jsonb as actor
        from (
            values
            -- of what an old system did not tell, nobody knows that it did not happen
            (
                'T01', 'red', not duties.is_legacy,
                duties.received_position, duties.received_on, duties.word_due, duties.word_on,
                duties.wordless_from, null::date, '{}'::datemultirange
            ),
            (
                'T02', 'prewarning', true,
                course.begun_by, course.begun_on, duties.due, null,
                duties.soon_from,
                least(
                    duties.due, duties.done_on - 1, case when duties.is_report_up then duties.reported_on - 1 end
                ),
                duties.stopped
            ),
            -- over the law it is another rule's
            (
                'T03', 'yellow', not duties.is_report_up,
                course.begun_by, course.begun_on, duties.promise_due, duties.done_on,
                duties.unkept_from,
                case when coalesce(duties.done_on >= duties.unlawful_from, true) then duties.unlawful_from - 1 end,
                duties.stopped
            ),
            (
                'T04', 'red', not duties.is_report_up or duties.basis = 'ordered',
                course.begun_by, course.begun_on, duties.legal_due, duties.done_on,
                duties.unlawful_from, null, duties.stopped
            ),
            -- 报批: the superior has a limit of its own, from its signature
            (
                'T04', 'red', duties.is_report_up and duties.basis <> 'ordered',
                duties.superior_signed_position, duties.superior_signed_on, duties.superior_due,
                least(duties.superior_replied_on, duties.done_on),
                duties.superior_late_from, null, duties.stopped
            ),
            (
                'T06', 'yellow', true,
                duties.approved_position, duties.approved_on, duties.delivery_due, duties.delivered_on,
                duties.undelivered_from,
                case
                    when coalesce(duties.delivered_on >= duties.unlawfully_undelivered_from, true)
                        then duties.unlawfully_undelivered_from - 1
                end,
                '{}'
            ),
            (
                'T06', 'red', true,
                duties.approved_position, duties.approved_on, duties.lawful_delivery_due, duties.delivered_on,
                duties.unlawfully_undelivered_from, null, '{}'
            ),
            (
                'T07', 'red', duties.is_report_up,
                duties.accepted_position, duties.accepted_on, duties.due,
                least(duties.reported_on, duties.done_on),
                duties.late_from, null, duties.stopped
            )
        ) as duty (
            rule_code, light, is_owed, opened_by, start_on, due, met_on, from_day, until_day, not_counted
        )
        where duty.is_owed and coalesce(duty.met_on >= duty.from_day, true)
        union all
        -- 违规挂起: improperly started, or by working days longer than it was approved for
        select
            'P03',
            shade.light,
            breach.opened_by,
            null,
            breach.start_on,
            breach.due,
            -- how long it was, not whether it was in time: over its plan it stays
            breach.ended_on,
            shade.from_day,
            shade.until_day,
            '{}',
            duties.is_legacy,
            null
        from jsonb_array_elements(duties.procedures) as told (procedure)
        cross join lateral (
            select
                (told.procedure ->> 'position')::bigint as opened_by,
                (told.procedure ->> 'day')::date as start_on,
                null::date as due,
                null::date as ended_on,
                (told.procedure ->> 'day')::date as from_day
            where (told.procedure ->> 'is_improper')::boolean
            union all
            select
                (told.procedure ->> 'position')::bigint,
                (told.procedure ->> 'day')::date,
                plan.due,
                plan.ended_on,
                over_from
            from (
                select
                    (told.procedure ->> 'planned_end')::date as due,
                    coalesce((duties.procedure_ends ->> (told.procedure ->> 'no'))::date, duties.done_on) as ended_on
            ) as plan
            cross join lateral due_day(plan.due, 1, '{}', (select working from known)) as over_from
            where coalesce(plan.ended_on >= over_from, true)
        ) as breach
        cross join lateral (
            select
                'yellow' as light,
                breach.from_day,
                case when duties.is_hidden then greatest(breach.from_day, duties.late_from) - 1 end as until_day
            union all
            select 'red', greatest(breach.from_day, duties.late_from), null
            where duties.is_hidden
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
            case when flag.code = 'P07' and duties.accepted_position is not null then told.event ->> 'other_case' end,
            (told.event ->> 'day')::date,
            null,
            null,
            case when flag.code = 'P08' then (told.event ->> 'recorded_on')::date else (told.event ->> 'day')::date end,
            null,
            '{}',
            (told.event ->> 'is_legacy')::boolean,
            case when flag.code <> 'P07' then told.event -> 'actor' end
        from jsonb_array_elements(duties.flagged) as told (event)
        cross join lateral jsonb_array_elements_text(told.event -> 'codes') as flag (code)
        cross join lateral (
            -- recorded late it made an overdue case timely: the record asked for a second person's approval
            select coalesce(bool_or(
                (told.event ->> 'is_vouched')::boolean
                and last_day >= (told.event ->> 'day')::date
                and last_day < (told.event ->> 'recorded_on')::date
            ), false) as is_decisive
            from unnest(case told.event ->> 'topic'
                when 'case.certificate_delivered.v1' then array[duties.delivery_due, duties.lawful_delivery_due]
                when 'case.reported_to_superior.v1' then array[duties.due]
                else array[duties.word_due, duties.first_due, duties.due]
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
        and coalesce(said.until_day >= said.from_day, true)
),

-- What one holder has so many working days for, from the day on which it began. T08 交接滞留: sent and not signed for, the
-- sender's; an agent's leg counts as a whole. T05 环节超时: a piece of work on a step, by the item's published flow chart.
errands as (
    select
        'T08' as rule_code,
        custody.stream,
        custody.from_position as opened_by,
        custody.from_day as start_on,
        governing.handoff_days as working_days,
        custody.to_day as met_on,
        '{}'::datemultirange as not_counted,
        custody.holder_unit as unit_code,
        custody.holder_window as window_id,
        custody.holder_post as post_id,
        custody.holder_person as person
    from custody
    join governing on governing.valid_from <= custody.from_day and governing.valid_before > custody.from_day
    where custody.is_in_transit and not custody.is_agent
    union all
    select
        'T08',
        leg.stream,
        leg.opened_by,
        leg.start_on,
        governing.agent_leg_days,
        leg.met_on,
        '{}',
        leg.unit_code,
        null,
        leg.post_id,
        leg.person
    from (
        select
            stream,
            min(from_position) as opened_by,
            min(from_day) as start_on,
            case when bool_and(to_day is not null) then max(to_day) end as met_on,
            (array_agg(holder_unit order by ordinal))[1] as unit_code,
            (array_agg(holder_post order by ordinal))[1] as post_id,
            (array_agg(holder_person order by ordinal))[1] as person
        from custody
        where is_agent
        group by stream
    ) as leg
    join governing on governing.valid_from <= leg.start_on and governing.valid_before > leg.start_on
    union all
    select
        'T05',
        steps.stream,
        steps.first_position,
        steps.started_on,
        budget.working_days,
        least(steps.completed_on, clock.done_on),
        coalesce(clock.excluded + clock.open_pause, '{}'),
        steps.unit_code,
        steps.window_id,
        steps.post_id,
        steps.person
    from steps
    cross join known
    join items on items.item_code = steps.item_code and items.item_version = steps.item_version
    cross join lateral (
        select (step ->> 'working_days')::integer as working_days
        from jsonb_array_elements(items.step_budgets) as published (step)
        where step ->> 'step_code' = steps.step_code
    ) as budget
    -- offset 0: looked up for each piece of work, never all of the clocks for a few
    left join lateral (
        select done_on, excluded, open_pause
        from clock
        where clock.stream = steps.stream
        offset 0
    ) as clock on true
    -- in time if the clock had never stopped: nobody need look whether it did
    where coalesce(
        steps.completed_on >= due_day(steps.started_on, budget.working_days + 1, '{}', known.working), true
    )
),

of_errands as (
    select
        errands.stream,
        errands.rule_code,
        'yellow' as light,
        errands.opened_by,
        null as other_case,
        errands.start_on,
        limits.due,
        errands.met_on,
        limits.from_day,
        null::date as until_day,
        errands.not_counted,
        coalesce(receipt.envelope -> 'circumstances' ? 'imported_from', false) as is_legacy,
        false as is_silent,
        jsonb_build_object(
            'unit_code', errands.unit_code,
            'window_id', errands.window_id,
            'post_id', errands.post_id,
            'staff_id', errands.person
        ) as actor,
        receipt.envelope -> 'actor' as receiver
    from errands
    cross join known
    cross join lateral (
        select
            due_day(errands.start_on, errands.working_days, errands.not_counted, known.working) as due,
            due_day(errands.start_on, errands.working_days + 1, errands.not_counted, known.working) as from_day
    ) as limits
    left join (
        select stream, envelope
        from effective_events
        where topic in ('case.received.v1')
    ) as receipt on receipt.stream = errands.stream
    where limits.from_day is not null and coalesce(errands.met_on >= limits.from_day, true)
),

found as (
    select *
    from of_cases
    union all
    select *
    from of_errands
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
-- offset 0: looked up for each finding, however many the planner expects; never all of the ledger for a few
left join lateral (
    select holder_unit, holder_window, holder_post, holder_person
    from custody
    where custody.stream = found.stream
        and custody.from_day < found.from_day
        and coalesce(custody.to_day >= found.from_day, true)
    offset 0
) as custody on true
