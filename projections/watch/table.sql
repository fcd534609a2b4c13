-- serves: what is found in this case
create index watch_stream on watch (stream);

-- serves: what is found on this day
create index watch_from_day on watch (from_day);

-- serves: the finding behind a signal's number
create index watch_signal_no on watch (signal_no);
