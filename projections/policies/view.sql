-- 规则 policies: the versions of the county's parameters; in force on a day is the latest that began by then.
select
    fact -> 'policy' ->> 'version' as version,
    (fact -> 'policy' ->> 'valid_from')::date as valid_from,
    (fact -> 'policy' ->> 'pause_capped_at_plan')::boolean as pause_capped_at_plan,
    (fact -> 'policy' ->> 'first_review_days')::integer as first_review_days,
    (fact -> 'policy' ->> 'agent_leg_days')::integer as agent_leg_days
from effective_events
where stream = 'policy:county' and topic = 'policy.published.v1'
union all
-- before the county said anything
select :'version', :'valid_from'::date, :'pause_capped_at_plan'::boolean, :'first_review_days'::integer, :'agent_leg_days'::integer
