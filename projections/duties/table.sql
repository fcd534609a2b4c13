-- serves: the duties of this case
alter table duties add constraint duties_stream_key primary key (stream);
