-- serves: the acceptance of this case
alter table acceptances add constraint acceptances_stream_key primary key (stream);

-- serves: the last case that a window accepted
create index acceptances_of_window on acceptances (window_id, accepted_on) where window_id is not null;

-- serves: what else the same person applied for
create index acceptances_of_applicant on acceptances (applicant_ref, item_code) where applicant_ref is not null;
