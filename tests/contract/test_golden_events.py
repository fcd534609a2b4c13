"""Stored events are for ever: one golden example of every topic stays readable, byte for byte.

New topics: `python -m tests.golden` writes what is missing and never touches what is there.
"""

from hashlib import sha256

import orjson
import pytest

from domain.grammar import Actor, Circumstances, canonical
from domain.log import Entry
from domain.personal_data import impersonal
from domain.store.mapper import StoredEvent
from tests.golden import GOLDEN, MAPPER, SUMS
from tests.spec import at

PATHS = sorted(GOLDEN.glob("*.json"))
NOON = at("03-03 12:00")


def test_every_topic_has_an_example():
    assert {path.stem for path in PATHS} >= set(MAPPER.topics), "run python -m tests.golden"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_example_is_still_read_and_written_to_the_same_bytes(path):
    state = path.read_bytes()
    recorded = MAPPER.recorded(StoredEvent(1, "case:1", 1, path.stem, NOON, NOON, state))
    assert MAPPER.state(Entry("case:1", 1, recorded.fact, recorded.envelope)) == state
    assert canonical(orjson.loads(state)) == state


def test_examples_are_only_ever_added():
    kept = dict(reversed(line.split("  ")) for line in SUMS.read_text().splitlines())
    assert kept == {path.name: sha256(path.read_bytes()).hexdigest() for path in PATHS}


def test_no_example_holds_personal_data():
    """Names, numbers and phones lie outside the log: a fact knows a person as p-…"""
    for path in PATHS:
        said = _keys(orjson.loads(path.read_bytes()))
        assert not said & {"name", "id_number", "phone", "address", "identity_number"}
        for text in _texts(orjson.loads(path.read_bytes())):
            assert impersonal(text) == text, path.name


@pytest.mark.parametrize("fact", MAPPER.topics.values(), ids=lambda fact: fact.TOPIC)
def test_no_fact_has_room_for_a_float(fact):
    """Money is in 分, places in millionths of a degree; a correction holds what the field it corrects can hold."""
    shapes = [fact.model_json_schema(), Circumstances.model_json_schema(), Actor.model_json_schema()]
    assert "number" not in {value for shape in shapes for value in _texts(shape)}


def _texts(document):
    match document:
        case str():
            yield document
        case dict():
            for value in document.values():
                yield from _texts(value)
        case list():
            for value in document:
                yield from _texts(value)
        case _:
            return


def _keys(document):
    match document:
        case dict():
            return {*document, *(key for value in document.values() for key in _keys(value))}
        case list():
            return {key for value in document for key in _keys(value)}
        case _:
            return set()
