-- serves: this signal
alter table signals add constraint signals_stream_key primary key (stream);

-- serves: whether a finding was raised
create index signals_signal_no on signals (signal_no);

-- serves: the signals of this case
create index signals_case_no on signals (case_no);

-- serves: the ledger, latest first
create index signals_raised on signals (raised_position);

-- serves: the signals of this unit
create index signals_unit on signals (unit_code, raised_position);
