-- The vault of one county: what stands for people's data, sealed. Runs as the log's owner, with
-- search_path = the county's schema, pg_temp; {vault_owner} owns what lies in {vault}, a schema that is backed up apart
-- and for a short time. Nothing in it is plain text: not in a row, a parameter, a statement, the write-ahead log.


-- serves: who was erased? Asked when a county is opened, so that no restored vault brings anybody back.
create index if not exists events_erasures
    on events (stream)
    where topic = 'subject.key_destroyed.v1';

set local role {vault_owner};
set local search_path = {vault}, pg_temp;

-- Which key-encryption keys there are; the keys themselves lie in files.
create table if not exists wrapping_keys (
    kek integer not null,
    made_at timestamptz not null,
    retired_at timestamptz,
    constraint wrapping_keys_key primary key (kek),
    constraint wrapping_keys_from_one check (kek >= 1)
);

-- Each person's key, wrapped.
create table if not exists persons (
    person_ref text collate "C" not null,
    kek integer not null,
    wrapped_key bytea not null,
    enrolled_at timestamptz not null,
    -- serves: who is this reference?
    constraint persons_person_ref_key primary key (person_ref),
    constraint persons_person_ref_form check (person_ref ~ '^p-[0-9a-f]{{32}}$'),
    constraint persons_kek_made foreign key (kek) references wrapping_keys (kek)
);

-- serves: whose key is still wrapped by an old one?
create index if not exists persons_kek on persons (kek, person_ref);

-- Each field of a person, sealed under the person's key together with the salt of its commitment.
create table if not exists boxes (
    person_ref text collate "C" not null,
    part text collate "C" not null,
    box bytea not null,
    constraint boxes_key primary key (person_ref, part),
    constraint boxes_person foreign key (person_ref) references persons (person_ref) on delete cascade
);

-- By what a person is found: keyed digests of normalised numbers and names.
create table if not exists fingerprints (
    person_ref text collate "C" not null,
    kind text collate "C" not null,
    fingerprint bytea not null,
    constraint fingerprints_key primary key (person_ref, kind),
    constraint fingerprints_person foreign key (person_ref) references persons (person_ref) on delete cascade
);

-- serves: is the holder of this document enrolled? One document, one person.
create unique index if not exists fingerprints_document on fingerprints (fingerprint) where kind = 'document';

-- serves: who has this telephone, who has this name?
create index if not exists fingerprints_found on fingerprints (kind, fingerprint);


-- Who stands under the reference: the given one, or the one that the holder of the document has already. Of a person
-- who stands already nothing is written. Refuses a wrapping key that is retired (foreign_key_violation): it may be gone
-- before the row is read again.
create or replace function vault_enrol(
    new_ref text, new_kek integer, wrapped_key bytea, parts text[], boxes bytea[], kinds text[], fingerprints bytea[]
)
returns text
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
declare
    standing text;
begin
    select person_ref into standing
    from fingerprints
    where kind = 'document' and fingerprint = vault_enrol.fingerprints[array_position(kinds, 'document')];
    if found then
        return standing;
    end if;

    perform from wrapping_keys where kek = new_kek and retired_at is null for share;
    if not found then
        raise exception using errcode = 'foreign_key_violation', message = format('wrapping key %s is retired', new_kek);
    end if;

    insert into persons (person_ref, kek, wrapped_key, enrolled_at)
    values (new_ref, new_kek, vault_enrol.wrapped_key, clock_timestamp());
    begin
        insert into fingerprints (person_ref, kind, fingerprint)
        select new_ref, given.kind, given.fingerprint
        from unnest(kinds, vault_enrol.fingerprints) as given (kind, fingerprint);
    exception when unique_violation then
        -- somebody else enrolled the holder of the document a moment ago
        delete from persons where person_ref = new_ref;
        select person_ref into strict standing
        from fingerprints
        where kind = 'document' and fingerprint = vault_enrol.fingerprints[array_position(kinds, 'document')];
        return standing;
    end;
    insert into boxes (person_ref, part, box)
    select new_ref, given.part, given.box
    from unnest(parts, vault_enrol.boxes) as given (part, box);
    return new_ref;
end
$$;

-- The wrapped key and the boxes of a person; no row where nobody, or nobody any more, stands under the reference.
create or replace function vault_person(person_ref text)
returns table (kek integer, wrapped_key bytea, parts text[], boxes bytea[])
language sql stable security definer
set search_path from current
as $$
    select persons.kek, persons.wrapped_key, array_agg(boxes.part), array_agg(boxes.box)
    from persons
    join boxes on boxes.person_ref = persons.person_ref
    where persons.person_ref = $1
    group by persons.person_ref
$$;

-- Puts sealed values in the place of what stood there. False where nobody stands under the reference.
create or replace function vault_correct(
    corrected_ref text, parts text[], boxes bytea[], kinds text[], fingerprints bytea[]
)
returns boolean
language plpgsql volatile security definer
set search_path from current
as $$
#variable_conflict use_column
begin
    perform from persons where person_ref = corrected_ref for share;
    if not found then
        return false;
    end if;
    insert into boxes as standing (person_ref, part, box)
    select corrected_ref, given.part, given.box
    from unnest(parts, vault_correct.boxes) as given (part, box)
    on conflict on constraint boxes_key do update set box = excluded.box;
    insert into fingerprints as standing (person_ref, kind, fingerprint)
    select corrected_ref, given.kind, given.fingerprint
    from unnest(kinds, vault_correct.fingerprints) as given (kind, fingerprint)
    on conflict on constraint fingerprints_key do update set fingerprint = excluded.fingerprint;
    return true;
end
$$;

-- Who is found under a fingerprint, the longest enrolled first.
create or replace function vault_found(kind text, fingerprint bytea, at_most integer)
returns table (person_ref text)
language sql stable security definer
set search_path from current
as $$
    select persons.person_ref
    from fingerprints
    join persons on persons.person_ref = fingerprints.person_ref
    where fingerprints.kind = $1 and fingerprints.fingerprint = $2
    order by persons.enrolled_at, persons.person_ref
    limit $3
$$;

-- Destroys everything about some persons: key, boxes with the salts in them, fingerprints. Answers how many there were.
create or replace function vault_destroy(person_refs text[])
returns bigint
language sql volatile security definer
set search_path from current
as $$
    with gone as (
        delete from persons
        where person_ref = any ($1)
        returning 1
    )
    select count(*) from gone
$$;

-- The wrapping keys there are and whether they still wrap.
create or replace function vault_wrapping_keys()
returns table (kek integer, is_retired boolean)
language sql stable security definer
set search_path from current
as $$
    select kek, retired_at is not null
    from wrapping_keys
    order by kek
$$;

-- From now on this key wraps, and no other: enrolments under way under an older one are waited for, later ones refused.
create or replace function vault_use_key(new_kek integer)
returns void
language sql volatile security definer
set search_path from current
as $$
    insert into wrapping_keys (kek, made_at)
    values ($1, clock_timestamp())
    on conflict on constraint wrapping_keys_key do nothing;
    update wrapping_keys
    set retired_at = clock_timestamp()
    where kek <> $1 and retired_at is null
$$;

-- Some persons whose key is not wrapped by this one, by reference behind `after`.
create or replace function vault_wrapped_by_others(wanted_kek integer, after text, at_most integer)
returns table (person_ref text, kek integer, wrapped_key bytea)
language sql stable security definer
set search_path from current
as $$
    select person_ref, kek, wrapped_key
    from persons
    where kek <> $1 and person_ref > $2
    order by person_ref
    limit $3
$$;

-- Wraps persons' keys anew; who was erased meanwhile stays erased.
create or replace function vault_rewrap(person_refs text[], new_kek integer, wrapped_keys bytea[])
returns void
language sql volatile security definer
set search_path from current
as $$
    update persons
    set
        kek = $2,
        wrapped_key = given.wrapped_key
    from unnest($1, $3) as given (person_ref, wrapped_key)
    where persons.person_ref = given.person_ref
$$;

-- The persons by reference behind `after`, for checks of the whole vault.
create or replace function vault_references(after text, at_most integer)
returns table (person_ref text)
language sql stable security definer
set search_path from current
as $$
    select person_ref
    from persons
    where person_ref > $1
    order by person_ref
    limit $2
$$;

revoke all on all functions in schema {vault} from public;

grant usage on schema {vault} to {recorder};

grant execute on function
    vault_enrol(text, integer, bytea, text[], bytea[], text[], bytea[]),
    vault_person(text),
    vault_correct(text, text[], bytea[], text[], bytea[]),
    vault_found(text, bytea, integer),
    vault_destroy(text[]),
    vault_wrapping_keys(),
    vault_use_key(integer),
    vault_wrapped_by_others(integer, text, integer),
    vault_rewrap(text[], integer, bytea[]),
    vault_references(text, integer)
to {recorder};

set local role {owner};
set local search_path = {schema}, pg_temp;


-- Nobody is written down in plain text again; whom `people` holds is moved into the vault, and then it is emptied.
drop function enrol(text, text, text, text, text);

-- Empties `people` once the vault holds everybody. Truncated, not deleted: the file with the old rows goes.
create function empty_people()
returns void
language plpgsql volatile security definer
set search_path from current
as $$
begin
    truncate people;
end
$$;

revoke all on function empty_people() from public;

grant execute on function empty_people() to {recorder};
