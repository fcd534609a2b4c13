-- serves: from when to when was this case recorded?
alter table case_spans add constraint case_spans_stream_key primary key (stream);
