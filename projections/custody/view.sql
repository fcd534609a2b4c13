-- 持件 custody: one row for each spell in which one holder had the case, and whether it was on its way meanwhile.
--
-- A spell lasts from what began it to what ended it; the next begins there, so the spells add up to the whole
-- (model 4.5). Sending moves nothing: what was sent and not signed for is in transit, and its sender's. An agent's
-- leg, from picking up to the hall's signature, is a spell like any other. Nobody holds a case that has ended.
-- What happened counts in the order in which it happened, whenever it was recorded.
--
-- Every window has one order, so the events are sorted once; what a row must know of an earlier one it finds at the end
-- of a list (0088).
with history as (
    select
        stream,
        position,
        occurred_at,
        recorded_at,
        topic,
        -- what is asked for below, and no more: all of it is sorted
        case
            when topic in (
                'case.received.v1',
                'case.agent_picked_up.v1',
                'case.hall_receipt_signed.v1',
                'case.station_receipt_signed.v1',
                'case.return_receipt_signed.v1',
                'case.superior_receipt_signed.v1',
                'case.superior_decision_received.v1'
            )
                then envelope -> 'actor'
        end as actor,
        case
            when topic in (
                'case.agent_handed_to_hall.v1',
                'case.forwarded_to_station.v1',
                'case.transfer_returned.v1',
                'case.reported_to_superior.v1',
                'case.handler_reassigned.v1'
            )
                then fact
        end as given
    from effective_events
    where topic in (
        'case.received.v1',
        'case.agent_picked_up.v1',
        'case.agent_handed_to_hall.v1',
        'case.hall_receipt_signed.v1',
        'case.forwarded_to_station.v1',
        'case.station_receipt_signed.v1',
        'case.transfer_returned.v1',
        'case.return_receipt_signed.v1',
        'case.reported_to_superior.v1',
        'case.superior_receipt_signed.v1',
        'case.superior_decision_received.v1',
        'case.handler_reassigned.v1',
        'case.acceptance_refused.v1',
        'case.withdrawn_by_applicant.v1',
        'case.closed_as_instant.v1',
        'case.concluded.v1',
        'case.terminated.v1',
        'case.reopened.v1'
    )
),

moves as (
    select
        stream,
        position,
        occurred_at,
        recorded_at,
        topic,
        told.*,
        told.move in ('taken', 'registered', 'signed by the hall') as is_taking,
        row_number() over so_far as n,
        count(*) filter (where told.move = 'registered') over so_far > 0 as is_registered
    from history
    -- offset 0: once, and before all of it is sorted
    cross join lateral (
        select
            actor,
            given,
            case topic
                when 'case.received.v1' then 'registered'
                when 'case.agent_handed_to_hall.v1' then 'sent'
                when 'case.forwarded_to_station.v1' then 'sent'
                when 'case.transfer_returned.v1' then 'sent'
                when 'case.reported_to_superior.v1' then 'sent'
                when 'case.hall_receipt_signed.v1' then 'signed by the hall'
                when 'case.agent_picked_up.v1' then 'taken'
                when 'case.station_receipt_signed.v1' then 'taken'
                when 'case.return_receipt_signed.v1' then 'taken'
                when 'case.superior_receipt_signed.v1' then 'taken'
                when 'case.superior_decision_received.v1' then 'taken'
                when 'case.handler_reassigned.v1' then 'reassigned'
                when 'case.reopened.v1' then 'reopened'
                else 'ended'
            end as move
        offset 0
    ) as told
    window so_far as (partition by stream order by occurred_at, position rows unbounded preceding)
),

-- Once the hall has registered a case, what the agent brings are papers, not the case.
of_the_case as (
    select
        *,
        count(*) filter (where is_taking) over earlier > 0 as was_held,
        coalesce(max(n) filter (where move = 'sent') over earlier, 0)
            > coalesce(max(n) filter (where move in ('taken', 'signed by the hall')) over earlier, 0)
            as was_in_transit,
        coalesce(max(n) filter (where topic = 'case.agent_picked_up.v1') over earlier, 0)
            >= coalesce(max(n) filter (where is_taking) over earlier, 0)
            as was_the_agents
    from moves
    where not (is_registered and topic in ('case.agent_picked_up.v1', 'case.agent_handed_to_hall.v1'))
    window earlier as (
        partition by stream order by occurred_at, position rows between unbounded preceding and 1 preceding
    )
),

-- Registering gives the case to the clerk unless somebody at the hall holds it, or the agent registers it at an
-- authorised point; the hall's signature, if it was on its way.
-- Each row knows the latest row of each sort up to it.
followed as (
    select
        *,
        max(n) filter (where is_taking) over so_far as taken_n,
        max(n) filter (where topic = 'case.agent_picked_up.v1') over so_far as picked_up_n,
        max(n) filter (where move = 'reassigned') over so_far as reassigned_n,
        max(n) filter (where move = 'sent') over so_far as sent_n,
        array_agg(given ->> 'to_unit') filter (where move = 'sent') over so_far as sent_to,
        coalesce(max(n) filter (where move = 'ended') over so_far, 0)
            > coalesce(max(n) filter (where move = 'reopened') over so_far, 0)
            as is_over,
        lead(occurred_at) over so_far as to_at,
        lead(position) over so_far as to_position
    from of_the_case
    where case move
        when 'registered' then not was_held or (was_the_agents and actor ->> 'role' <> 'agent')
        when 'signed by the hall' then was_in_transit
        else true
    end
    window so_far as (partition by stream order by occurred_at, position rows unbounded preceding)
),

-- The superior's unit holds what was reported to it, whoever recorded the signature; who there, nobody says.
taken as (
    select
        *,
        case
            when topic = 'case.superior_receipt_signed.v1'
                and sent_to[cardinality(sent_to)] is distinct from actor ->> 'unit_code'
                and sent_to[cardinality(sent_to)] is not null
                then jsonb_build_object('unit_code', sent_to[cardinality(sent_to)])
            else actor
        end as taker
    from followed
),

held as (
    select
        *,
        array_agg(taker) filter (where is_taking) over so_far as takers,
        array_agg(given) filter (where move = 'reassigned') over so_far as reassignments,
        coalesce(reassigned_n > taken_n, false) as is_reassigned,
        count(*) filter (where taken_n is not null and not is_over) over so_far as ordinal
    from taken
    window so_far as (partition by stream order by occurred_at, position rows unbounded preceding)
)

select
    stream,
    ordinal::integer as ordinal,
    last_taker ->> 'unit_code' as holder_unit,
    case
        when is_reassigned then reassignments[cardinality(reassignments)] ->> 'to_post'
        else last_taker ->> 'post_id'
    end as holder_post,
    case when not is_reassigned then last_taker ->> 'window_id' end as holder_window,
    case
        when is_reassigned then reassignments[cardinality(reassignments)] ->> 'to_staff'
        when last_taker ->> 'role' = 'importer' then last_taker ->> 'on_behalf_of'
        else last_taker ->> 'staff_id'
    end as holder_person,
    coalesce(picked_up_n = taken_n, false) as is_agent,
    coalesce(sent_n > taken_n, false) as is_in_transit,
    case when sent_n > taken_n then sent_to[cardinality(sent_to)] end as in_transit_to,
    occurred_at as from_at,
    to_at,
    day_of(occurred_at) as from_day,
    day_of(to_at) as to_day,
    recorded_at as from_recorded_at,
    position as from_position,
    to_position
from held
-- offset 0: once, not once for each column
cross join lateral (
    select takers[cardinality(takers)] as last_taker
    offset 0
) as last
where taken_n is not null and not is_over
