-- serves: the steps of this case
alter table work_steps add constraint work_steps_stream_ordinal_key primary key (stream, ordinal);
