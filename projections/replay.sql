-- The statements of a replay, by name. They run with search_path = the definitions, the county's views, the county.

-- name: step
-- In whose hands a case is, and where it stands.
select
    card.status,
    held.holder_unit,
    held.holder_post,
    held.holder_window,
    held.holder_person,
    held.is_agent,
    held.is_in_transit,
    held.in_transit_to,
    held.from_at as since
from (select) as one
left join (
    select status
    from case_card
    where stream = %(stream)s
) as card on true
left join (
    select *
    from custody
    where stream = %(stream)s and to_at is null
    order by ordinal desc
    limit 1
) as held on true;

-- name: handoff_limits
-- 签收: within how many working days what was sent is signed for, and the policy that says so.
select valid_from, version, handoff_days, agent_leg_days
from policies
order by valid_from desc;

-- name: place_of_tables
-- Where the live tables are, behind the definitions.
select (current_schemas(false))[2] as place, to_regclass(quote_ident((current_schemas(false))[2]) || '.signals') is not null;

-- name: signals
-- What the watch had raised, and where it stood.
select
    signal_no,
    rule_code,
    light,
    state,
    basis,
    unit_code,
    person,
    raised_on,
    raised_position
from signals
where stream = any (%(streams)s)
order by raised_position;
