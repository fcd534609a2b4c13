-- serves: whom a case was sent round to
alter table legs add constraint legs_stream_ordinal_key primary key (stream, ordinal);

-- serves: what a unit has not answered yet
create index legs_unanswered on legs (unit_code, due) where ended_at is null;
