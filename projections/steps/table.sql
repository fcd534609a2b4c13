-- serves: the steps of this case, one after the other
alter table steps add constraint steps_stream_ordinal_key primary key (stream, ordinal);

-- serves: the steps that are being worked on
create index steps_open on steps (step_code, started_on) where completed_at is null;
