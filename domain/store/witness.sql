-- The witnesses 见证人 of the log, as its policy names them: how far each has cosigned it, and what is wrong with it.
-- Runs once, as the log's owner. What they cosigned stands in the log as well; this is what is needed to go on asking them.

create table witnesses (
    vkey text not null,
    -- as the policy names it, for people
    name text not null,
    -- the largest checkpoint that it cosigned, and its line below it
    size bigint not null default 0,
    line text,
    asked_since timestamptz not null,
    -- when it last cosigned, by our clock
    seen_at timestamptz,
    trouble text,
    trouble_since timestamptz,
    -- serves: asking each of them anew
    constraint witnesses_key primary key (vkey)
);

grant select on witnesses to {recorder};

grant select, insert, update on witnesses to {sealer};
