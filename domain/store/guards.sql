-- Guards and readers: what else is never changed, and who may look at everything. Runs once, after seal.sql, as the log's owner.
-- {auditor} is what auditing programmes act as: it selects, and holds no other right.


-- A checkpoint that was signed stands, as an event does; and so does the account of how the schema came to be.
create trigger checkpoints_stand
    before update or delete or truncate on checkpoints
    for each statement execute function refuse_change();

create trigger schema_steps_stand
    before update or delete or truncate on schema_steps
    for each statement execute function refuse_change();

-- What was quarantined can be adopted, and never forgotten.
create trigger quarantine_stands
    before delete or truncate on quarantine
    for each statement execute function refuse_change();

-- also under session_replication_role = replica
alter table checkpoints enable always trigger checkpoints_stand;
alter table schema_steps enable always trigger schema_steps_stand;
alter table quarantine enable always trigger quarantine_stands;


-- A checkpoint is written once.
revoke update on checkpoints from {sealer};

grant usage on schema {schema} to {auditor};

-- The log and its tree. Never what lies beside the log about people, nor secrets of access.
grant select on events, commands, schema_steps, tiles, checkpoints, seal, heads, quarantine, witnesses to {auditor};
