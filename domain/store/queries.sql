-- The statements of domain/store, by name. Each runs with search_path = the county's schema, pg_temp.

-- name: append
-- The one way in; see seal.sql.
select
    verdict,
    first_position,
    last_position,
    recorded_at,
    gap_stream,
    actual_version
from append(
    %b::text[],
    %b::bytea[],
    %b::integer[],
    %b::text[],
    %b::bigint[],
    %b::text[],
    %b::timestamptz[],
    %b::bytea[],
    %b::bytea[]
);

-- name: announce
-- Wakes those who follow the log in other processes.
select announce(%(last_position)s);

-- name: earlier
-- The first answer given under a key.
select digest, first_position, last_position, recorded_at
from commands
where key = %(key)s;

-- name: confirm
-- Where a standby is waited for: returns when it has all that was committed before. What is found by reading may stem
-- from a commit whose wait was cancelled, and reading waits for nobody; the message is a commit of its own.
select pg_logical_emit_message(true, 'jiandu', '')
where current_setting('synchronous_standby_names') <> '';

-- name: still_there
-- Whether an event that was acknowledged stands where it stood, and whether this is the log that began then (null: it is).
-- A server that only follows is no judge of that.
select
    pg_is_in_recovery() or exists (
        select
        from events
        where position = %(position)s
        and recorded_at = %(recorded_at)s
    ) as is_there,
    %(begun_at)s::timestamptz is null or exists (
        select
        from events
        where position = 1
        and recorded_at = %(begun_at)s
    ) as is_this_log;

-- name: read_back
-- What stands at some versions of a stream, to learn what became of a command whose answer was lost.
select position, version, recorded_at, state
from events
where stream = %(stream)s and version = any (%(versions)s)
order by version;

-- name: histories
-- All events of some streams.
select position, stream, version, topic, occurred_at, recorded_at, state
from events
where stream = any (%(streams)s)
order by stream, version;

-- name: last_position
-- Where the log ends; 0 while it is empty.
select coalesce(max(position), 0)
from events;

-- name: page
-- The events behind one position and up to another, of one topic or of all.
select position, stream, version, topic, occurred_at, recorded_at, state
from events
where position > %(after)s
    and position <= %(until)s
    and (%(topic)s::text is null or topic = %(topic)s)
order by position
limit %(limit)s;

-- name: stream_page
-- Likewise, of one stream: in a stream, versions and positions rise together.
select position, stream, version, topic, occurred_at, recorded_at, state
from events
where stream = %(stream)s
    and position > %(after)s
    and position <= %(until)s
    and (%(topic)s::text is null or topic = %(topic)s)
order by version
limit %(limit)s;

-- name: shown_near
-- The events between two positions that somebody is shown, each event looked at: for a short stretch, and for whoever is
-- shown nearly all. What is shown are ranges of stream names.
select position, stream, version, topic, occurred_at, recorded_at, state
from events
where position > %(after)s
    and position <= %(until)s
    and (%(topic)s::text is null or topic = %(topic)s)
    and exists (
        select
        from unnest(%(lowest)s::text[], %(beyond)s::text[]) as shown (lowest, beyond)
        where events.stream >= shown.lowest and events.stream < shown.beyond
    )
    and stream <> all (%(without)s::text[])
order by position
limit %(limit)s;

-- name: shown_far
-- Likewise by their names, whatever lies between: costs what the streams shown hold, and not what the log holds. `offset 0`
-- keeps the planner from walking the log by position in the hope of a limit soon reached; positions are compared outside of
-- it, or a plan made once for all pages reads the whole index over them for each range.
select events.position, stream, version, topic, occurred_at, recorded_at, state
from (
    select found.position
    from unnest(%(lowest)s::text[], %(beyond)s::text[]) as shown (lowest, beyond)
    cross join lateral (
        select position, stream, topic
        from events
        where stream >= shown.lowest
            and stream < shown.beyond
        offset 0
    ) as found
    where found.position > %(after)s
        and found.position <= %(until)s
        and (%(topic)s::text is null or found.topic = %(topic)s)
        and found.stream <> all (%(without)s::text[])
    order by found.position
    limit %(limit)s
) as wanted
join events on events.position = wanted.position
order by events.position;

-- part: dealings
-- The records that name the person `asked`, or tell who it is.
    <naming>
    union all
    select stream, state
    from events
    where stream = 'subject:' || asked.person_ref
        and topic in ('subject.enrolled.v1', 'subject.data_corrected.v1')

-- part: cases_naming
-- The cases that name the person `person_ref`.
        select named.stream
        from (values (%(person_ref)s)) as asked (person_ref)
        cross join lateral (
            <naming>
        ) as named
        where starts_with(named.stream, 'case:')

-- part: naming
-- The records that name the person `asked`: named.sql has the indexes over the same expressions.
    select stream, state
    from events
    where topic in (
            'case.received.v1',
            'case.agent_entrusted.v1',
            'case.certificate_delivered.v1',
            'contact.first_ask_registered.v1',
            'event.corrected.v1'
        )
        and substring(encode(state, 'escape') from '"(?:applicant_ref|recipient_ref|asker_ref|should_be)":"(p-[0-9a-f]{32})"')
            = asked.person_ref
    union all
    select stream, state
    from events
    where topic in ('case.received.v1', 'case.agent_entrusted.v1')
        and position('"agent_ref"'::bytea in state) > 0
        and substring(encode(state, 'escape') from '"agent_ref":"(p-[0-9a-f]{32})"') = asked.person_ref

-- name: dealings
-- Of some persons, those with whom somebody has to do, and whether a place has: a case that lies there names the person, or a
-- unit that lies there wrote. The first such record of a person is enough; what is written is opened last.
select
    asked.person_ref,
    exists (
        select
        from (
            <dealings>
        ) as found
        where starts_with(found.stream, 'case:' || %(division)s)
    )
    or exists (
        select
        from (
            <dealings>
        ) as found
        where convert_from(found.state, 'UTF8')::jsonb #>> '{envelope,actor,unit_code}' = any (%(unit_codes)s)
    )
from unnest(%(person_refs)s::text[]) as asked (person_ref)
where exists (
    <dealings>
);

-- name: cases_in_hand_of
-- The cases that name a person and in which one of some words stands, those of the highest numbers first. The words name a
-- unit where an event says who acted and where the case was sent.
select substr(stream, 6)
from events
where stream in (
        <cases_naming>
    )
    and exists (
        select
        from unnest(%(words)s::bytea[]) as said (word)
        where position(said.word in events.state) > 0
    )
group by stream
order by stream desc;

-- name: open_cases
-- Of the cases that name somebody: how many have no ending and no amendment, and which were amended, reopened or lost in
-- part, so that only their whole history says how they stand.
select
    count(*) filter (where not (is_ended or is_in_doubt)),
    coalesce(array_agg(substr(stream, 6) order by stream) filter (where is_in_doubt), array[]::text[])
from (
    select
        stream,
        bool_or(topic = any (%(ended)s)) as is_ended,
        bool_or(topic = any (%(in_doubt)s)) as is_in_doubt
    from events
    where stream in (
        <cases_naming>
    )
    group by stream
) as cases;

-- name: kinds_upto
-- All events of some kinds of streams up to a position: ranges of names, found without reading the rest of the log.
select found.position, found.stream, found.version, found.topic, found.occurred_at, found.recorded_at, found.state
from unnest(%(kinds)s::text[]) as given (kind)
cross join lateral (
    select *
    from events
    where stream >= kind || ':' and stream < kind || ';' and position <= %(until)s
) as found
order by found.position;

-- name: kinds_between
-- The events of some kinds of streams behind one position and up to another.
select position, stream, version, topic, occurred_at, recorded_at, state
from events
where position > %(after)s
    and position <= %(until)s
    and split_part(stream, ':', 1) = any (%(kinds)s)
order by position;

-- name: highest_name
-- The highest stream name that lies at or above `lowest` and below `beyond`.
select max(stream)
from events
where stream >= %(lowest)s and stream < %(beyond)s;

-- name: schema_version
select max(step)
from schema_steps;

-- name: subjects_standing
-- Which of some streams of persons there are, and which of those persons were erased.
select distinct on (stream)
    stream,
    exists (
        select from events as erasures
        where erasures.stream = events.stream and erasures.topic = 'subject.key_destroyed.v1'
    )
from events
where stream = any (%(streams)s);

-- name: erasures
-- The streams of all persons who were erased.
select stream
from events
where topic = 'subject.key_destroyed.v1';

-- name: vault_enrol
select vault_enrol(
    %(person_ref)s,
    %(kek)s::integer,
    %(wrapped_key)s::bytea,
    %(parts)s::text[],
    %(boxes)s::bytea[],
    %(kinds)s::text[],
    %(fingerprints)s::bytea[]
);

-- name: vault_person
select kek, wrapped_key, parts, boxes
from vault_person(%(person_ref)s);

-- name: vault_correct
select vault_correct(
    %(person_ref)s, %(parts)s::text[], %(boxes)s::bytea[], %(kinds)s::text[], %(fingerprints)s::bytea[]
);

-- name: vault_found
select person_ref
from vault_found(%(kind)s, %(fingerprint)s::bytea, %(at_most)s::integer);

-- name: vault_destroy
select vault_destroy(%(person_refs)s::text[]);

-- name: vault_wrapping_keys
select kek, is_retired
from vault_wrapping_keys();

-- name: vault_use_key
select vault_use_key(%(kek)s::integer);

-- name: vault_wrapped_by_others
select person_ref, kek, wrapped_key
from vault_wrapped_by_others(%(kek)s::integer, %(after)s, %(at_most)s::integer);

-- name: vault_rewrap
select vault_rewrap(%(person_refs)s::text[], %(kek)s::integer, %(wrapped_keys)s::bytea[]);

-- name: vault_references
select person_ref
from vault_references(%(after)s, %(at_most)s::integer);

-- name: people_in_plain
-- Some people of the table that was kept before there was a vault.
select person_ref, name, id_type, id_number, phone, address
from people
order by person_ref
limit %(at_most)s
offset %(past)s;

-- name: empty_people
select empty_people();

-- name: stream_forwards
-- For the library: a part of a stream.
select stream, version, topic, state
from events
where stream = %(stream)s
    and (%(above)s::bigint is null or version > %(above)s)
    and (%(upto)s::bigint is null or version <= %(upto)s)
order by version
limit %(limit)s;

-- name: stream_backwards
-- Likewise, the latest first.
select stream, version, topic, state
from events
where stream = %(stream)s
    and (%(above)s::bigint is null or version > %(above)s)
    and (%(upto)s::bigint is null or version <= %(upto)s)
order by version desc
limit %(limit)s;

-- name: snapshots_forwards
-- For the library: the snapshots of a stream.
select stream, version, topic, state
from snapshots
where purpose = %(purpose)s
    and stream = %(stream)s
    and (%(above)s::bigint is null or version > %(above)s)
    and (%(upto)s::bigint is null or version <= %(upto)s)
order by version
limit %(limit)s;

-- name: snapshots_backwards
-- Likewise, the latest first.
select stream, version, topic, state
from snapshots
where purpose = %(purpose)s
    and stream = %(stream)s
    and (%(above)s::bigint is null or version > %(above)s)
    and (%(upto)s::bigint is null or version <= %(upto)s)
order by version desc
limit %(limit)s;

-- name: keep_snapshots
select keep_snapshots(%(purpose)s, %(streams)s, %(versions)s, %(topics)s, %(states)b::bytea[]);

-- name: notifications
-- For the library: a range of positions, of some topics or of all.
select stream, version, topic, state, position
from events
where position >= %(first)s
    and position <= %(last)s
    and (%(topics)s::text[] is null or topic = any (%(topics)s))
order by position
limit %(limit)s;

-- name: track
select track(%(follower)s, %(upstream)s, %(position)s);

-- name: tracked
-- How far a follower has come.
select max(position)
from tracking
where follower = %(follower)s and upstream = %(upstream)s;

-- name: first_quarantined
-- The lowest position that is not sealed because its signature does not count; null where there is none.
select min(position)
from quarantine
where adopted_at is null;

-- name: tiles
-- Some tiles of the tree.
select level, number, hashes
from tiles
join unnest(%(levels)s::smallint[], %(numbers)s::bigint[]) as given (level, number) using (level, number);

-- name: last_of_stream
-- A stream's latest event.
select position, stream, version, topic, occurred_at, recorded_at, state
from events
where stream = %(stream)s
order by version desc
limit 1;

-- name: last_with_signature
-- A stream's latest event, with its signature.
select position, stream, version, topic, occurred_at, recorded_at, state, signature
from events
where stream = %(stream)s
order by version desc
limit 1;

-- name: last_kept_until
-- A stream's latest event up to a position that was not lost.
select position, stream, version, topic, occurred_at, recorded_at, state, signature
from events
where stream = %(stream)s and position <= %(until)s and topic <> 'event.lost.v1'
order by version desc
limit 1;

-- name: streams_until
-- Where every stream stood at a position.
select distinct on (stream) stream, version, position
from events
where position <= %(until)s
order by stream, version desc;

-- name: events_around
-- The events of a stream just before and just behind some positions. Versions grow with positions, so they are found by
-- halving: a stream may hold a statement for every minute of years. "offset 0": one look at the index for each, never the stream.
with recursive halving (sought, low, high) as (
    select given.sought, 1::bigint, 1 + (select max(version) from events where stream = %(stream)s)
    from unnest(%(positions)s::bigint[]) as given (sought)
    union all
    select
        halving.sought,
        case when middle.position > halving.sought then halving.low else middle.version + 1 end,
        case when middle.position > halving.sought then middle.version else halving.high end
    from halving
    cross join lateral (
        select position, version
        from events
        where stream = %(stream)s and version = (halving.low + halving.high) / 2
        offset 0
    ) as middle
    where halving.low < halving.high
)

select told.position, told.stream, told.version, told.topic, told.occurred_at, told.recorded_at, told.state, told.signature
from (
    select distinct found.version
    from halving
    cross join generate_series(halving.low - 1, halving.low + %(behind)s::bigint) as found (version)
    where halving.low = halving.high
) as wanted
cross join lateral (
    select *
    from events
    where stream = %(stream)s and version = wanted.version
    offset 0
) as told
order by told.version;

-- name: amendments
-- What was said of the events of a stream since they were recorded: corrections and voids, named as the index over them
-- names them.
select topic, state
from events
where stream = %(stream)s and topic in ('event.corrected.v1', 'event.voided.v1')
order by version;

-- name: cosigned_over
-- Which witnesses have cosigned checkpoints that cover a position, and their lines; the largest first.
select size, line
from witnesses
where size >= %(position)s and line is not null
order by size desc;

-- name: beside_ways
-- What stands beside the ways of some lone streams in the map of case heads, the lowest first; null: nothing does.
with recursive down (way, depth) as (
    select given.way, 0
    from unnest(%(ways)s::text[]) as given (way)
    union all
    select down.way, down.depth + 1
    from down
    join heads on heads.way = left(down.way, down.depth)
    where heads.lone_way is null and down.depth < 256
)
select down.way, beside.hash
from down
left join heads as beside
    on beside.way = left(down.way, down.depth - 1)
        || case substr(down.way, down.depth, 1) when '0' then '1' else '0' end
where down.depth > 0
order by down.depth desc;

-- name: seal_standing
-- Where sealing stands, and since when what is not sealed waits.
select
    coalesce((select max(position) from events), 0),
    coalesce(seal.size, 0),
    seal.trouble,
    (
        select recorded_at
        from events
        where position = coalesce(seal.size, 0) + 1
    ),
    clock_timestamp(),
    (
        select note
        from checkpoints
        order by size desc
        limit 1
    ),
    (
        select count(*)
        from quarantine
        where adopted_at is null
    )
from (select) as one
left join seal on true;

-- name: quarantined
-- What is not sealed because nobody vouches for it.
select position, reason, found_at
from quarantine
where adopted_at is null
order by position
limit 100;

-- name: checkpoint
-- The checkpoint of a size; null: the latest.
select size, root, note, sealed_at
from checkpoints
where size = coalesce(%(size)s::bigint, (select max(size) from checkpoints));

-- name: checkpoint_over
-- The first checkpoint that covers a position.
select size, root, note, sealed_at
from checkpoints
where size >= %(position)s
order by size
limit 1;

-- part: holds_that_stand
-- Legal holds 证据保全 that were placed and not released; what they hold is for the statement to ask.
with told as (
    select stream, topic, convert_from(state, 'UTF8')::jsonb -> 'fact' as fact
    from events
    where stream >= 'investigation:' and stream < 'investigation;'
        and topic in ('investigation.legal_hold_placed.v1', 'investigation.legal_hold_released.v1')
)

select split_part(placed.stream, ':', 2) as investigation_no, placed.fact ->> 'hold_no' as hold_no
from told as placed
where placed.topic = 'investigation.legal_hold_placed.v1'
    and not exists (
        select
        from told as released
        where released.stream = placed.stream
            and released.topic = 'investigation.legal_hold_released.v1'
            and released.fact ->> 'hold_no' = placed.fact ->> 'hold_no'
    )

-- name: holds_over_person
-- The legal holds that stand over a person: placed over the person, or over a case that the person has a part in.
-- Exact where it runs after the log's writer lock was taken, in the transaction that acts on the answer.
<holds_that_stand>
    and (
        placed.fact -> 'persons' ? %(person_ref)s
        or exists (
            select
            from jsonb_array_elements_text(placed.fact -> 'case_nos') as held (case_no)
            join events on events.stream = 'case:' || held.case_no
            where position(convert_to(%(person_ref)s, 'UTF8') in events.state) > 0
        )
    )
order by 1, 2;

-- name: holds_over_case
-- Likewise over a case.
<holds_that_stand>
    and placed.fact -> 'case_nos' ? %(case_no)s
order by 1, 2;

-- name: keep_password
select keep_password(%(staff_id)s, %(password_hash)s);

-- name: password_hash
-- Nothing where the person has no password.
select password_hash
from credentials
where staff_id = %(staff_id)s;

-- name: open_session
select open_session(
    %(token_hash)s, %(session)s, %(staff_id)s, %(post_id)s, %(generation)s, %(opened_at)s, %(expires_at)s
);

-- name: session
-- Nothing where nobody is signed in by this token.
select session, staff_id, post_id, generation, opened_at, expires_at, seen_at
from sessions
where token_hash = %(token_hash)s;

-- name: end_session
select end_session(%(token_hash)s);

-- name: see_session
select see_session(%(token_hash)s, %(seen_at)s);

-- name: attempt_sign_in
select attempt_sign_in(%(kind)s, %(drawer)s, %(at)s, %(within)s, %(most)s);

-- name: forgive_sign_in
select forgive_sign_in(%(name_drawer)s, %(address_drawer)s);

-- name: keep_api_key
select keep_api_key(%(key_id)s, %(secret_hash)s);

-- name: api_key_hash
-- Nothing where no such key was issued.
select secret_hash
from api_keys
where key_id = %(key_id)s;
