-- serves: a policy by its version
alter table policies add constraint policies_version_key primary key (version);
