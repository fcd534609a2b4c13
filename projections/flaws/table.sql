-- serves: the flaws of this case
alter table flaws add constraint flaws_key primary key (stream, version, flaw_kind, code, about);

-- serves: the list, in the order of recording
create index flaws_in_order on flaws (position, flaw_kind, code, about);

-- serves: the list of one code, in the order of recording
create index flaws_of_code on flaws (code, position);
