-- serves: the ordinal of a day
alter table calendar add constraint calendar_day_key primary key (day);

-- serves: the n-th working day
create unique index calendar_ordinal_key on calendar (ordinal) where is_working;
