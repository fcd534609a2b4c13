-- serves: this investigation
alter table investigations add constraint investigations_stream_key primary key (stream);

-- serves: the list, latest first
create index investigations_opened on investigations (opened_position);
