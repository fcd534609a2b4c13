-- serves: from when to when was this case recorded?
alter table case_spans add constraint case_spans_stream_key primary key (stream);

-- every event of a case changes its row: it finds room beside itself, and no index is written
alter table case_spans set (fillfactor = 80);
