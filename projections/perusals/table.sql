-- serves: the looks of this person and day, or under this investigation
alter table perusals add constraint perusals_key primary key (stream, version);

-- serves: the list, in the order of recording
create index perusals_position on perusals (position);

-- serves: who looked into this case
create index perusals_case_no on perusals (case_no, position);

-- serves: what was looked into under this investigation
create index perusals_investigation_no on perusals (investigation_no, position);

-- serves: into what this person looked
create index perusals_staff on perusals (staff_id, position);
