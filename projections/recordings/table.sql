-- serves: the recordings of this case
create index recordings_stream on recordings (stream);
