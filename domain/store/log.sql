-- The log of one county, as it should be. Runs once, as the log's owner, with search_path = the county's schema, pg_temp.
-- {owner} owns everything here and cannot log in; {recorder} is what programmes act as: it selects and executes.


-- Which steps made this schema what it is; the highest is its version.
create table schema_steps (
    step integer not null,
    applied_at timestamptz not null,
    -- serves: how new is this schema?
    constraint schema_steps_key primary key (step)
);

-- What happened. A row's position is its identity in the county, (stream, version) its place in its stream.
create table events (
    position bigint not null,
    stream text collate "C" not null,
    version bigint not null,
    topic text collate "C" not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    state bytea not null,
    -- serves: reading on from a position, and the end of the log
    constraint events_position_key primary key (position),
    -- serves: the history of a stream, its last version, and the streams of one kind (a range of names)
    constraint events_stream_version_key unique (stream, version),
    constraint events_position_from_one check (position >= 1),
    -- the library's streams may begin at 0, ours begin at 1
    constraint events_version_from_zero check (version >= 0),
    constraint events_stream_named check (stream <> ''),
    constraint events_topic_named check (topic <> '')
);

-- The first answer to every command that came with an idempotency key.
create table commands (
    key text collate "C" not null,
    digest bytea not null,
    first_position bigint,
    last_position bigint,
    recorded_at timestamptz not null,
    -- serves: was this key used before?
    constraint commands_key_key primary key (key),
    constraint commands_key_given check (key <> ''),
    constraint commands_positions_ordered check (first_position <= last_position),
    constraint commands_positions_both check ((first_position is null) = (last_position is null))
);

-- Folded states that the eventsourcing library keeps to load faster; disposable.
create table snapshots (
    purpose text collate "C" not null,
    stream text collate "C" not null,
    version bigint not null,
    topic text collate "C" not null,
    state bytea not null,
    -- serves: the latest snapshot of a stream, at or before a version
    constraint snapshots_key primary key (purpose, stream, version)
);

-- How far each follower of the library has processed each upstream log.
create table tracking (
    follower text collate "C" not null,
    upstream text collate "C" not null,
    position bigint not null,
    -- serves: how far is this follower?
    constraint tracking_key primary key (follower, upstream)
);

-- Who is meant by a person_ref: the only place of names, numbers, telephones and addresses.
create table people (
    person_ref text collate "C" not null default 'p-' || replace(gen_random_uuid()::text, '-', ''),
    name text not null,
    id_type text collate "C",
    id_number text collate "C",
    phone text collate "C",
    address text,
    enrolled_at timestamptz not null,
    -- serves: who is this reference?
    constraint people_person_ref_key primary key (person_ref),
    -- serves: is the holder of this document enrolled? (People without a document are never the same.)
    constraint people_document_key unique (id_type, id_number),
    constraint people_person_ref_form check (person_ref ~ '^p-[0-9a-f]{{32}}$'),
    constraint people_document_whole check ((id_type is null) = (id_number is null))
);


-- Says no to every change of what stands in the log, whoever asks.
create function refuse_change() returns trigger
language plpgsql
set search_path from current
as $$
begin
    raise exception using
        errcode = 'restrict_violation',
        message = format('%s on %s refused: the record is never changed', lower(tg_op), tg_table_name),
        hint = 'Record a correction (event.corrected.v1) or a void (event.voided.v1) instead.';
end
$$;

create trigger events_stand
    before update or delete or truncate on events
    for each statement execute function refuse_change();

create trigger commands_stand
    before update or delete or truncate on commands
    for each statement execute function refuse_change();

-- also under session_replication_role = replica
alter table events enable always trigger events_stand;
alter table commands enable always trigger commands_stand;


-- The first of the given events that does not follow what its stream holds; no row when all do.
-- Each must be one version above the last of its stream. A new stream begins at 1, or at 0 where the library likes it so.
create function first_gap(streams text[], versions bigint[])
returns table (gap_stream text, actual_version bigint)
language plpgsql stable
set search_path from current
-- a plan made while the table was small must serve when it is large
set enable_seqscan = off
as $$
begin
    return query
    select ranked.stream, coalesce(standing.version, 0)
    from (
        select
            given.stream,
            given.version,
            given.ordinality,
            row_number() over in_stream as rank,
            first_value(given.version) over in_stream as first_version
        from unnest(streams, versions) with ordinality as given (stream, version)
        window in_stream as (partition by given.stream collate "C" order by given.ordinality)
    ) as ranked
    cross join lateral (
        select max(events.version) as version
        from events
        where events.stream = ranked.stream
    ) as standing
    where ranked.version <> ranked.rank
        + coalesce(standing.version, case ranked.first_version when 0 then -1 else 0 end)
    order by ranked.ordinality
    limit 1;
end
$$;


-- Writes events behind position `head`; only append calls it, under the writer lock.
create function insert_events(
    head bigint,
    stamp timestamptz,
    streams text[],
    versions bigint[],
    topics text[],
    occurred_ats timestamptz[],
    states bytea[]
)
returns void
language plpgsql volatile
set search_path from current
as $$
begin
    insert into events (position, stream, version, topic, occurred_at, recorded_at, state)
    select
        head + given.n,
        given.stream,
        given.version,
        given.topic,
        coalesce(given.occurred_at, stamp),
        stamp,
        given.state
    from unnest(streams, versions, topics, occurred_ats, states)
        with ordinality as given (stream, version, topic, occurred_at, state, n)
    order by given.n;
end
$$;


-- The one way in: appends the events of many commands in their order, of each command all or none.
--
-- For each command: its idempotency key or null, the SHA-256 of its request, the number of its events.
-- For each event, command after command: stream, version, topic, when it happened (null: now), state.
-- Answers one row for each command, in order:
--   appended          with the positions of its events (null where it has none)
--   repeated          the key was used by the same request: its first answer again
--   key_reused        the key was used by another request; nothing recorded
--   version_conflict  an event for gap_stream does not follow actual_version; nothing recorded
--
-- The writer lock is held until the commit is on disk, so positions are given out in the order of commits and
-- nobody ever reads past an event that is not there yet. Readers, vacuum and other counties never wait for it.
-- Listeners are told by announce, after the commit: NOTIFY inside it would hold a lock of the whole cluster.
create function append(
    keys text[],
    digests bytea[],
    counts integer[],
    streams text[],
    versions bigint[],
    topics text[],
    occurred_ats timestamptz[],
    states bytea[]
)
returns table (
    verdict text,
    first_position bigint,
    last_position bigint,
    recorded_at timestamptz,
    gap_stream text,
    actual_version bigint
)
language plpgsql volatile security definer
set search_path from current
-- a plan made while the log was small must serve when it is large
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
    total constant integer := cardinality(streams);
    head bigint;
    stamp timestamptz;
    from_event integer;
    upto_event integer := 0;
    begins bigint;
    ends bigint;
    known record;
    gap record;
begin
    if cardinality(keys) <> cardinality(counts)
        or cardinality(digests) <> cardinality(counts)
        or (select coalesce(sum(n), 0) from unnest(counts) as given (n)) <> total
        or cardinality(versions) <> total
        or cardinality(topics) <> total
        or cardinality(occurred_ats) <> total
        or cardinality(states) <> total
    then
        raise exception using errcode = 'array_subscript_error', message = 'append: the arrays do not fit together';
    end if;

    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception using
            errcode = 'invalid_transaction_state',
            message = 'append: runs in read committed, where what it checks is what stands';
    end if;

    perform pg_advisory_xact_lock(hashtextextended('jiandu.log.' || current_schema(), 0));

    select max(position) into head from events;
    select greatest(clock_timestamp(), max(recorded_at)) into stamp from events where position = head;
    head := coalesce(head, 0);

    -- Mostly nothing stands in the way of any command, and all go in at once.
    if not exists (select from first_gap(streams, versions))
        and not exists (select from commands where key = any (keys))
        and (select count(key) = count(distinct key) from unnest(keys) as given (key))
    then
        perform insert_events(head, stamp, streams, versions, topics, occurred_ats, states);

        insert into commands (key, digest, first_position, last_position, recorded_at)
        select
            key,
            digest,
            case when n > 0 then head + upto - n + 1 end,
            case when n > 0 then head + upto end,
            stamp
        from (
            select key, digest, n, sum(n) over (order by ordinality) as upto
            from unnest(keys, digests, counts) with ordinality as given (key, digest, n)
        ) as command
        where key is not null;

        return query
        select
            'appended',
            case when n > 0 then head + upto - n + 1 end,
            case when n > 0 then head + upto end,
            stamp,
            null::text,
            null::bigint
        from (
            select n, sum(n) over (order by ordinality) as upto
            from unnest(counts) with ordinality as given (n)
        ) as command;
        return;
    end if;

    -- Else each command is judged by itself, after those before it.
    for command in 1 .. cardinality(counts) loop
        from_event := upto_event + 1;
        upto_event := upto_event + counts[command];

        select commands.* into known from commands where key = keys[command];
        if found then
            if known.digest = digests[command] then
                return query
                select 'repeated', known.first_position, known.last_position, known.recorded_at, null::text, null::bigint;
            else
                return query
                select 'key_reused', null::bigint, null::bigint, null::timestamptz, null::text, null::bigint;
            end if;
            continue;
        end if;

        select * into gap from first_gap(streams[from_event:upto_event], versions[from_event:upto_event]);
        if found then
            return query
            select 'version_conflict', null::bigint, null::bigint, null::timestamptz, gap.gap_stream, gap.actual_version;
            continue;
        end if;

        perform insert_events(
            head,
            stamp,
            streams[from_event:upto_event],
            versions[from_event:upto_event],
            topics[from_event:upto_event],
            occurred_ats[from_event:upto_event],
            states[from_event:upto_event]
        );
        begins := case when counts[command] > 0 then head + 1 end;
        ends := case when counts[command] > 0 then head + counts[command] end;
        head := head + counts[command];

        if keys[command] is not null then
            insert into commands (key, digest, first_position, last_position, recorded_at)
            values (keys[command], digests[command], begins, ends, stamp);
        end if;

        return query
        select 'appended', begins, ends, stamp, null::text, null::bigint;
    end loop;
end
$$;


-- Tells those who LISTEN on the county's channel that the log reaches `last_position`. Called after the commit.
create function announce(last_position bigint)
returns void
language sql volatile
set search_path from current
as $$
    select pg_notify(current_schema() || '.appended', last_position::text)
$$;


-- The reference of a person: the one given before to the holder of the document, else a new one.
-- What is said again replaces what was said; what is left out stays.
create function enrol(name text, id_type text, id_number text, phone text, address text)
returns text
language sql volatile security definer
set search_path from current
as $$
    insert into people (name, id_type, id_number, phone, address, enrolled_at)
    values ($1, $2, $3, $4, $5, clock_timestamp())
    on conflict on constraint people_document_key do update
    set
        name = excluded.name,
        phone = coalesce(excluded.phone, people.phone),
        address = coalesce(excluded.address, people.address)
    returning person_ref
$$;


-- Keeps a snapshot of the library's; refuses a second one of the same version (unique_violation).
create function keep_snapshots(purpose text, streams text[], versions bigint[], topics text[], states bytea[])
returns void
language sql volatile security definer
set search_path from current
as $$
    insert into snapshots (purpose, stream, version, topic, state)
    select $1, given.stream, given.version, given.topic, given.state
    from unnest($2, $3, $4, $5) as given (stream, version, topic, state)
$$;


-- Remembers how far a follower has come; false where it had come so far before.
create function track(follower text, upstream text, "position" bigint)
returns boolean
language sql volatile security definer
set search_path from current
as $$
    with moved as (
        insert into tracking as standing (follower, upstream, position)
        values ($1, $2, $3)
        on conflict on constraint tracking_key do update
        set position = excluded.position
        where standing.position < excluded.position
        returning 1
    )
    select exists (select from moved)
$$;


-- What a programme may do: read, and call the functions that are meant for it. Nothing else, and nobody else.
revoke all on all functions in schema {schema} from public;

grant usage on schema {schema} to {recorder};

grant select on events, commands, snapshots, tracking, people, schema_steps to {recorder};

grant execute on function
    append(text[], bytea[], integer[], text[], bigint[], text[], timestamptz[], bytea[]),
    announce(bigint),
    enrol(text, text, text, text, text),
    keep_snapshots(text, text[], bigint[], text[], bytea[]),
    track(text, text, bigint)
to {recorder};
