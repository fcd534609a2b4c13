-- 代办 agency: one row for each errand that an agent did for a villager: papers picked up, handed in, signed for; and
-- what became of the entrustment they belong to.
--
-- Each pick-up begins an errand; an entrustment without one has a single row. When an agent collected the result and
-- returned it stands in every row of the entrustment. The villager is a person reference, never a name.
with history as (
    select
        stream,
        position,
        topic,
        occurred_at,
        recorded_at,
        fact,
        envelope -> 'actor' as actor,
        envelope -> 'circumstances' ? 'backfill' as is_backfilled,
        row_number() over (partition by stream order by occurred_at, position) as n
    from effective_events
    where topic in (
        'case.agent_entrusted.v1',
        'case.agent_picked_up.v1',
        'case.agent_handed_to_hall.v1',
        'case.hall_receipt_signed.v1',
        'case.agent_collected_result.v1',
        'case.returned_to_applicant.v1',
        'case.entrustment_revoked.v1'
    )
),

placed as (
    select
        *,
        count(*) filter (where topic = 'case.agent_picked_up.v1') over (
            partition by stream order by n rows between unbounded preceding and current row
        ) as errand
    from history
),

errands as (
    select
        stream,
        errand,
        (array_agg(fact order by n desc) filter (where topic = 'case.agent_entrusted.v1'))[1] as entrustment,
        (array_agg(actor order by n desc) filter (where topic = 'case.agent_entrusted.v1'))[1] as entrusted_to,
        (array_agg(actor order by n desc) filter (where topic = 'case.agent_picked_up.v1'))[1] as picked_up_by,
        max(occurred_at) filter (where topic = 'case.agent_entrusted.v1') as entrusted_at,
        min(occurred_at) filter (where topic = 'case.agent_picked_up.v1') as picked_up_at,
        min(recorded_at) filter (where topic = 'case.agent_picked_up.v1') as recorded_at,
        bool_or((fact ->> 'is_offline')::boolean) filter (where topic = 'case.agent_picked_up.v1') as is_offline,
        bool_or(is_backfilled) filter (where topic = 'case.agent_picked_up.v1') as is_backfilled,
        min(occurred_at) filter (where topic = 'case.agent_handed_to_hall.v1') as handed_at,
        min(occurred_at) filter (where topic = 'case.hall_receipt_signed.v1') as signed_at,
        max(occurred_at) filter (where topic = 'case.agent_collected_result.v1') as collected_at,
        max(occurred_at) filter (where topic = 'case.returned_to_applicant.v1') as returned_at,
        min(occurred_at) filter (where topic = 'case.entrustment_revoked.v1') as revoked_at,
        min(position) as first_position
    from placed
    group by stream, errand
),

whole as (
    select
        *,
        first_value(entrustment) over story as entrusted,
        first_value(entrusted_to) over story as agent,
        max(entrusted_at) over of_case as entrusted_on_at,
        max(collected_at) over of_case as collected_last_at,
        max(returned_at) over of_case as returned_last_at,
        max(revoked_at) over of_case as revoked_last_at,
        max(errand) over of_case as errands
    from errands
    window
        of_case as (partition by stream),
        story as (partition by stream order by entrusted_at desc nulls last, errand)
)

select
    stream,
    greatest(errand, 1)::integer as errand,
    entrusted ->> 'entrust_no' as entrust_no,
    entrusted ->> 'point_code' as point_code,
    entrusted ->> 'applicant_ref' as applicant_ref,
    entrusted -> 'mandate' ->> 'scope' as scope,
    entrusted -> 'item_codes' as item_codes,
    case
        when who.actor ->> 'role' = 'importer' then who.actor ->> 'on_behalf_of'
        else who.actor ->> 'staff_id'
    end as agent,
    who.actor ->> 'post_id' as agent_post,
    who.actor ->> 'unit_code' as agent_unit,
    entrusted_on_at as entrusted_at,
    day_of(entrusted_on_at) as entrusted_on,
    picked_up_at,
    day_of(picked_up_at) as picked_up_on,
    day_of(recorded_at) as recorded_on,
    coalesce(is_offline, false) as is_offline,
    coalesce(is_backfilled, false) as is_backfilled,
    handed_at,
    day_of(handed_at) as handed_on,
    signed_at,
    day_of(signed_at) as signed_on,
    collected_last_at as collected_at,
    day_of(collected_last_at) as collected_on,
    returned_last_at as returned_at,
    day_of(returned_last_at) as returned_on,
    revoked_last_at as revoked_at,
    day_of(revoked_last_at) as revoked_on,
    first_position
from whole
cross join lateral (
    select coalesce(picked_up_by, agent) as actor
) as who
where entrusted is not null and (errand > 0 or errands = 0)
