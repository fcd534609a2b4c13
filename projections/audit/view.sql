-- 审计轨迹 audit trail: one lean row for each event of the log, amendments and what they amend alike; by it events are
-- found, and what they say is read from the log.
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
    -- who acted: whom the importing programme tells of, else whoever recorded it
    coalesce(case when actor ->> 'role' = 'importer' then actor ->> 'on_behalf_of' end, actor ->> 'staff_id') as person,
    actor ->> 'post_id' as post_id,
    actor ->> 'window_id' as window_id,
    actor ->> 'unit_code' as unit_code,
    circumstances ->> 'channel' as channel,
    circumstances -> 'device' ->> 'device_id' as device_id,
    (circumstances -> 'device' ->> 'device_seq')::bigint as device_seq,
    -- the item as the stream has named it so far
    substr(max(to_char(version, 'FM0000000000') || item_code) over so_far, 11) as item_code,
    array_remove(
        array[fact ->> 'approved_by', fact ->> 'approver', circumstances -> 'backfill' ->> 'approved_by'], null
    ) as approvers,
    irregularities || array_remove(
        array[
            case when topic in ('event.corrected.v1', 'event.voided.v1') then 'amendment' end,
            case when circumstances ? 'backfill' then 'backfilled' end,
            case when circumstances ? 'imported_from' then 'imported' end,
            case when occurred_at > recorded_at then 'ahead' end,
            case when occurred_at < max(occurred_at) filter (
                where topic not in ('event.corrected.v1', 'event.voided.v1')
            ) over so_far then 'out-of-order' end,
            -- a stream of the library's begins at 0
            case when version > coalesce(lag(version) over so_far, 0) + 1 then 'version-gap' end
        ],
        null
    ) as marks,
    -- the first amendment of each sort
    (
        jsonb_object_agg(fact ->> 'target_version', position)
            filter (where topic = 'event.voided.v1' and fact ? 'target_version') over from_the_last
        ->> version::text
    )::bigint as voided_from,
    (
        jsonb_object_agg(fact ->> 'target_version', position)
            filter (where topic = 'event.corrected.v1' and fact ? 'target_version') over from_the_last
        ->> version::text
    )::bigint as corrected_from
from (
    select
        event.position,
        event.stream,
        event.version,
        event.topic,
        event.occurred_at,
        event.recorded_at,
        document -> 'fact' as fact,
        document -> 'envelope' -> 'actor' as actor,
        document -> 'envelope' -> 'circumstances' as circumstances,
        array(
            select jsonb_array_elements_text(document -> 'envelope' -> 'irregularities')
        ) as irregularities,
        case
            when event.stream >= 'item:' and event.stream < 'item;' then substr(event.stream, 6)
            when event.topic = 'case.received.v1' then document -> 'fact' ->> 'item_code'
            when event.topic = 'case.agent_entrusted.v1' then document -> 'fact' -> 'item_codes' ->> 0
            when event.topic = 'event.corrected.v1' and document -> 'fact' ->> 'field' = 'item_code'
                then document -> 'fact' ->> 'should_be'
        end as item_code
    from events as event
    -- offset 0: the bytes are parsed once, not once for each column
    cross join lateral (
        select convert_from(event.state, 'UTF8')::jsonb as document
        offset 0
    ) as stored
    where event.recorded_at
            <= coalesce(nullif(current_setting('jiandu.known_at', true), '')::timestamptz, 'infinity')
        and event.position
            <= coalesce(nullif(current_setting('jiandu.upto', true), '')::bigint, 9223372036854775807)
) as told
window
    so_far as (partition by stream order by version),
    from_the_last as (
        partition by stream order by version desc rows between unbounded preceding and unbounded following
    )
