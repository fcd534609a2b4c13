-- What the engine remembers. Runs as the projector in the schema of the views; again, it changes nothing.


-- How far each projection is, by which definition, and what keeps it.
create table if not exists projections (
    name text collate "C" not null,
    -- the hash of the definition whose rows stand in the live table; null: there is no live table
    definition text collate "C",
    position bigint not null default 0,
    refreshed_at timestamptz,
    -- somebody asked for it, or something it stands on was built anew
    is_rebuild_wanted boolean not null default false,
    -- the definition whose rows are being collected beside the live table
    building text collate "C",
    building_position bigint,
    built_keys bigint not null default 0,
    total_keys bigint,
    is_filled boolean not null default false,
    -- the events among which it failed: behind `failed_after`, up to `failed_upto`
    failed_at timestamptz,
    failed_after bigint,
    failed_upto bigint,
    failure text,
    -- serves: how does this projection stand?
    constraint projections_name_key primary key (name)
);

-- The keys of a table that is being filled, cut into portions: those above one key and up to another, null for no end.
-- Whoever fills one locks its line; together they hold every key there can be.
create table if not exists portions (
    projection text collate "C" not null,
    portion integer not null,
    above text collate "C",
    upto text collate "C",
    keys bigint not null,
    is_filled boolean not null default false,
    -- serves: which portions of a table wait?
    constraint portions_key primary key (projection, portion)
);

-- Which keys changed, for the projections that stand on it. Key '*': all of them.
create table if not exists changes (
    projection text collate "C" not null,
    via text collate "C" not null,
    position bigint not null,
    key text collate "C" not null,
    -- serves: what has a projection passed on between two positions?
    constraint changes_key primary key (projection, via, position, key)
);

-- By which texts the standing views were made.
create table if not exists standing_texts (
    name text collate "C" not null,
    hash text collate "C" not null,
    -- serves: must the views be made anew?
    constraint standing_texts_name_key primary key (name)
);

-- Holds nothing. A reader locks it, in share, before it takes its snapshot, and no table is switched while anybody
-- holds it: else a table could take the place of another behind a snapshot that does not see its rows.
create table if not exists switching ();

-- Likewise for whoever reads the definitions' views, several of them one after another: meanwhile nobody drops and makes
-- them, which would wait for the one and be waited for at the other.
create table if not exists defining ();
