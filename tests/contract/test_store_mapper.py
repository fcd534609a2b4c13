"""What is stored of an event, and how it is read for ever."""

from typing import ClassVar

import orjson
import pytest
from pydantic import ValidationError

from domain.amendment import EventCorrected
from domain.grammar import Aggregate, Backfill, Circumstances, Device, Envelope, Fact
from domain.log import Entry
from domain.store.mapper import (
    Mapper,
    StateUnreadable,
    StoredEvent,
    TopicTaken,
    TopicUnknown,
    Upcast,
    stored_state,
)
from tests.notes import CLERK, MORNING, NOTE, Noted, Struck, envelope


def read(mapper, topic, state):
    return mapper.recorded(StoredEvent(1, "note:1", 1, topic, MORNING, MORNING, state))


def test_the_stored_bytes_of_an_event_are_these():
    assert stored_state(Noted(text="材料齐全", document={"b": [1, None], "a": {}}), envelope("c-1")) == (
        b'{"envelope":{"actor":{"duty":"A","post_id":"P-01","role":"clerk","staff_id":"S-01","unit_code":"U-01",'
        b'"window_id":"W-01"},"circumstances":{"attachments":[],"channel":"1","occurred_precision":"second",'
        b'"occurred_source":"system"},"correlation":"c-1","irregularities":[]},'
        b'"fact":{"document":{"a":{},"b":[1,null]},"text":"\xe6\x9d\x90\xe6\x96\x99\xe9\xbd\x90\xe5\x85\xa8"}}'
    )


def test_what_is_none_is_not_stored():
    assert b"null" not in stored_state(Noted(document=None), envelope())


def test_everything_an_envelope_says_is_read_back():
    said = Envelope(
        occurred_at=MORNING,
        actor=CLERK,
        circumstances=Circumstances(
            occurred_at=MORNING,
            place="清溪镇便民服务中心",
            device=Device(device_id="D-1", device_seq=7, clock_offset_ms=-20),
            backfill=Backfill(reason="停电\n补录"),
            imported_from="legacy",
        ),
        correlation="c-1",
        item_version="2026-1",
        policy_version="p-1",
        calendar_version="2026",
        irregularities=("P05", "P14"),
    )

    assert read(Mapper([NOTE]), "note.noted.v1", stored_state(Noted(), said)).envelope == said


@pytest.mark.parametrize(
    "document",
    [
        {"_type_": "uuid_hex", "_data_": "00"},
        {"_type_": 1, "_data_": {"_type_": 2, "_data_": 3}},
        {"envelope": {}, "fact": {}},
        {"topic": "note.struck.v1"},
    ],
)
def test_no_document_is_taken_for_something_else(document):
    fact = Noted(document=document)

    assert read(Mapper([NOTE]), "note.noted.v1", stored_state(fact, envelope())).fact == fact


def test_a_correction_of_a_field_that_was_empty_is_read_back():
    fact = EventCorrected(
        target_version=1, field="opinion", was=None, should_be={"a": None}, reason="补", approved_by="S-02"
    )

    assert read(Mapper([NOTE]), "event.corrected.v1", stored_state(fact, envelope())).fact == fact


class Noticed(Fact):
    TOPIC: ClassVar[str] = "note.noted.v1"
    LABEL: ClassVar[str] = "记"


def test_two_facts_of_one_topic_are_refused():
    other = Aggregate("other", None, NOTE.decide, NOTE.evolve, (Noticed,))

    with pytest.raises(TopicTaken, match="Noted and Noticed"):
        Mapper([NOTE, other])


def test_a_topic_that_is_both_in_use_and_retired_is_refused():
    with pytest.raises(TopicTaken, match=r"note\.noted\.v1"):
        Mapper([NOTE], [Upcast("note.noted.v1", "note.struck.v1", dict)])


def test_a_fact_that_could_not_be_read_back_is_not_stored():
    with pytest.raises(TopicUnknown):
        Mapper([NOTE]).state(Entry("note:1", 1, Noticed(), envelope()))


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"{}",
        b"\x00\xff",
        b'{"envelope":{},"fact":{}}',
        stored_state(Noted(), envelope()).replace(b'"text"', b'"tekst"'),
        stored_state(Noted(), envelope()).replace(b'"clerk"', b"1"),
    ],
)
def test_bytes_that_are_not_a_state_of_their_topic_are_named_unreadable(state):
    with pytest.raises(StateUnreadable, match=r"position 1: note\.noted\.v1"):
        read(Mapper([NOTE]), "note.noted.v1", state)


@pytest.mark.parametrize("text", ["138.0000.5678", "13800005678", "11010519491231002X", "   ", "\u3164"])
def test_a_text_that_would_not_be_taken_today_is_read_as_it_was_recorded(text):
    said = Envelope(MORNING, CLERK, Circumstances(place="清溪镇"), "c-1")
    state = stored_state(Noted(), said).replace("清溪镇".encode(), text.encode())
    assert read(Mapper([NOTE]), "note.noted.v1", state).envelope.circumstances.place == text
    with pytest.raises(ValidationError):
        Circumstances(place=text)


def test_topics_may_retire_one_after_the_other():
    mapper = Mapper(
        [NOTE],
        [
            Upcast("note.scratched.v1", "note.written.v1", lambda fact: {"words": fact["signs"]}),
            Upcast("note.written.v1", "note.noted.v1", lambda fact: {"text": fact["words"]}),
        ],
    )
    document = orjson.loads(stored_state(Noted(), envelope()))
    oldest = orjson.dumps(document | {"fact": {"signs": "简牍"}})

    assert read(mapper, "note.scratched.v1", oldest).fact == Noted(text="简牍")


def test_an_upcast_that_does_not_fit_the_stored_fact_is_named_unreadable():
    mapper = Mapper(
        [NOTE], [Upcast("note.written.v1", "note.noted.v1", lambda fact: {"text": fact["words"]})]
    )

    with pytest.raises(StateUnreadable):
        read(mapper, "note.written.v1", stored_state(Struck(), envelope()))
