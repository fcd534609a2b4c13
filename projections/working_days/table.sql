-- serves: the calendar by its version
alter table working_days add constraint working_days_version_key primary key (calendar_version);

-- read more often than it is written: not compressed
alter table working_days alter column working set storage external;
