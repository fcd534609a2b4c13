"""A mapping applied to a row: understood value by value, or broken at the first that is not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.grammar import Channel
from ops.importing.mapping import Mapping, MappingUnusable, load_mapping, shipped_mappings
from ops.importing.rows import BrokenRow, Row, RowObjection
from ops.importing.sayings import Listener, Said

RECEIPT_PHASE = load_mapping(shipped_mappings()["receipt_phase"])
ROW = {
    "case:channel": "Internet",
    "case:concept:name": "case-10011",
    "case:deadline": "2011-12-06 13:41:31.788000+01:00",
    "case:department": "General",
    "case:enddate": "",
    "case:enddate_planned": "2011-12-06 13:41:31.788000+01:00",
    "case:group": "Group 2",
    "case:responsible": "Resource21",
    "case:startdate": "2011-10-11 13:42:22.688000+02:00",
    "concept:instance": "task-42935",
    "concept:name": "T07-1 Draft intern advice aspect 1",
    "lifecycle:transition": "complete",
    "org:group": "Group 4",
    "org:resource": "Resource10",
    "time:timestamp": "2011-10-12 08:26:25.398000+02:00",
}


def understand(mapping: Mapping = RECEIPT_PHASE, **changed: str) -> Said | BrokenRow:
    columns = {name.replace("_", ":", 1): text for name, text in changed.items()}
    return Listener(mapping).understand(Row(7, ROW | columns))


def test_a_step_is_taken_apart_into_code_and_title():
    said = understand()
    assert isinstance(said, Said)
    assert said.step == ("T07-1", "Draft intern advice aspect 1")
    assert said.unit is not None
    assert (said.case, said.unit.code, said.person) == ("case-10011", "group-4", "Resource10")
    assert said.occurred_at == datetime(2011, 10, 12, 6, 26, 25, 398000, UTC)


def test_what_is_true_of_the_case_keeps_the_words_and_times_of_the_source():
    said = understand()
    assert isinstance(said, Said)
    assert said.about.channel is Channel.web
    assert said.about.source_channel == "Internet"
    assert (said.about.department, said.about.group) == ("General", "Group 2")
    assert said.about.deadline == datetime(2011, 12, 6, 12, 41, 31, 788000, UTC)
    assert said.about.concluded_at is None


def test_the_receipt_is_no_step():
    said = understand(concept_name="Confirmation of receipt")
    assert isinstance(said, Said)
    assert said.step is None


def test_nobody_is_nobody():
    said = understand(org_group="EMPTY", org_resource="")
    assert isinstance(said, Said)
    assert (said.unit, said.person) == (None, None)


def test_who_is_responsible_is_a_code_or_nobody():
    known, unknown = understand(), understand(case_responsible="EMPTY")
    assert isinstance(known, Said)
    assert isinstance(unknown, Said)
    assert (known.about.responsible, unknown.about.responsible) == ("Resource21", None)


def test_the_number_of_a_case_elsewhere_may_look_like_a_telephone():
    said = understand(**{"case_concept:name": "13800005678"})
    assert isinstance(said, Said)
    assert said.case == "13800005678"


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"case_concept:name": ""}, "case:concept:name", "column-missing"),
        ({"case_concept:name": "case\u202e1"}, "case:concept:name", "text-unclean"),
        ({"case_channel": "Fax"}, "case:channel", "value-not-mapped"),
        ({"concept_name": "Coffee"}, "concept:name", "activity-unknown"),
        ({"concept_name": "T01 x\u200by"}, "concept:name", "text-unclean"),
        ({"lifecycle_transition": "start"}, "lifecycle:transition", "transition-not-complete"),
        ({"org_group": "Group 99"}, "org:group", "value-not-mapped"),
        ({"org_resource": "Jan de Vries"}, "org:resource", "no-code"),
        ({"case_responsible": "Jan de Vries"}, "case:responsible", "no-code"),
        ({"case_department": "王13800005678"}, "case:department", "text-unclean"),
        ({"time_timestamp": ""}, "time:timestamp", "column-missing"),
        ({"time_timestamp": "12/10/2011"}, "time:timestamp", "time-not-understood"),
        ({"time_timestamp": "1911-10-12 08:26:25+02:00"}, "time:timestamp", "time-out-of-range"),
        ({"time_timestamp": "0001-01-01 00:00:00+14:00"}, "time:timestamp", "time-out-of-range"),
        ({"case_deadline": "soon"}, "case:deadline", "time-not-understood"),
    ],
)
def test_a_value_that_is_not_understood_breaks_the_row_and_names_its_column(changed, column, code):
    broken = understand(**changed)
    assert isinstance(broken, BrokenRow)
    assert (broken.line, broken.column, broken.objection.code()) == (7, column, code)


def test_every_reason_to_break_a_row_speaks_both_languages_and_says_what_it_wants():
    for reason in RowObjection.__subclasses__():
        assert reason.__doc__
        assert reason.ZH
        assert reason.WANTED
        assert reason.WANTED_ZH


def test_a_time_without_offset_is_read_in_the_zone_of_the_mapping_or_not_at_all():
    said = understand(time_timestamp="2011-07-01 12:00:00")
    assert isinstance(said, Said)
    assert said.occurred_at == datetime(2011, 7, 1, 10, tzinfo=UTC)
    zoneless = RECEIPT_PHASE.model_copy(
        update={"times": RECEIPT_PHASE.times.model_copy(update={"zone": None})}
    )
    broken = understand(zoneless, time_timestamp="2011-07-01 12:00:00")
    assert isinstance(broken, BrokenRow)
    assert broken.objection.code() == "offset-missing"


def test_a_row_without_a_name_of_its_own_is_known_by_its_content():
    nameless = RECEIPT_PHASE.model_copy(
        update={"event": RECEIPT_PHASE.event.model_copy(update={"row": None})}
    )
    one, same, other = understand(nameless), understand(nameless), understand(nameless, org_group="Group 1")
    assert isinstance(one, Said)
    assert isinstance(same, Said)
    assert isinstance(other, Said)
    assert one.identity == same.identity != other.identity


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("colour: red", "colour: Extra inputs are not permitted"),
        ("times: {zone: Mars/Olympus}", "is not the name of a time zone"),
        ("steps: {pattern: '('}", "is not a regular expression"),
        ("steps: {pattern: '.*'}", "must name the groups"),
        ("source: [", "while parsing"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_what_is_wrong(tmp_path: Path, line: str, complaint: str):
    path = tmp_path / "mapping.yaml"
    path.write_text(
        "source: s\ntitle: t\nevent: {case: c, activity: a, occurred_at: o}\n"
        "receipt: {activity: r, item_code: i}\n"
        f"steps: {{pattern: '(?P<code>.)(?P<title>.)'}}\n{line}\n"
    )
    with pytest.raises(MappingUnusable, match=complaint):
        load_mapping(path)
