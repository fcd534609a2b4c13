-- 核查 investigations: one row for each, who acts in it, how far it reaches, what it holds, how it ended.
with told as (
    select
        stream,
        version,
        position,
        topic,
        occurred_at,
        fact,
        envelope -> 'actor' -> 'staff_id' as staff_id
    from effective_events where topic in (
        'investigation.opened.v1',
        'investigation.legal_hold_placed.v1',
        'investigation.legal_hold_release_proposed.v1',
        'investigation.legal_hold_released.v1',
        'investigation.conclusion_recorded.v1'
    )
),

gathered as (
    select
        stream,
        (array_agg(fact) filter (where topic = 'investigation.opened.v1'))[1] as opened,
        (array_agg(staff_id) filter (where topic = 'investigation.opened.v1'))[1] as opened_by,
        min(occurred_at) filter (where topic = 'investigation.opened.v1') as opened_at,
        min(position) filter (where topic = 'investigation.opened.v1') as opened_position,
        (array_agg(fact) filter (where topic = 'investigation.conclusion_recorded.v1'))[1] as concluded,
        min(occurred_at) filter (where topic = 'investigation.conclusion_recorded.v1') as concluded_at,
        jsonb_agg(
            fact || jsonb_build_object(
                'topic', topic,
                'version', version,
                'staff_id', staff_id,
                'at', to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            )
        ) filter (where fact ? 'hold_no') as about_holds
    from told
    group by stream
)

select
    gathered.stream,
    split_part(gathered.stream, ':', 2) as investigation_no,
    gathered.opened ->> 'authority' as authority,
    gathered.opened ->> 'document_no' as document_no,
    array(select jsonb_array_elements_text(gathered.opened -> 'officers')) as officers,
    array(select jsonb_array_elements_text(gathered.opened -> 'scope' -> 'case_nos')) as case_nos,
    array(select jsonb_array_elements_text(gathered.opened -> 'scope' -> 'persons')) as persons,
    array(select jsonb_array_elements_text(gathered.opened -> 'scope' -> 'divisions')) as divisions,
    gathered.opened ->> 'matter' as matter,
    gathered.opened_at,
    gathered.opened_by #>> '{}' as opened_by,
    coalesce(holds.holds, '[]') as holds,
    coalesce(holds.standing, 0) as holds_standing,
    gathered.concluded ->> 'result' as result,
    gathered.concluded ->> 'findings' as findings,
    gathered.concluded ->> 'document_no' as conclusion_no,
    gathered.concluded_at,
    gathered.opened_position
from gathered
cross join lateral (
    select
        jsonb_agg(hold order by placed_version) as holds,
        (count(*) filter (where hold ->> 'released_at' is null))::integer as standing
    from (
        -- a hold: its placing, who proposed its release last, its release
        select
            min((said ->> 'version')::bigint) as placed_version,
            jsonb_build_object(
                'hold_no', said ->> 'hold_no',
                'case_nos', (array_agg(said -> 'case_nos') filter (where said ? 'case_nos'))[1],
                'persons', (array_agg(said -> 'persons') filter (where said ? 'persons'))[1],
                'reason', (
                    array_agg(said -> 'reason') filter (where said ->> 'topic' = 'investigation.legal_hold_placed.v1')
                )[1],
                'placed_at', min(said ->> 'at') filter (where said ->> 'topic' = 'investigation.legal_hold_placed.v1'),
                'proposed_by', (
                    array_agg(said -> 'staff_id' order by (said ->> 'version')::bigint desc)
                        filter (where said ->> 'topic' = 'investigation.legal_hold_release_proposed.v1')
                )[1],
                'released_by', (
                    array_agg(said -> 'staff_id') filter (where said ->> 'topic' = 'investigation.legal_hold_released.v1')
                )[1],
                'released_at', min(said ->> 'at') filter (where said ->> 'topic' = 'investigation.legal_hold_released.v1')
            ) as hold
        from jsonb_array_elements(gathered.about_holds) as each (said)
        group by said ->> 'hold_no'
    ) as each_hold
) as holds
where gathered.opened is not null
