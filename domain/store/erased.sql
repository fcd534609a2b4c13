-- Nobody who was erased is named by what is recorded, and nobody is erased over what was recorded meanwhile. Both are asked
-- under the writer lock, where what stands is all there is. Runs once, as the log's owner.


-- Refuses (JD001) what names somebody who was erased. Whoever records asks before; this sees what came between.
create function refuse_erased(topics text[], states bytea[])
returns void
language plpgsql
set search_path from current
as $$
begin
    if not exists (select from events where topic = 'subject.key_destroyed.v1') then
        return;
    end if;

    if exists (
        select
        from (
            select convert_from(state, 'UTF8')::jsonb -> 'fact' as fact
            from unnest(topics, states) as given (topic, state)
            where topic in (
                'case.received.v1',
                'case.agent_entrusted.v1',
                'case.certificate_delivered.v1',
                'contact.first_ask_registered.v1',
                'event.corrected.v1'
            )
            -- each is parsed once
            offset 0
        ) as given
        cross join lateral unnest(array[
            fact ->> 'applicant_ref',
            fact ->> 'recipient_ref',
            fact ->> 'asker_ref',
            fact #>> '{{mandate,agent_ref}}',
            fact ->> 'should_be',
            fact #>> '{{should_be,agent_ref}}'
        ]) as named (person_ref)
        join events on events.stream = 'subject:' || named.person_ref and events.topic = 'subject.key_destroyed.v1'
    )
    then
        raise exception using errcode = 'JD001', message = 'append: names a person who was erased';
    end if;
end
$$;


-- Refuses (JD002) to erase somebody of whom something was recorded since the log was looked through: the person was named, a
-- case of theirs went on, or something was put under a legal hold.
create function refuse_overtaken(streams text[], topics text[], states bytea[])
returns void
language plpgsql
set search_path from current
as $$
declare
    erasure record;
begin
    for erasure in
        select
            stream,
            substr(stream, 9) as person_ref,
            (convert_from(state, 'UTF8')::jsonb -> 'fact' ->> 'as_of')::bigint as as_of
        from unnest(streams, topics, states) as given (stream, topic, state)
        where topic = 'subject.key_destroyed.v1'
    loop
        if exists (
            select
            from events
            where events.position > erasure.as_of
                and events.stream <> erasure.stream
                and (
                    events.topic = 'investigation.legal_hold_placed.v1'
                    or position(convert_to(erasure.person_ref, 'UTF8') in events.state) > 0
                    or events.stream in (
                        select naming.stream
                        from events as naming
                        where naming.topic in (
                                'case.received.v1',
                                'case.agent_entrusted.v1',
                                'case.certificate_delivered.v1',
                                'contact.first_ask_registered.v1',
                                'event.corrected.v1'
                            )
                            and substring(
                                encode(naming.state, 'escape')
                                from '"(?:applicant_ref|recipient_ref|asker_ref|should_be)":"(p-[0-9a-f]{{32}})"'
                            ) = erasure.person_ref
                        union all
                        select naming.stream
                        from events as naming
                        where naming.topic in ('case.received.v1', 'case.agent_entrusted.v1')
                            and position('"agent_ref"'::bytea in naming.state) > 0
                            and substring(encode(naming.state, 'escape') from '"agent_ref":"(p-[0-9a-f]{{32}})"')
                                = erasure.person_ref
                    )
                )
        )
        then
            raise exception using errcode = 'JD002', message = 'append: more was recorded of a person than the erasure knows';
        end if;
    end loop;
end
$$;


-- As before. What is asked behind the insert sees what the same commands recorded, in whatever order.
create or replace function insert_events(
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

    if topics && array[
        'case.received.v1',
        'case.agent_entrusted.v1',
        'case.certificate_delivered.v1',
        'contact.first_ask_registered.v1',
        'event.corrected.v1'
    ] then
        perform refuse_erased(topics, states);
    end if;

    if 'subject.key_destroyed.v1' = any (topics) then
        perform refuse_overtaken(streams, topics, states);
    end if;
end
$$;


revoke all on function
    refuse_erased(text[], bytea[]),
    refuse_overtaken(text[], text[], bytea[])
from public;
