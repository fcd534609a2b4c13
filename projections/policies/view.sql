-- 规则 policies: the versions of the county's parameters; in force on a day is the latest that began by then.
-- The setting jiandu.policy of a transaction, a policy as it is published, governs every day instead: 假设.
with supposed as (
    select nullif(current_setting('jiandu.policy', true), '')::jsonb as policy
),

told as (
    -- a version that was published before a parameter was known has its default
    select :'default'::jsonb || (fact -> 'policy') as policy
    from effective_events
    where stream = 'policy:county' and topic = 'policy.published.v1'
    union all
    -- before the county said anything
    select :'default'::jsonb
)

select
    policy ->> 'version' as version,
    (policy ->> 'valid_from')::date as valid_from,
    (policy ->> 'pause_capped_at_plan')::boolean as pause_capped_at_plan,
    (policy ->> 'first_review_days')::integer as first_review_days,
    (policy ->> 'agent_leg_days')::integer as agent_leg_days,
    (policy ->> 'prewarn_days_short')::integer as prewarn_days_short,
    (policy ->> 'prewarn_days_long')::integer as prewarn_days_long,
    (policy ->> 'prewarn_short_limit')::integer as prewarn_short_limit,
    (policy ->> 'correction_notice_days')::integer as correction_notice_days,
    (policy ->> 'delivery_days')::integer as delivery_days,
    (policy ->> 'handoff_days')::integer as handoff_days,
    (policy ->> 'late_record_days')::integer as late_record_days,
    (policy ->> 'ranking_at_least')::integer as ranking_at_least,
    (policy ->> 'zero_activity_days')::integer as zero_activity_days,
    (policy ->> 'signal_reply_days')::integer as signal_reply_days
from (
    select policy
    from told
    where not exists (select from supposed where policy is not null)
    union all
    select :'default'::jsonb || policy || '{"valid_from": "0001-01-01"}'
    from supposed
    where policy is not null
) as governing
