-- serves: what is found in this case
alter table watch add constraint watch_stream_signal_no_key primary key (stream, signal_no);

-- serves: what is found on this day
create index watch_from_day on watch (from_day);

-- serves: the finding behind a signal's number
create index watch_signal_no on watch (signal_no);
