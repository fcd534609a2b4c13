-- serves: the card of this case
alter table case_card add constraint case_card_stream_key primary key (stream);

-- serves: the case that another system knows under this number
create index case_card_external_ref on case_card (external_ref) where external_ref is not null;

-- serves: the cases of a unit, of an item, of some days, in order of their numbers
create index case_card_of_unit on case_card (unit_code, stream);
create index case_card_of_item on case_card (item_code, stream);
create index case_card_received on case_card (received_on, stream);

-- serves: the cases that are in some state, in order of their numbers
create index case_card_in_status on case_card (status, stream);

-- every event of a case changes its row: it finds room beside itself, and no index is written
alter table case_card set (fillfactor = 80);
