-- 核查 investigations: one row for each, who acts in it, how far it reaches, what it holds, how it ended.
with told as (
    select
        stream,
        version,
        position,
        topic,
        occurred_at,
        fact,
        envelope
    from effective_events where topic in (
        'investigation.opened.v1',
        'investigation.legal_hold_placed.v1',
        'investigation.legal_hold_release_proposed.v1',
        'investigation.legal_hold_released.v1',
        'investigation.conclusion_recorded.v1'
    )
),

-- a hold: its placing, who proposed its release last, its release
holds as (
    select
        stream,
        jsonb_agg(hold order by placed_version) as holds,
        (count(*) filter (where hold ->> 'released_at' is null))::integer as standing
    from (
        select
            stream,
            min(version) as placed_version,
            jsonb_build_object(
                'hold_no', fact ->> 'hold_no',
                'case_nos', (array_agg(fact -> 'case_nos') filter (where topic = 'investigation.legal_hold_placed.v1'))[1],
                'persons', (array_agg(fact -> 'persons') filter (where topic = 'investigation.legal_hold_placed.v1'))[1],
                'reason', (array_agg(fact -> 'reason') filter (where topic = 'investigation.legal_hold_placed.v1'))[1],
                'placed_at', to_char(
                    min(occurred_at) filter (where topic = 'investigation.legal_hold_placed.v1') at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
                ),
                'proposed_by', (
                    array_agg(envelope -> 'actor' -> 'staff_id' order by version desc)
                        filter (where topic = 'investigation.legal_hold_release_proposed.v1')
                )[1],
                'released_by', (
                    array_agg(envelope -> 'actor' -> 'staff_id') filter (where topic = 'investigation.legal_hold_released.v1')
                )[1],
                'released_at', to_char(
                    min(occurred_at) filter (where topic = 'investigation.legal_hold_released.v1') at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
                )
            ) as hold
        from told
        where fact ? 'hold_no'
        group by stream, fact ->> 'hold_no'
    ) as each
    group by stream
)

select
    opened.stream,
    split_part(opened.stream, ':', 2) as investigation_no,
    opened.fact ->> 'authority' as authority,
    opened.fact ->> 'document_no' as document_no,
    array(select jsonb_array_elements_text(opened.fact -> 'officers')) as officers,
    array(select jsonb_array_elements_text(opened.fact -> 'scope' -> 'case_nos')) as case_nos,
    array(select jsonb_array_elements_text(opened.fact -> 'scope' -> 'persons')) as persons,
    array(select jsonb_array_elements_text(opened.fact -> 'scope' -> 'divisions')) as divisions,
    opened.fact ->> 'matter' as matter,
    opened.occurred_at as opened_at,
    opened.envelope -> 'actor' ->> 'staff_id' as opened_by,
    coalesce(holds.holds, '[]') as holds,
    coalesce(holds.standing, 0) as holds_standing,
    concluded.fact ->> 'result' as result,
    concluded.fact ->> 'findings' as findings,
    concluded.fact ->> 'document_no' as conclusion_no,
    concluded.occurred_at as concluded_at,
    opened.position as opened_position
from told as opened
left join told as concluded
    on concluded.stream = opened.stream and concluded.topic = 'investigation.conclusion_recorded.v1'
left join holds on holds.stream = opened.stream
where opened.topic = 'investigation.opened.v1'
