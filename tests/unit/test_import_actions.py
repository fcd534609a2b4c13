"""What a row said, as actions: the door can read them, and what the source left unsaid stays unsaid."""

from datetime import UTC, datetime

import orjson
import pytest
from pydantic import TypeAdapter, ValidationError

from api.bodies import BatchedAction
from domain.case.ending.commands import Conclude
from domain.case.intake.commands import ReceiveCase
from domain.case.steps.commands import CompleteStep
from domain.grammar import Actor, Channel, Circumstances, Performer
from ops.importing.actions import Actions, Keys
from ops.importing.mapping import Named, load_mapping, shipped_mappings
from ops.importing.sayings import CaseSaid, Said

CASE_NO = "6109991040002025112400001M"
MAPPING = load_mapping(shipped_mappings()["receipt_phase"])
ACTIONS = Actions(MAPPING)
AT = datetime(2011, 10, 12, 6, 26, 25, 398000, UTC)
ABOUT = CaseSaid(Channel.web, "Internet", "General", None, "Resource21", AT, AT, None, AT)
STEP = Said(
    7,
    "case-1",
    "task-1",
    "task-1",
    AT,
    ("T02", "Check"),
    Named(code="group-4", title="Group 4"),
    "Resource10",
    ABOUT,
)
RECEIPT = Said(6, "case-1", "task-0", "task-0", AT, None, None, None, ABOUT)


def understood(ask) -> BatchedAction:
    return TypeAdapter(BatchedAction).validate_json(orjson.dumps(ask.body()))


def test_a_receipt_keeps_the_source_s_words_and_numbers():
    read = understood(ACTIONS.receipt(RECEIPT, "k", None))
    assert isinstance(read.action, ReceiveCase)
    assert (read.case_no, read.action.external_ref) == (None, "case-1")
    assert read.action.origin is not None
    assert (read.action.origin.source_channel, read.action.origin.group) == ("Internet", None)
    assert read.circumstances.channel is Channel.web
    assert read.circumstances.performed_by is None
    assert read.circumstances.imported_from == "coselog-receipt-phase"


def test_a_step_says_who_took_it_where():
    read = understood(ACTIONS.step(STEP, "k", CASE_NO))
    assert isinstance(read.action, CompleteStep)
    assert (read.action.step_code, read.action.step_title, read.action.source_ref) == (
        "T02",
        "Check",
        "task-1",
    )
    assert read.circumstances.performed_by == Performer(staff_id="Resource10", unit_code="group-4")
    assert read.circumstances.occurred_at == AT


def test_a_conclusion_names_nobody_since_the_source_does_not():
    read = understood(ACTIONS.conclusion(STEP, "k", CASE_NO))
    assert isinstance(read.action, Conclude)
    assert read.circumstances.performed_by is None


def test_the_same_row_again_has_a_key_of_its_own_and_the_same_keys_in_the_next_run():
    one, other = Keys("s"), Keys("s")
    said = [STEP, STEP, RECEIPT, STEP]
    keys = [one.of(each) for each in said]
    assert len(set(keys)) == 4
    assert keys == [other.of(each) for each in said]
    assert Keys("elsewhere").of(STEP) not in keys


def test_only_a_legacy_record_tells_of_others():
    with pytest.raises(ValidationError, match="imported_from must name its source"):
        Circumstances(performed_by=Performer(staff_id="Resource10"))


def test_a_programme_stands_in_for_whoever_acted():
    actor = Actor(staff_id="importer", role="importer")
    there = actor.standing_in_for(Performer(staff_id="Resource10", unit_code="group-4"))
    assert (there.staff_id, there.unit_code, there.on_behalf_of) == ("importer", "group-4", "Resource10")
