-- What every projection stands on. Runs as the projector, with search_path = the county's views, the county, pg_temp.


-- Settings of the transaction narrow both views; empty or unset, they let everything through:
--   jiandu.known_at     what had been recorded by then, amendments included
--   jiandu.happened_by  what had happened by then, at its corrected time; the county's registers stand whole
--   jiandu.upto         what stands up to this position
-- A condition on `stream` reads the events of those streams alone.

-- One row for each event of the log, amendments too, whatever the settings say.
create view parsed_events as
select
    event.position,
    event.stream,
    event.version,
    event.topic,
    event.occurred_at,
    event.recorded_at,
    stored.document -> 'fact' as fact,
    stored.document -> 'envelope' as envelope
from events as event
-- offset 0: the bytes are parsed once, not once for each column
cross join lateral (
    select convert_from(event.state, 'UTF8')::jsonb as document
    offset 0
) as stored;

-- One row for each event as it was recorded, amendments left out; of a stream without amendments, all that stands.
create view recorded_events as
select *
from parsed_events
where topic not in ('event.corrected.v1', 'event.voided.v1')
    and recorded_at
        <= coalesce(nullif(current_setting('jiandu.known_at', true), '')::timestamptz, 'infinity')
    and position
        <= coalesce(nullif(current_setting('jiandu.upto', true), '')::bigint, 9223372036854775807);

-- One row for each event that stands: corrections applied, voided events left out.
create view effective_events as
select
    event.position,
    event.stream,
    event.version,
    event.topic,
    coalesce((amended.corrections ->> 'occurred_at')::timestamptz, event.occurred_at) as occurred_at,
    event.recorded_at,
    case
        when amended.corrections is null then event.fact
        -- a field that was corrected to nothing is left out, as it is in every stored fact
        else jsonb_strip_nulls(event.fact || (amended.corrections - 'occurred_at'))
    end as fact,
    event.envelope
from recorded_events as event
cross join lateral (
    select
        coalesce(bool_or(amendment.topic = 'event.voided.v1'), false) as is_voided,
        jsonb_object_agg(told.fact ->> 'field', told.fact -> 'should_be' order by amendment.version)
            filter (where amendment.topic = 'event.corrected.v1') as corrections
    from events as amendment
    cross join lateral (
        select convert_from(amendment.state, 'UTF8')::jsonb -> 'fact' as fact
        offset 0
    ) as told
    where amendment.stream = event.stream
        and amendment.version > event.version
        and amendment.topic in ('event.corrected.v1', 'event.voided.v1')
        and (told.fact ->> 'target_version')::bigint = event.version
        and amendment.recorded_at
            <= coalesce(nullif(current_setting('jiandu.known_at', true), '')::timestamptz, 'infinity')
        and amendment.position
            <= coalesce(nullif(current_setting('jiandu.upto', true), '')::bigint, 9223372036854775807)
) as amended
where not amended.is_voided
    and (
        coalesce((amended.corrections ->> 'occurred_at')::timestamptz, event.occurred_at)
            <= coalesce(nullif(current_setting('jiandu.happened_by', true), '')::timestamptz, 'infinity')
        -- a register holds on the days that it names, whenever they were entered
        or split_part(event.stream, ':', 1) in (
            'unit', 'staff', 'window', 'post', 'point', 'item', 'authorisation', 'calendar', 'policy'
        )
    );
