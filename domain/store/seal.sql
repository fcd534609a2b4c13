-- The seal 封印: signatures on what is recorded, and the tree over it. Runs once, after log.sql, as the log's owner.
-- {sealer} is what the sealing worker acts as: it reads the events and writes the five tables below, nothing else.


-- The signature of the process that recorded the event, Ed25519 over what domain/proof/leaf.py calls signed_bytes.
-- Null: recorded by a process without a key, or before there were signatures.
alter table events add column signature bytea;

-- `not valid`: a log that is there already is not read through under a lock; what comes is checked
alter table events
    add constraint events_signature_whole check (octet_length(signature) = 64) not valid;


-- The tree's hashes, 256 to a tile (C2SP tlog-tiles); the last tile of a level is not full yet.
create table tiles (
    level smallint not null,
    number bigint not null,
    hashes bytea not null,
    -- serves: reading a tile, and the hashes that a proof needs
    constraint tiles_key primary key (level, number),
    constraint tiles_whole check (octet_length(hashes) between 32 and 8192 and octet_length(hashes) % 32 = 0)
);

-- What the tree looked like at some sizes, signed with the log's key (C2SP tlog-checkpoint).
create table checkpoints (
    size bigint not null,
    root bytea not null,
    note text not null,
    sealed_at timestamptz not null,
    -- serves: the latest checkpoint, and the first that covers a position
    constraint checkpoints_key primary key (size)
);

-- Where sealing stands: one row.
create table seal (
    is_it boolean not null default true,
    size bigint not null,
    roots bytea not null,
    -- up to which size the map of heads is made
    heads_size bigint not null default 0,
    -- why it does not go on, where it does not
    trouble text,
    constraint seal_key primary key (is_it),
    constraint seal_one check (is_it)
);

-- The places of the map of case heads, by the bits of their way (domain/proof/heads.py).
create table heads (
    way text collate "C" not null,
    hash bytea not null,
    lone_way text collate "C",
    -- serves: going down the way of a stream
    constraint heads_key primary key (way)
)
with (fillfactor = 70);

-- Events that are not sealed, because nobody's signature on them counts or they do not follow their stream.
create table quarantine (
    position bigint not null,
    reason text not null,
    found_at timestamptz not null,
    -- when it was sealed after all, by a statement that names it
    adopted_at timestamptz,
    -- serves: is this event quarantined?
    constraint quarantine_key primary key (position)
);


drop function insert_events(bigint, timestamptz, text[], bigint[], text[], timestamptz[], bytea[]);

-- Writes events behind position `head`; only append calls it, under the writer lock.
create function insert_events(
    head bigint,
    stamp timestamptz,
    streams text[],
    versions bigint[],
    topics text[],
    occurred_ats timestamptz[],
    states bytea[],
    signatures bytea[]
)
returns void
language plpgsql volatile
set search_path from current
as $$
begin
    insert into events (position, stream, version, topic, occurred_at, recorded_at, state, signature)
    select
        head + given.n,
        given.stream,
        given.version,
        given.topic,
        coalesce(given.occurred_at, stamp),
        stamp,
        given.state,
        given.signature
    from unnest(streams, versions, topics, occurred_ats, states, signatures)
        with ordinality as given (stream, version, topic, occurred_at, state, signature, n)
    order by given.n;
end
$$;


-- The one way in: appends the events of many commands in their order, of each command all or none.
--
-- For each command: its idempotency key or null, the SHA-256 of its request, the number of its events.
-- For each event, command after command: stream, version, topic, when it happened, state, signature (null: none). The
-- signature covers when it happened, so with one that is never null; without, null stands for now.
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
    states bytea[],
    signatures bytea[]
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
        or cardinality(signatures) <> total
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
        perform insert_events(head, stamp, streams, versions, topics, occurred_ats, states, signatures);

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
            states[from_event:upto_event],
            signatures[from_event:upto_event]
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


-- The way in of programmes older than this step: what they record carries no signature, and is not sealed before somebody
-- adopts it (`jiandu keys adopt`).
create or replace function append(
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
as $$
begin
    return query
    select *
    from append(
        keys,
        digests,
        counts,
        streams,
        versions,
        topics,
        occurred_ats,
        states,
        array_fill(null::bytea, array[cardinality(states)])
    );
end
$$;


revoke all on all functions in schema {schema} from public;

grant select on tiles, checkpoints, seal, heads, quarantine to {recorder};

grant execute on function
    append(text[], bytea[], integer[], text[], bigint[], text[], timestamptz[], bytea[], bytea[])
to {recorder};

grant usage on schema {schema} to {sealer};

grant select on events, schema_steps to {sealer};

grant select, insert, update on tiles, checkpoints, seal, heads, quarantine to {sealer};
