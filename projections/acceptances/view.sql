-- 受理 acceptances: one row for each case that was accepted: by whom, for whom, about what, and until when it lives.
--
-- What may happen twice counts with its last telling. A case lives from its receipt to its decision or end, and again
-- once it was reopened. A case deemed accepted is the window's that received it.
with history as (
    select
        stream,
        topic,
        occurred_at,
        fact,
        envelope -> 'actor' as actor,
        row_number() over in_order as n,
        count(*) filter (where topic = 'case.reopened.v1') over (
            in_order rows between current row and unbounded following
        ) = 0 as is_current
    from effective_events
    where topic in (
        'case.received.v1',
        'case.accepted.v1',
        'case.deemed_accepted.v1',
        'case.duplicate_linked.v1',
        'case.approved.v1',
        'case.rejected.v1',
        'case.closed_as_instant.v1',
        'case.acceptance_refused.v1',
        'case.withdrawn_by_applicant.v1',
        'case.concluded.v1',
        'case.terminated.v1',
        'case.reopened.v1'
    )
    window in_order as (partition by stream order by occurred_at, position)
),

cases as (
    select
        stream,
        (array_agg(fact order by n desc) filter (where topic = 'case.received.v1'))[1] as receipt,
        (array_agg(actor order by n desc) filter (where topic = 'case.received.v1'))[1] as received_by,
        min(occurred_at) filter (where topic = 'case.received.v1') as received_at,
        (array_agg(topic order by n desc) filter (
            where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
        ))[1] as accepted_by_topic,
        (array_agg(fact order by n desc) filter (
            where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
        ))[1] as acceptance,
        (array_agg(actor order by n desc) filter (
            where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')
        ))[1] as acceptor,
        max(occurred_at) filter (where topic in ('case.accepted.v1', 'case.deemed_accepted.v1')) as accepted_at,
        min(occurred_at) filter (
            where is_current
                and topic not in (
                    'case.received.v1',
                    'case.accepted.v1',
                    'case.deemed_accepted.v1',
                    'case.duplicate_linked.v1',
                    'case.reopened.v1'
                )
        ) as over_at,
        array_agg(fact ->> 'other_case' order by n) filter (where topic = 'case.duplicate_linked.v1') as linked_cases
    from history
    group by stream
)

select
    stream,
    receipt ->> 'item_code' as item_code,
    receipt ->> 'applicant_ref' as applicant_ref,
    receipt ->> 'object_ref' as object_ref,
    received_at,
    accepted_by_topic = 'case.deemed_accepted.v1' as is_deemed,
    accepted_at,
    day_of(accepted_at) as accepted_on,
    (acceptance ->> 'acceptance_date')::date as counts_from,
    acting.actor ->> 'unit_code' as unit_code,
    acting.actor ->> 'window_id' as window_id,
    acting.actor ->> 'post_id' as post_id,
    case
        when acting.actor ->> 'role' = 'importer' then acting.actor ->> 'on_behalf_of'
        else acting.actor ->> 'staff_id'
    end as person,
    over_at,
    day_of(over_at) as over_on,
    coalesce(linked_cases, '{}') as linked_cases
from cases
cross join lateral (
    select case when accepted_by_topic = 'case.accepted.v1' then acceptor else received_by end as actor
) as acting
where acceptance is not null
