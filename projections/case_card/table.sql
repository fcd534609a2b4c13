-- serves: the card of this case
alter table case_card add constraint case_card_stream_key primary key (stream);

-- serves: the case that another system knows under this number
create index case_card_external_ref on case_card (external_ref) where external_ref is not null;
