-- serves: the trail in the order of the log, from a position on
alter table audit add constraint audit_position_key primary key (position);

-- serves: a record's own trail, and the event that an amendment names
create index audit_stream_version on audit (stream, version);

-- serves: the trail in the order in which things were said to happen
create index audit_occurred on audit (occurred_at, position);

-- serves: what a person did
create index audit_person on audit (person, position);

-- serves: what was done at a post
create index audit_post on audit (post_id, position) where post_id is not null;

-- serves: what was done in a unit
create index audit_unit on audit (unit_code, position) where unit_code is not null;

-- serves: what became of an item's cases
create index audit_item on audit (item_code, position) where item_code is not null;

-- serves: all events of a sort, such as corrections
create index audit_topic on audit (topic, position);

-- serves: what a device sent, and which of its numbers are missing
create index audit_device on audit (device_id, device_seq) where device_id is not null;

-- serves: events with a mark; every mark, whatever the event
create index audit_marks on audit using gin (marks) where marks <> '{}';

-- serves: what a person vouched for
create index audit_approvers on audit using gin (approvers) where approvers <> '{}';

-- serves: events that were corrected or voided later
create index audit_amended on audit (position) where voided_from is not null or corrected_from is not null;
