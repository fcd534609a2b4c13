-- serves: the clock of this case
alter table clock add constraint clock_stream_key primary key (stream);

-- serves: which open cases are due next, or should have been done
create index clock_due on clock ((coalesce(promise_due, legal_due))) where done_on is null;
