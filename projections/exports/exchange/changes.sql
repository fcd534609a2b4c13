-- What an exchange client has not fetched yet, by name. Runs with search_path = the county's views, the county.

-- name: touched
-- The streams of a kind with events behind one position and up to another.
select distinct stream
from events
where position > %(after)s
    and position <= %(upto)s
    and stream >= %(kind)s || ':'
    and stream < %(kind)s || ';'
order by stream;

-- name: all
-- Every stream of a kind there was up to a position.
select stream
from events
where version = 1
    and position <= %(upto)s
    and stream >= %(kind)s || ':'
    and stream < %(kind)s || ';'
order by stream;

-- name: is_all_touched
-- Whether a register, the calendar or the policy changed meanwhile: they can change any row.
select exists (
    select
    from events
    where position > %(after)s
        and position <= %(upto)s
        and split_part(stream, ':', 1) in ('item', 'unit', 'window', 'post', 'calendar', 'policy')
);

-- name: told_at
-- When the record reached the position.
select recorded_at
from events
where position <= %(position)s
order by position desc
limit 1;

-- name: signals
-- What the supervision ledger says of these signals.
select
    signals.signal_no,
    signals.rule_code,
    signals.light,
    signals.state,
    signals.case_no,
    signals.basis,
    signals.unit_code,
    signals.raised_at,
    coalesce(signals.decided_at, signals.appealed_at, signals.replied_at, signals.raised_at) as state_at,
    signals.decision_text,
    receipt.fact ->> 'item_code' as item_code,
    receipt.fact ->> 'item_version' as item_version
from signals
left join lateral (
    select effective.fact
    from effective_events as effective
    where effective.stream = 'case:' || signals.case_no and effective.topic = 'case.received.v1'
    order by effective.version desc
    limit 1
) as receipt on true
where signals.stream = any (%(streams)s)
order by signals.stream;

-- name: contacts
-- What was asked at the first desk in these streams, who answers for it, and the last answer.
select
    split_part(stream, ':', 2) as contact_no,
    max(fact ->> 'asker_ref') filter (where topic = 'contact.first_ask_registered.v1') as asker_ref,
    max(fact ->> 'matter') filter (where topic = 'contact.first_ask_registered.v1') as matter,
    max(occurred_at) filter (where topic = 'contact.first_ask_registered.v1') as asked_at,
    max(occurred_at) filter (where topic = 'contact.consultation_answered.v1') as answered_at,
    (
        array_agg(envelope -> 'actor' ->> 'staff_id' order by occurred_at desc, position desc)
            filter (where topic = 'contact.consultation_answered.v1')
    )[1] as answered_by,
    (
        array_agg(fact ->> 'answer' order by occurred_at desc, position desc)
            filter (where topic = 'contact.consultation_answered.v1')
    )[1] as answer,
    (
        array_agg(coalesce(fact ->> 'to_unit', envelope -> 'actor' ->> 'unit_code') order by occurred_at desc, position desc)
            filter (where topic <> 'contact.consultation_answered.v1')
    )[1] as unit_code
from effective_events
where stream = any (%(streams)s)
    and topic in (
        'contact.first_ask_registered.v1',
        'contact.first_ask_handed_over.v1',
        'contact.consultation_answered.v1'
    )
group by stream
having bool_or(topic = 'contact.first_ask_registered.v1')
order by stream;
