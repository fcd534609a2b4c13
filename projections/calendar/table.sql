-- serves: the ordinal of a day
alter table working_days add constraint working_days_day_key primary key (day);

-- serves: the n-th working day
create unique index working_days_ordinal_key on working_days (ordinal) where is_working;
