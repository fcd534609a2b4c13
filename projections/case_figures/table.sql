-- serves: the figures of this case
alter table case_figures add constraint case_figures_stream_key primary key (stream);
