-- serves: the certificates of this case
alter table certificates
add constraint certificates_stream_no_issue_key primary key (stream, certificate_no, issue);

-- serves: the register, in order
create index certificates_in_order on certificates ((coalesce(issued_on, delivered_on)), stream, certificate_no, issue);

-- serves: a certificate by its number
create index certificates_by_number on certificates (certificate_no);

-- serves: what lies uncollected
create index certificates_undelivered on certificates (decided_on) where delivered_on is null;
