-- 联审、报批 legs: one row for each time that another unit was asked about a case, and what came of it.
--
-- A co-unit's leg 联审 begins when its opinion is requested, else when the review is opened; asked again before it has
-- answered, it is still the same leg, due as said last. It ends with the answer, or unanswered with the consolidation.
-- A superior's leg 报批 begins with the report, and is in transit until the superior signs.
with history as (
    select
        stream,
        position,
        topic,
        occurred_at,
        fact,
        envelope -> 'actor' ->> 'unit_code' as actor_unit,
        row_number() over (partition by stream order by occurred_at, position) as n,
        topic in (
            'case.reported_to_superior.v1', 'case.superior_receipt_signed.v1', 'case.superior_decision_received.v1'
        ) as is_superiors
    from effective_events
    where topic in (
        'case.joint_review_opened.v1',
        'case.opinion_requested.v1',
        'case.opinion_returned.v1',
        'case.joint_review_consolidated.v1',
        'case.reported_to_superior.v1',
        'case.superior_receipt_signed.v1',
        'case.superior_decision_received.v1'
    )
),

-- a consolidation ends its round, a report begins one
rounds as (
    select
        *,
        case
            when is_superiors
                then count(*) filter (where topic = 'case.reported_to_superior.v1') over (
                    partition by stream order by n rows between unbounded preceding and current row
                )
            else 1 + count(*) filter (where topic = 'case.joint_review_consolidated.v1') over (
                partition by stream order by n rows between unbounded preceding and 1 preceding
            )
        end as round
    from history
),

spoken as (
    select
        *,
        min(occurred_at) filter (where topic = 'case.joint_review_opened.v1') over of_round as opened_at,
        min(occurred_at) filter (where topic = 'case.joint_review_consolidated.v1') over of_round as consolidated_at,
        max(fact ->> 'to_unit') filter (where topic = 'case.reported_to_superior.v1') over of_round as reported_to,
        max(actor_unit) filter (
            where topic in ('case.reported_to_superior.v1', 'case.joint_review_opened.v1')
        ) over of_round as asking_unit
    from rounds
    window of_round as (partition by stream, is_superiors, round)
),

-- an opening asks each of its units
said as (
    select
        spoken.*,
        case
            when is_superiors then reported_to
            else coalesce(saying ->> 'unit_code', actor_unit)
        end as unit_code,
        (saying ->> 'due')::date as due
    from spoken
    cross join lateral jsonb_array_elements(
        case topic when 'case.joint_review_opened.v1' then fact -> 'units' else jsonb_build_array(fact) end
    ) as told (saying)
    where topic <> 'case.joint_review_consolidated.v1'
),

turned as (
    select
        *,
        count(*) filter (where topic = 'case.opinion_returned.v1') over (
            partition by stream, is_superiors, round, unit_code
            order by n rows between unbounded preceding and 1 preceding
        ) as turn
    from said
),

legs as (
    select
        stream,
        is_superiors,
        round,
        unit_code,
        min(n) as n,
        max(asking_unit) as asking_unit,
        min(opened_at) as opened_at,
        min(consolidated_at) as consolidated_at,
        coalesce(
            min(occurred_at) filter (where topic in ('case.opinion_requested.v1', 'case.reported_to_superior.v1')),
            min(occurred_at) filter (where topic = 'case.joint_review_opened.v1')
        ) as asked_at,
        (array_agg(due order by n desc) filter (where due is not null))[1] as due,
        min(occurred_at) filter (where topic = 'case.superior_receipt_signed.v1') as signed_at,
        min(occurred_at) filter (
            where topic in ('case.opinion_returned.v1', 'case.superior_decision_received.v1')
        ) as answered_at,
        (array_agg(fact order by n) filter (
            where topic in ('case.opinion_returned.v1', 'case.superior_decision_received.v1')
        ))[1] as answer,
        min(position) as first_position
    from turned
    group by stream, is_superiors, round, unit_code, turn
)

select
    stream,
    row_number() over (partition by stream order by asked_at, n, unit_code)::integer as ordinal,
    case when is_superiors then 'superior' else 'co_unit' end as leg_kind,
    round::integer as round,
    unit_code,
    asking_unit,
    opened_at,
    consolidated_at,
    asked_at,
    day_of(asked_at) as asked_on,
    due,
    signed_at,
    day_of(signed_at) as signed_on,
    answered_at,
    day_of(answered_at) as answered_on,
    case when is_superiors
        then case (answer ->> 'is_approved')::boolean when true then 'approved' when false then 'refused' end
        else answer ->> 'stance'
    end as answer,
    coalesce(answered_at, consolidated_at) as ended_at,
    (coalesce(answered_at, consolidated_at) at time zone 'Asia/Shanghai')::date as ended_on,
    not is_superiors and answered_at is null and consolidated_at is not null as is_silent,
    -- what the rest of its round had to wait for
    coalesce(answered_at, consolidated_at, 'infinity')
        = max(coalesce(answered_at, consolidated_at, 'infinity')) over (partition by stream, is_superiors, round)
        as is_critical,
    first_position
from legs
where asked_at is not null
