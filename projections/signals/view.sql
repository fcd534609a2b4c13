-- 监察台账 signals: one row for each signal, what it says and where it stands.
--
-- The number of days to reply is the reply's own; of what is unanswered it is counted when asked (queries.sql).
with history as (
    select
        stream,
        position,
        topic,
        occurred_at,
        day_of(occurred_at) as day,
        fact,
        envelope,
        row_number() over (partition by stream order by version) as n
    from effective_events
    where stream >= 'signal:' and stream < 'signal;'
),

signals as (
    select
        stream,
        (array_agg(fact order by n) filter (where topic = 'signal.raised.v1'))[1] as raised,
        (array_agg(envelope order by n) filter (where topic = 'signal.raised.v1'))[1] as raised_by,
        min(occurred_at) filter (where topic = 'signal.raised.v1') as raised_at,
        min(day) filter (where topic = 'signal.raised.v1') as raised_on,
        min(position) filter (where topic = 'signal.raised.v1') as raised_position,
        (array_agg(fact order by n) filter (where topic = 'signal.replied.v1'))[1] as reply,
        min(occurred_at) filter (where topic = 'signal.replied.v1') as replied_at,
        min(occurred_at) filter (where topic = 'signal.appealed.v1') as appealed_at,
        max(occurred_at) filter (where topic in ('signal.upheld.v1', 'signal.withdrawn.v1')) as decided_at,
        (array_agg(fact order by n desc) filter (where topic in ('signal.upheld.v1', 'signal.withdrawn.v1')))[1]
            as decision,
        -- a further reply moves nothing that was appealed or decided
        (array_agg(topic order by n desc) filter (where topic not in ('signal.raised.v1', 'signal.replied.v1')))[1]
            as stands_by,
        count(*)::integer as events,
        max(position) as last_position
    from history
    group by stream
)

select
    stream,
    split_part(stream, ':', 2) as signal_no,
    raised ->> 'rule_code' as rule_code,
    raised ->> 'light' as light,
    case
        when stands_by = 'signal.appealed.v1' then 'appealed'
        when stands_by = 'signal.upheld.v1' then 'upheld'
        when stands_by = 'signal.withdrawn.v1' then 'withdrawn'
        when reply is not null then 'replied'
        else 'raised'
    end as state,
    raised ->> 'subject' as subject,
    raised ->> 'case_no' as case_no,
    array(select position::bigint from jsonb_array_elements_text(raised -> 'facts') as fact (position)) as facts,
    (raised ->> 'due')::date as due,
    (raised ->> 'state_on')::date as state_on,
    raised ->> 'basis' as basis,
    raised ->> 'unit_code' as unit_code,
    raised ->> 'window_id' as window_id,
    raised ->> 'post_id' as post_id,
    raised ->> 'person' as person,
    (raised ->> 'is_legacy')::boolean as is_legacy,
    coalesce(raised -> 'figures', '[]') as figures,
    raised_at,
    raised_on,
    raised_by -> 'actor' ->> 'role' as raised_by_role,
    raised_by ->> 'policy_version' as policy_version,
    raised_by ->> 'calendar_version' as calendar_version,
    (raised ->> 'reply_due')::date as reply_due,
    replied_at,
    (reply ->> 'days')::integer as reply_days,
    (reply ->> 'is_late')::boolean as is_reply_late,
    appealed_at,
    decided_at,
    decision ->> 'reason' as withdrawal_reason,
    coalesce(decision ->> 'explanation', decision ->> 'findings') as decision_text,
    events,
    raised_position,
    last_position
from signals
where raised is not null
