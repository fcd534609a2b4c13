"""Between entries and stored bytes: topic → fact class, canonical state, upcasts of retired topics.

The state of an event is the canonical JSON of {"envelope": …, "fact": …} without what is None. It is written once
and hashed as stored; stream, version, topic and both times are columns beside it. A fact's class stands in its
topic, never in its document, so no document can be mistaken for another type's.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, create_model

from domain import amendment
from domain.grammar import ORDINARY, Actor, Aggregate, Circumstances, Envelope, Fact, Value, canonical
from domain.log import Entry, Recorded
from domain.personal_data import taken_as_it_stands

Document = dict[str, Any]


class EventNotUnderstood(Exception):  # noqa: N818  — the domain's word
    """This version of the programme cannot read an event of the log; the message names position and topic."""


class TopicUnknown(EventNotUnderstood):
    """An event stands in the log whose topic this version of the programme does not know."""


class StateUnreadable(EventNotUnderstood):
    """The stored bytes of an event are not a state of its topic."""


class TopicTaken(Exception):  # noqa: N818
    """Two fact classes, or a fact class and an upcast, claim one topic."""


class StoredEvent(NamedTuple):
    """A row of the log, its state still bytes."""

    position: int
    stream: str
    version: int
    topic: str
    occurred_at: datetime
    recorded_at: datetime
    state: bytes


@dataclass(frozen=True, slots=True)
class Upcast:
    """Reads a fact that was stored under a retired topic as the fact of today's."""

    retired: str
    today: str
    """May be retired itself, by a further upcast."""
    rewrite: Callable[[Document], Document]
    """The stored fact document → a document of `today`; the stored bytes stay as they are."""


class _StoredEnvelope(Value):
    actor: Actor
    circumstances: Circumstances
    correlation: str
    item_version: str | None = None
    policy_version: str | None = None
    calendar_version: str | None = None
    irregularities: tuple[str, ...] = ()


def stored_state(fact: Fact, envelope: Envelope) -> bytes:
    """The canonical bytes of an event: the same event gives the same bytes for ever."""
    return canonical(
        {"envelope": _envelope_document(envelope), "fact": fact.model_dump(mode="json", exclude_none=True)}
    )


def _envelope_document(envelope: Envelope) -> Document:
    document: Document = {
        "actor": _actor_document(envelope.actor),
        "circumstances": _circumstances_document(envelope.circumstances),
        "correlation": envelope.correlation,
        "irregularities": envelope.irregularities,
    }
    if envelope.item_version is not None:
        document["item_version"] = envelope.item_version
    if envelope.policy_version is not None:
        document["policy_version"] = envelope.policy_version
    if envelope.calendar_version is not None:
        document["calendar_version"] = envelope.calendar_version
    return document


def _circumstances_document(circumstances: Circumstances) -> Document:
    if circumstances is ORDINARY:  # mostly
        return _ORDINARY_DOCUMENT
    return circumstances.model_dump(mode="json", exclude_none=True)


_ORDINARY_DOCUMENT: Final[Document] = ORDINARY.model_dump(mode="json", exclude_none=True)


@lru_cache(maxsize=1024)
def _actor_document(actor: Actor) -> Document:
    return actor.model_dump(mode="json", exclude_none=True)


class Mapper:
    """Entry ↔ stored row for the facts of some aggregates and the amendments.

    Raises TopicTaken where two facts share a topic.
    """

    def __init__(self, aggregates: Iterable[Aggregate[Any]], upcasts: Iterable[Upcast] = ()) -> None:
        self._class_by_topic = _class_by_topic(aggregates)
        self._upcast_by_topic = {upcast.retired: upcast for upcast in upcasts}
        both = self._class_by_topic.keys() & self._upcast_by_topic.keys()
        if both:
            raise TopicTaken(f"{', '.join(sorted(both))}: retired and in use")
        self._reader_by_topic = {topic: _reader(cls) for topic, cls in self._class_by_topic.items()}

    @property
    def topics(self) -> Mapping[str, type[Fact]]:
        """The topics in use and their classes."""
        return self._class_by_topic

    def state(self, entry: Entry) -> bytes:
        """The bytes to store. Raises TopicUnknown for a fact that could not be read back."""
        if self._class_by_topic.get(entry.fact.TOPIC) is not type(entry.fact):
            raise TopicUnknown(f"{entry.fact.TOPIC}: no aggregate given to the mapper declares this fact")
        return stored_state(entry.fact, entry.envelope)

    def recorded(self, row: StoredEvent) -> Recorded:
        """Raises TopicUnknown, StateUnreadable."""
        fact, envelope = self._read(row)
        return Recorded(
            position=row.position,
            stream=row.stream,
            version=row.version,
            topic=row.topic,
            recorded_at=row.recorded_at,
            fact=fact,
            envelope=envelope,
            state=row.state,
        )

    def _read(self, row: StoredEvent) -> tuple[Fact, Envelope]:
        reader = self._reader_by_topic.get(self._topic_of_today(row.topic))
        if reader is None:
            raise TopicUnknown(f"position {row.position}: {row.topic}")
        try:
            stored = _stored(reader, self._state_of_today(row.topic, row.state))
        except (ValueError, KeyError, TypeError) as error:
            raise StateUnreadable(f"position {row.position}: {row.topic}") from error
        return stored.fact, _envelope(row.occurred_at, stored.envelope)

    def _topic_of_today(self, topic: str) -> str:
        while upcast := self._upcast_by_topic.get(topic):
            topic = upcast.today
        return topic

    def _state_of_today(self, topic: str, state: bytes) -> bytes:
        if topic not in self._upcast_by_topic:
            return state
        document: Document = orjson.loads(state)
        while upcast := self._upcast_by_topic.get(topic):
            document["fact"] = upcast.rewrite(document["fact"])
            topic = upcast.today
        return canonical(document)


def _class_by_topic(aggregates: Iterable[Aggregate[Any]]) -> dict[str, type[Fact]]:
    class_by_topic: dict[str, type[Fact]] = {}
    for facts in (amendment.FACTS, *(aggregate.facts for aggregate in aggregates)):
        for fact in facts:
            if class_by_topic.setdefault(fact.TOPIC, fact) is not fact:
                raise TopicTaken(f"{fact.TOPIC}: {class_by_topic[fact.TOPIC].__name__} and {fact.__name__}")
    return class_by_topic


def _stored(reader: type[BaseModel], state: bytes) -> Any:
    """Raises ValueError."""
    try:
        return reader.model_validate_json(state)
    except ValueError:
        with taken_as_it_stands():
            return reader.model_validate_json(state)


@cache  # a model takes a millisecond to make, and there are as many as kinds of events
def _reader(fact: type[Fact]) -> type[BaseModel]:
    config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    return create_model(
        f"Stored{fact.__name__}", __config__=config, envelope=(_StoredEnvelope, ...), fact=(fact, ...)
    )


def _envelope(occurred_at: datetime, stored: _StoredEnvelope) -> Envelope:
    return Envelope(
        occurred_at=occurred_at,
        actor=stored.actor,
        circumstances=stored.circumstances,
        correlation=stored.correlation,
        item_version=stored.item_version,
        policy_version=stored.policy_version,
        calendar_version=stored.calendar_version,
        irregularities=stored.irregularities,
    )
