-- Where persons are named, found by their references. Runs once, as the log's owner. The expressions are those of the
-- statement `dealings`, which no index serves otherwise.


-- serves: which cases and first asks is this person the applicant, the recipient or the asker of?
create index events_persons_named
    on events (substring(encode(state, 'escape') from '"(?:applicant_ref|recipient_ref|asker_ref|should_be)":"(p-[0-9a-f]{{32}})"'))
    where topic in (
        'case.received.v1',
        'case.agent_entrusted.v1',
        'case.certificate_delivered.v1',
        'contact.first_ask_registered.v1',
        'event.corrected.v1'
    );

-- serves: in which cases does this person act for the applicant?
create index events_agents_named
    on events (substring(encode(state, 'escape') from '"agent_ref":"(p-[0-9a-f]{{32}})"'))
    where topic in ('case.received.v1', 'case.agent_entrusted.v1') and position('"agent_ref"'::bytea in state) > 0;
