-- serves: the entry of a code
alter table places add constraint places_kind_code_key primary key (place_kind, code);
