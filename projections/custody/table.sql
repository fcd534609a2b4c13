-- serves: who held this case, one after the other
alter table custody add constraint custody_stream_ordinal_key primary key (stream, ordinal);

-- serves: what a unit has in its hands now, and since when
create index custody_in_hand on custody (holder_unit, from_day) where to_at is null;
