"""A case's history as it was known at one time and as it happened by another, raw or with corrections applied."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import orjson
from pydantic import BaseModel, ConfigDict, Field

from api.answers import LogEvent, Shown
from api.events import event_bytes, head_of
from api.refusals.views import AsOfInFuture, NotYetBegun, NotYetKnown
from domain import amendment
from domain.grammar import Day, Envelope, Fact, Instant, local_day
from domain.log import Recorded
from domain.store.mapper import StoredEvent


class View(StrEnum):
    raw = "raw"  # 原始: every event as it was recorded, amendments beside it
    effective = "effective"  # 更正后: corrections applied, voided events left out


VIEWS: Final = "raw 原始，effective 更正后 / as it was recorded, or with corrections applied"


class AsOf(BaseModel):
    """两个时间：当时已知，与当时已发生。 Two clocks: what was known then, and what had happened by then."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    known_at: Instant | None = Field(None, description="只看此刻之前登记的 / only what was recorded by then")
    happened_by: Instant | None = Field(
        None, description="只看此刻之前发生的（更正后） / only what had happened by then, corrections applied"
    )

    def expect_past(self, now: datetime) -> None:
        """Raises AsOfInFuture."""
        if any(moment and moment > now for moment in (self.known_at, self.happened_by)):
            raise AsOfInFuture


class OnDay(AsOf):
    """Beside them the day to which what is open is counted."""

    day: Day | None = Field(
        None,
        description=(
            "未办结事项计至此日（北京时间）；缺省为 happened_by、known_at 之日，再缺省为今天"
            " / open things are counted to this day (Asia/Shanghai); else that of happened_by, of known_at, or today"
        ),
    )

    def day_at(self, now: datetime) -> date:
        return self.day or local_day(self.happened_by or self.known_at or now)


class HistoryQuery(AsOf):
    view: View = Field(View.raw, description=VIEWS)


class EffectiveEvent(LogEvent):
    """An event as it should be read. 更正后的事件。"""

    is_corrected: bool = Field(description="是否经过更正 / whether a correction changed it")


class History(Shown):
    """The history of a case. 办件历史。"""

    case_no: str
    version: int = Field(ge=0, description="已知事件数 / how many events were known")
    view: View
    events: list[LogEvent | EffectiveEvent]


def known(history: Sequence[Recorded], as_of: AsOf) -> list[Recorded]:
    """What had been recorded by `known_at`; of what is there now, and was not yet then, it is said since when.

    Raises NotYetKnown, NotYetBegun.
    """
    told = [event for event in history if as_of.known_at is None or event.recorded_at <= as_of.known_at]
    if history and not told:
        raise NotYetKnown(known_since=history[0].recorded_at)
    if not standing(told, as_of) and (stands := amendment.standing(told)):
        raise NotYetBegun(began_at=min(envelope.occurred_at for _, envelope in stands.values()))
    return told


def standing(history: Sequence[Recorded], as_of: AsOf) -> Mapping[int, tuple[Fact, Envelope]]:
    """By version: what stands after amendments and had happened by `happened_by`."""
    by = as_of.happened_by
    return {
        version: (fact, envelope)
        for version, (fact, envelope) in amendment.standing(history).items()
        if by is None or envelope.occurred_at <= by
    }


def history_bytes(case_no: str, history: Sequence[Recorded], query: HistoryQuery) -> bytes:
    told = known(history, query)
    events = effective_events(told, query) if query.view is View.effective else _raw_events(told, query)
    return b'{"case_no":"%b","version":%d,"view":"%b","events":[%b]}' % (
        case_no.encode(),
        len(told),
        query.view.encode(),
        b",".join(events),
    )


def _raw_events(history: Sequence[Recorded], query: HistoryQuery) -> Iterator[bytes]:
    stands = standing(history, query)
    for event in history:
        if query.happened_by is None or event.version in stands:
            yield event_bytes(_stored(event))


def effective_events(history: Sequence[Recorded], as_of: AsOf) -> Iterator[bytes]:
    recorded = {event.version: event for event in history}
    for version, (fact, envelope) in standing(history, as_of).items():
        yield _effective_bytes(recorded[version], fact, envelope)


def _effective_bytes(event: Recorded, fact: Fact, envelope: Envelope) -> bytes:
    document = head_of(event, envelope.occurred_at) | {
        "is_corrected": (fact, envelope) != (event.fact, event.envelope),
        "envelope": orjson.loads(event.state)["envelope"],
        "fact": fact.model_dump(mode="json", exclude_none=True),
    }
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)


def _stored(event: Recorded) -> StoredEvent:
    return StoredEvent(
        event.position,
        event.stream,
        event.version,
        event.topic,
        event.envelope.occurred_at,
        event.recorded_at,
        event.state,
    )
