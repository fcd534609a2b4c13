-- Signing in, as all processes of a county see it. Runs once, as the log's owner.


-- When somebody was last seen; a session that is not used for long is over.
alter table sessions add column seen_at timestamptz not null default now();

-- Attempts to sign in that failed. Who failed is not here: names and addresses are sorted into 65,536 drawers of each
-- kind by their hash, so that the table has an end and tells nobody.
create table sign_in_attempts (
    kind text collate "C" not null,
    drawer integer not null,
    attempts integer not null,
    begun_at timestamptz not null,
    -- serves: how often was it tried?
    constraint sign_in_attempts_key primary key (kind, drawer),
    constraint sign_in_attempts_kind check (kind in ('name', 'address')),
    constraint sign_in_attempts_drawer check (drawer between 0 and 65535),
    constraint sign_in_attempts_counted check (attempts >= 0)
) with (fillfactor = 50);


-- As before, and begins to be seen. Whoever signs in sweeps out what is over.
create or replace function open_session(
    token_hash bytea,
    session text,
    staff_id text,
    post_id text,
    generation integer,
    opened_at timestamptz,
    expires_at timestamptz
)
returns void
language sql volatile security definer
set search_path from current
as $$
    delete from sessions where expires_at < $6;
    insert into sessions (token_hash, session, staff_id, post_id, generation, opened_at, expires_at, seen_at)
    values ($1, $2, $3, $4, $5, $6, $7, $6)
    on conflict on constraint sessions_token_key do nothing
$$;


-- The session was used.
create function see_session(token_hash bytea, seen_at timestamptz)
returns void
language sql volatile security definer
set search_path from current
as $$
    update sessions
    set seen_at = greatest(sessions.seen_at, $2)
    where sessions.token_hash = $1
$$;


-- Counts an attempt before it is looked at, and answers how many there were since the first, this one with them.
-- After `within` it begins anew; beyond `most` it counts no further.
create function attempt_sign_in(
    kind text,
    drawer integer,
    at timestamptz,
    within interval,
    most integer
)
returns integer
language sql volatile security definer
set search_path from current
as $$
    insert into sign_in_attempts as known (kind, drawer, attempts, begun_at)
    values ($1, $2, 1, $3)
    on conflict on constraint sign_in_attempts_key do update
    set
        attempts = case
            when known.attempts = 0 or known.begun_at + $4 <= $3 then 1
            else least(known.attempts, $5) + 1
        end,
        begun_at = case
            when known.attempts = 0 or known.begun_at + $4 <= $3 then $3
            else known.begun_at
        end
    returning known.attempts
$$;


-- The attempt succeeded after all: the name begins anew, the address takes this one back.
create function forgive_sign_in(name_drawer integer, address_drawer integer)
returns void
language sql volatile security definer
set search_path from current
as $$
    update sign_in_attempts
    set attempts = case kind when 'name' then 0 else greatest(attempts - 1, 0) end
    where (kind, drawer) in (('name', $1), ('address', $2))
$$;


revoke all on function
    see_session(bytea, timestamptz),
    attempt_sign_in(text, integer, timestamptz, interval, integer),
    forgive_sign_in(integer, integer)
from public;

grant select on sign_in_attempts to {recorder};

grant execute on function
    see_session(bytea, timestamptz),
    attempt_sign_in(text, integer, timestamptz, interval, integer),
    forgive_sign_in(integer, integer)
to {recorder};
