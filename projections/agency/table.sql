-- serves: the errands of this case
alter table agency add constraint agency_stream_errand_key primary key (stream, errand);

-- serves: the ledger, in order
create index agency_in_order on agency (entrusted_on, stream, errand);

-- serves: the ledger of a point, in order
create index agency_of_point on agency (point_code, entrusted_on, stream, errand);
