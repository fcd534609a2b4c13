-- 时限 clock: one row for each case: limits, pauses as sets of days, the last days they lead to, when it was done.
--
-- Nothing here depends on today: an open case is compared with a day when asked (queries.sql). The last days are
-- counted anew from the sets, never taken from what was computed at recording; so a correction, an invalidated
-- special procedure or a published calendar moves them by itself. Source: 行政许可法 Arts. 42, 43, 45, 82.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working, provisional_from
    from working_days
),

-- read once, also where `policies` is the view of another day
governing as materialized (
    select valid_from, pause_capped_at_plan, first_review_days
    from policies
),

history as (
    select
        stream,
        position,
        topic,
        occurred_at,
        -- what is asked for below, and no more: all of it is sorted
        case
            when topic in (
                'case.received.v1',
                'case.accepted.v1',
                'case.deemed_accepted.v1',
                'case.special_procedure_started.v1',
                'case.special_procedure_ended.v1',
                'case.special_procedure_invalidated.v1',
                'case.extension_approved.v1',
                'case.reopened.v1'
            )
                then fact
        end as given
    from effective_events
    where topic in (
        'case.received.v1',
        'case.accepted.v1',
        'case.deemed_accepted.v1',
        'case.acceptance_refused.v1',
        'case.special_procedure_started.v1',
        'case.special_procedure_ended.v1',
        'case.special_procedure_invalidated.v1',
        'case.extension_approved.v1',
        'case.reported_to_superior.v1',
        'case.superior_receipt_signed.v1',
        'case.superior_decision_received.v1',
        'case.approved.v1',
        'case.rejected.v1',
        'case.closed_as_instant.v1',
        'case.withdrawn_by_applicant.v1',
        'case.concluded.v1',
        'case.terminated.v1',
        'case.reopened.v1'
    )
),

-- A reopened case is decided and ended anew: what came before its last reopening no longer stops the clock.
-- Turns: D decided, E ended, O reopened.
turning as (
    select stream, position, topic, occurred_at, told.*
    from history
    -- offset 0: once, not once for each use, and before it is sorted
    cross join lateral (
        select
            given as fact,
            day_of(occurred_at) as day,
            case
                when topic in ('case.approved.v1', 'case.rejected.v1') then 'D'
                when topic in (
                    'case.closed_as_instant.v1',
                    'case.concluded.v1',
                    'case.acceptance_refused.v1',
                    'case.withdrawn_by_applicant.v1',
                    'case.terminated.v1'
                )
                    then 'E'
                when topic = 'case.reopened.v1' then 'O'
            end as turn
        offset 0
    ) as told
),

-- What the clock's events say, case by case, in the one order in which they come; of what may happen twice, the last.
cases as (
    select
        stream,
        array_agg(fact -> 'origin' order by occurred_at, position) filter (where topic = 'case.received.v1') as origins,
        bool_or(fact ->> 'routing' = 'report_up') filter (where topic = 'case.received.v1') as is_report_up,
        array_agg(fact order by occurred_at, position) filter (
            where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
        ) as acceptances,
        array_agg(topic order by occurred_at, position) filter (
            where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
        ) as accepted_by,
        array_agg(fact ->> 'decide_by' order by occurred_at, position) filter (
            where topic = 'case.reopened.v1' and fact ? 'decide_by'
        ) as orders,
        coalesce(sum((fact ->> 'days')::integer) filter (where topic = 'case.extension_approved.v1'), 0)::integer
            as extension_days,
        jsonb_agg(fact || jsonb_build_object('started_on', day)) filter (
            where topic = 'case.special_procedure_started.v1'
        ) as procedures,
        jsonb_agg(jsonb_build_array(fact ->> 'procedure_no', day, topic) order by occurred_at, position) filter (
            where topic in ('case.special_procedure_ended.v1', 'case.special_procedure_invalidated.v1')
        ) as ends,
        max(day) filter (where topic = 'case.reported_to_superior.v1') as reported_on,
        max(day) filter (where topic = 'case.superior_receipt_signed.v1') as superior_signed_on,
        max(day) filter (where topic = 'case.superior_decision_received.v1') as superior_replied_on,
        string_agg(turn, '' order by occurred_at, position) as turns,
        array_agg(day order by occurred_at, position) filter (where turn is not null) as turned_on
    from turning
    group by stream
),

-- Done by the last decision, or else the first end, behind the last reopening.
told as (
    select
        stream,
        extension_days,
        is_report_up,
        procedures,
        ends,
        reported_on,
        superior_signed_on,
        superior_replied_on,
        last.*
    from cases
    cross join lateral (
        select
            length(rtrim(turns, 'EO')) as last_decided,
            length(rtrim(turns, 'DE')) as last_reopened
    ) as place
    -- offset 0: once, not once for each use
    cross join lateral (
        select
            coalesce(origins[cardinality(origins)], '{}') as origin,
            acceptances[cardinality(acceptances)] as acceptance,
            accepted_by[cardinality(accepted_by)] as accepted_by,
            orders[cardinality(orders)]::date as ordered_due,
            case
                when last_decided > last_reopened then turned_on[last_decided]
                -- behind the last reopening stand ends alone, where anything does
                else turned_on[last_reopened + 1]
            end as done_on
        offset 0
    ) as last
),

-- 特别程序 as sets of days. Excluded are the days of valid procedures that have ended, up to their plan where the policy
-- of the day gives no credit beyond it; an open one is kept apart, for it is over when today is. Beside them what the
-- parties might say: every procedure at face value, every one up to its approved plan, the open ones without end.
paused as (
    select
        told.*,
        coalesce(found.pauses, 0) as pauses,
        coalesce(found.void_pauses, 0) as void_pauses,
        coalesce(found.excluded, '{}') as excluded,
        coalesce(found.open_pause, '{}') as open_pause,
        coalesce(found.excluded_at_face, '{}') as excluded_at_face,
        coalesce(found.excluded_to_plan, '{}') as excluded_to_plan
    from told
    left join lateral (
        select *
        from (
            select
                count(*)::integer as pauses,
                count(*) filter (where not is_valid)::integer as void_pauses,
                range_agg(counted) filter (where is_valid and ended_on is not null) as excluded,
                range_agg(counted) filter (where is_valid and ended_on is null) as open_pause,
                range_agg(whole) as excluded_at_face,
                range_agg(whole * planned) as excluded_to_plan
            from (
                select
                    is_valid,
                    ended_on,
                    whole,
                    planned,
                    case when pause_capped_at_plan then whole * planned else whole end as counted
                from jsonb_array_elements(told.procedures) as procedure
                cross join lateral (
                    -- the first end of a procedure stands
                    select
                        (procedure ->> 'started_on')::date as started_on,
                        (array_agg((ending ->> 1)::date order by n))[1] as ended_on,
                        (procedure ->> 'is_valid')::boolean
                            and not coalesce(bool_or(ending ->> 2 = 'case.special_procedure_invalidated.v1'), false)
                            as is_valid
                    from jsonb_array_elements(told.ends) with ordinality as given (ending, n)
                    where ending ->> 0 = procedure ->> 'procedure_no'
                ) as fate
                cross join lateral (
                    select
                        days_between(started_on, (procedure ->> 'planned_end')::date) as planned,
                        case
                            when ended_on is null then datemultirange(daterange(started_on, null, '(]'))
                            else days_between(started_on, ended_on)
                        end as whole
                ) as length
                cross join lateral (
                    select pause_capped_at_plan
                    from governing
                    where valid_from <= coalesce(ended_on, started_on)
                    order by valid_from desc
                    limit 1
                ) as policy
            ) as procedures
        ) as counted
        -- asked first: few cases have any
        where told.procedures is not null
        offset 0
    ) as found on true
),

-- What is counted from which day: acceptance, or the limits that the source of a legacy record gave by their days.
counted as (
    select paused.*, limits.*
    from paused
    cross join lateral (
        select
            (acceptance ->> 'acceptance_date')::date as accepted_on,
            (acceptance ->> 'promise_days')::integer as promise_days,
            (acceptance ->> 'legal_days')::integer as legal_days,
            day_of((origin ->> 'planned_end')::timestamptz) as promise_given,
            day_of((origin ->> 'deadline')::timestamptz) as legal_given,
            origin ? 'planned_end' or origin ? 'deadline' as is_from_source
        offset 0
    ) as limits
),

dated as (
    select counted.*, known.*, dues.*
    from counted
    cross join known
    left join lateral (
        select first_review_days
        from governing
        where is_report_up and valid_from <= accepted_on
        order by valid_from desc
        limit 1
    ) as policy on true
    cross join lateral (
        select
            case
                when ordered_due is not null then null
                when is_from_source then pushed_day(promise_given, extension_days, excluded, working)
                else due_day(accepted_on, promise_days + extension_days, excluded, working)
            end as promise_due,
            case
                when ordered_due is not null then ordered_due
                when is_from_source then pushed_day(legal_given, extension_days, excluded, working)
                else due_day(accepted_on, legal_days + extension_days, excluded, working)
            end as legal_due,
            due_day(accepted_on, first_review_days, excluded, working) as first_review_due,
            due_day(superior_signed_on, legal_days, excluded, working) as superior_due
        offset 0
    ) as dues
)

select
    stream,
    case
        when ordered_due is not null then 'ordered'
        when is_from_source then 'source'
        when accepted_by = 'case.deemed_accepted.v1' then 'deemed'
        when accepted_by = 'case.accepted.v1' then 'accepted'
    end as basis,
    accepted_on,
    promise_days,
    legal_days,
    extension_days,
    promise_given,
    legal_given,
    ordered_due,
    pauses,
    void_pauses,
    excluded,
    open_pause,
    excluded_at_face,
    excluded_to_plan,
    promise_due,
    legal_due,
    coalesce(greatest(promise_due, legal_due) >= provisional_from, false)
        and ordered_due is null
        and not is_from_source as is_provisional,
    done_on,
    working_between(accepted_on, done_on, excluded, working) as used_days,
    working_between(coalesce(promise_due, legal_due), done_on, excluded, working) as overdue_days,
    first_review_due,
    reported_on,
    superior_signed_on,
    superior_due,
    superior_replied_on
from dated
