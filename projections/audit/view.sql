-- 审计轨迹 audit trail: one lean row for each event of the log, amendments and what they amend alike; by it events are
-- found, and what they say is read from the log. What programmes say of the log's own tree, every minute, is left out:
-- nobody acts, and whoever checks the tree reads it from the log.
--
-- It stands on the events themselves: what was recorded stays in the trail, whatever was put right later. Each column
-- but voided_from and corrected_from follows from the event and those before it in its stream, so the trail as it
-- stood at a position is the rows up to that position. jiandu.happened_by does not narrow it: a corrected time is told
-- by the reader, who knows up to which position corrections count.
select
    position,
    stream,
    version,
    topic,
    occurred_at,
    recorded_at,
    person,
    post_id,
    window_id,
    unit_code,
    channel,
    device_id,
    device_seq,
    -- the item as the stream has named it so far
    substr(named_item, 11) as item_code,
    approvers,
    marks || array_remove(
        array[
            case when occurred_at < said_before then 'out-of-order' end,
            -- a stream of the library's begins at 0
            case when version > version_before + 1 then 'version-gap' end
        ],
        null
    ) as marks,
    -- the first amendment of each sort
    case when amendments is not null then (
        select min((amendment ->> 'position')::bigint)
        from jsonb_array_elements(amendments) as told (amendment)
        where (amendment ->> 'target_version')::bigint = version and (amendment ->> 'is_void')::boolean
    ) end as voided_from,
    case when amendments is not null then (
        select min((amendment ->> 'position')::bigint)
        from jsonb_array_elements(amendments) as told (amendment)
        where (amendment ->> 'target_version')::bigint = version and not (amendment ->> 'is_void')::boolean
    ) end as corrected_from
from (
    select
        in_order.position,
        in_order.stream,
        in_order.version,
        in_order.topic,
        in_order.occurred_at,
        in_order.recorded_at,
        in_order.named_item,
        in_order.said_before,
        in_order.version_before,
        in_order.amendments,
        told.*
    from (
        select
            *,
            max(to_char(version, 'FM0000000000') || item_code) over so_far as named_item,
            max(occurred_at) filter (where not is_amendment) over so_far as said_before,
            coalesce(lag(version) over so_far, 0) as version_before,
            jsonb_agg(
                jsonb_build_object(
                    'position', position,
                    'target_version', (fact ->> 'target_version')::bigint,
                    'is_void', topic = 'event.voided.v1'
                )
            ) filter (where is_amendment) over (
                partition by stream order by version rows between unbounded preceding and unbounded following
            ) as amendments
        from (
            select
                position,
                stream,
                version,
                topic,
                occurred_at,
                recorded_at,
                fact,
                envelope,
                topic in ('event.corrected.v1', 'event.voided.v1') as is_amendment,
                case
                    when stream >= 'item:' and stream < 'item;' then substr(stream, 6)
                    when topic = 'case.received.v1' then fact ->> 'item_code'
                    when topic = 'case.agent_entrusted.v1' then fact -> 'item_codes' ->> 0
                    when topic = 'event.corrected.v1' and fact ->> 'field' = 'item_code' then fact ->> 'should_be'
                end as item_code
            from parsed_events
            where stream not like 'heads:%'
                and stream not like 'cosignatures:%'
                and recorded_at
                    <= coalesce(nullif(current_setting('jiandu.known_at', true), '')::timestamptz, 'infinity')
                and position
                    <= coalesce(nullif(current_setting('jiandu.upto', true), '')::bigint, 9223372036854775807)
        ) as each_event
        window so_far as (partition by stream order by version)
    ) as in_order
    -- behind the order, so that it is looked up for the rows that are asked for; offset 0, here and below: each once
    cross join lateral (
        select
            -- who acted: whom the importing programme tells of, else whoever recorded it
            coalesce(
                case when actor ->> 'role' = 'importer' then actor ->> 'on_behalf_of' end, actor ->> 'staff_id'
            ) as person,
            actor ->> 'post_id' as post_id,
            actor ->> 'window_id' as window_id,
            actor ->> 'unit_code' as unit_code,
            circumstances ->> 'channel' as channel,
            circumstances -> 'device' ->> 'device_id' as device_id,
            (circumstances -> 'device' ->> 'device_seq')::bigint as device_seq,
            array_remove(
                array[
                    in_order.fact ->> 'approved_by',
                    in_order.fact ->> 'approver',
                    circumstances -> 'backfill' ->> 'approved_by'
                ],
                null
            ) as approvers,
            case
                when irregularities <> '[]' then array(select jsonb_array_elements_text(irregularities))
                else '{}'
            end || array_remove(
                array[
                    case when in_order.is_amendment then 'amendment' end,
                    case when circumstances ? 'backfill' then 'backfilled' end,
                    case when circumstances ? 'imported_from' then 'imported' end,
                    case when in_order.occurred_at > in_order.recorded_at then 'ahead' end
                ],
                null
            ) as marks
        from (
            select
                in_order.envelope -> 'actor' as actor,
                in_order.envelope -> 'circumstances' as circumstances,
                in_order.envelope -> 'irregularities' as irregularities
            offset 0
        ) as stored
        offset 0
    ) as told
) as entry
