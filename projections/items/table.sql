-- serves: the version under which a case runs
alter table items add constraint items_code_version_key primary key (item_code, item_version);
