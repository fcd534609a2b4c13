-- Secrets of access, beside the log: never in an event, never readable back. Runs once, as the log's owner.


-- Passwords, as argon2 hashes.
create table credentials (
    staff_id text collate "C" not null,
    password_hash text not null,
    set_at timestamptz not null,
    -- serves: whose password is this?
    constraint credentials_staff_key primary key (staff_id),
    constraint credentials_argon2 check (password_hash like '$argon2id$%')
);

-- Who is signed in. The token itself is nowhere: whoever reads this table can open nothing with it.
create table sessions (
    token_hash bytea not null,
    session text collate "C" not null,
    staff_id text collate "C" not null,
    post_id text collate "C" not null,
    generation integer not null,
    opened_at timestamptz not null,
    expires_at timestamptz not null,
    -- serves: whose token is this?
    constraint sessions_token_key primary key (token_hash),
    constraint sessions_token_hashed check (length(token_hash) = 32),
    constraint sessions_end check (expires_at > opened_at)
);

-- serves: forgetting what is over
create index sessions_expiry on sessions (expires_at);

-- The secrets of API keys, hashed: 256 random bits need no slow hash.
create table api_keys (
    key_id text collate "C" not null,
    secret_hash bytea not null,
    -- serves: is this the key's secret?
    constraint api_keys_key primary key (key_id),
    constraint api_keys_hashed check (length(secret_hash) = 32)
);


create function keep_password(staff_id text, password_hash text)
returns void
language sql volatile security definer
set search_path from current
as $$
    insert into credentials (staff_id, password_hash, set_at)
    values ($1, $2, clock_timestamp())
    on conflict on constraint credentials_staff_key do update
    set password_hash = excluded.password_hash, set_at = excluded.set_at
$$;


-- Whoever signs in sweeps out what is over.
create function open_session(
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
    insert into sessions (token_hash, session, staff_id, post_id, generation, opened_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict on constraint sessions_token_key do nothing
$$;


create function end_session(token_hash bytea)
returns void
language sql volatile security definer
set search_path from current
as $$
    delete from sessions where sessions.token_hash = $1
$$;


-- Once: the secret of a key is never replaced.
create function keep_api_key(key_id text, secret_hash bytea)
returns void
language sql volatile security definer
set search_path from current
as $$
    insert into api_keys (key_id, secret_hash)
    values ($1, $2)
    on conflict on constraint api_keys_key do nothing
$$;


revoke all on function
    keep_password(text, text),
    open_session(bytea, text, text, text, integer, timestamptz, timestamptz),
    end_session(bytea),
    keep_api_key(text, bytea)
from public;

grant select on credentials, sessions, api_keys to {recorder};

grant execute on function
    keep_password(text, text),
    open_session(bytea, text, text, text, integer, timestamptz, timestamptz),
    end_session(bytea),
    keep_api_key(text, bytea)
to {recorder};
