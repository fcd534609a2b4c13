"""XES (IEEE 1849-2016): one trace a case, one event for each that stands, in the order in which it happened.

Attributes of the standard extensions concept, time, lifecycle, org and cost; beside them ours: `jiandu:…` for the
figures of the views and the envelope, `fact:…` for what the event says. Days are told as the moment at which they
begin in China. Written as a stream: some hundred cases are in memory at a time.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from domain.grammar import CHINA
from projections.custody import Spell
from projections.exports.activity import Language, activity, label
from projections.exports.dossiers import Dossier, Told
from projections.exports.fields import FIELDS_BY_TOPIC, Kind

NAMESPACE: Final = "http://www.xes-standard.org/"
MEDIA_TYPE: Final = "application/xml"

EXTENSIONS: Final = (
    ("Concept", "concept", f"{NAMESPACE}concept.xesext"),
    ("Time", "time", f"{NAMESPACE}time.xesext"),
    ("Lifecycle", "lifecycle", f"{NAMESPACE}lifecycle.xesext"),
    ("Organizational", "org", f"{NAMESPACE}org.xesext"),
    ("Cost", "cost", f"{NAMESPACE}cost.xesext"),
    ("Jiandu", "jiandu", "urn:jiandu:xes:jiandu"),
    ("Fact", "fact", "urn:jiandu:xes:fact"),
)
CLASSIFIERS: Final = (
    ("Activity", "concept:name"),
    ("Activity and lifecycle", "concept:name lifecycle:transition"),
    ("Topic", "jiandu:topic"),
    ("Unit", "org:group"),
)
UNKNOWN: Final = "UNKNOWN"
NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold at all, not even as a reference."""

FEES: Final = {"case.fee_charged.v1": 1, "case.fee_refunded.v1": -1, "case.payment_disbursed.v1": 1}

CARD_ATTRIBUTES: Final = (
    "item_code", "item_version", "kind", "routing", "mode", "applicant_type", "external_ref", "channel", "unit_code",
    "window_id", "entrust_no", "point_code", "status", "decision", "decision_no", "received_on", "accepted_on",
    "decided_on", "delivered_on", "ended_on", "notices", "hops", "returns", "steps", "certificates", "reopenings",
    "irregular_events", "backfilled_events",
)  # fmt: skip
CLOCK_ATTRIBUTES: Final = (
    "basis", "promise_days", "legal_days", "extension_days", "promise_due", "legal_due", "due", "is_provisional",
    "is_paused", "done_on", "gross_days", "used_days", "remaining_days", "overdue_days", "pauses", "void_pauses",
    "first_review_due", "first_review_days", "first_review_overdue_days", "superior_due", "superior_overdue_days",
)  # fmt: skip

Attribute = tuple[str, str, Any]
"""Tag, key, value; a value of None is left out."""


async def xes(
    dossiers: AsyncGenerator[list[Dossier], None], about: Mapping[str, Any], language: Language
) -> AsyncGenerator[bytes, None]:
    """The document in pieces. `about`: what the log as a whole says of itself, as `jiandu:…`."""
    yield "".join(_head(about)).encode()
    async with aclosing(dossiers):
        async for some in dossiers:
            yield await asyncio.to_thread(_traces, some, language)
    yield b"</log>\n"


def _traces(dossiers: Sequence[Dossier], language: Language) -> bytes:
    return "".join(line for dossier in dossiers for line in _trace(dossier, language)).encode()


def _head(about: Mapping[str, Any]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<log xes.version="1849.2016" xes.features="nested-attributes" xmlns="{NAMESPACE}">\n'
    for name, prefix, uri in EXTENSIONS:
        yield f'  <extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n'
    yield '  <global scope="trace">\n'
    yield from _lines(4, [("string", "concept:name", UNKNOWN)])
    yield '  </global>\n  <global scope="event">\n'
    began = datetime(1970, 1, 1, tzinfo=CHINA)
    yield from _lines(
        4,
        [
            ("string", "concept:name", UNKNOWN),
            ("string", "lifecycle:transition", "complete"),
            ("date", "time:timestamp", began),
            ("string", "jiandu:topic", UNKNOWN),
        ],
    )
    yield "  </global>\n"
    for name, keys in CLASSIFIERS:
        yield f'  <classifier name="{name}" scope="event" keys="{keys}"/>\n'
    yield from _lines(
        2, [("string", "concept:name", "简牍 Jiandu"), ("string", "lifecycle:model", "standard")]
    )
    yield from _lines(2, _named("jiandu", about))


def _trace(dossier: Dossier, language: Language) -> Iterator[str]:
    yield "  <trace>\n"
    yield from _lines(4, _trace_attributes(dossier))
    yield from _custody(dossier.spells)
    ended_by = {spell.to_position: spell for spell in dossier.spells if spell.to_position is not None}
    begun_by = {spell.from_position: spell for spell in dossier.spells}
    for told in dossier.events:
        yield "    <event>\n"
        yield from _lines(6, _event_attributes(told, language))
        yield from _lines(6, _spell_attributes(ended_by.get(told.position), begun_by.get(told.position)))
        yield "    </event>\n"
    yield "  </trace>\n"


def _trace_attributes(dossier: Dossier) -> Iterator[Attribute]:
    card, clock = dossier.card, dossier.clock
    yield "string", "concept:name", card.case_no
    yield from _named("jiandu", {name: getattr(card, name) for name in CARD_ATTRIBUTES})
    if clock is not None:
        yield from _named("jiandu", {name: getattr(clock, name) for name in CLOCK_ATTRIBUTES})
        if clock.gross_days is not None and clock.used_days is not None:
            yield "int", "jiandu:excluded_days", clock.gross_days - clock.used_days
    if card.fees_fen:
        yield "float", "cost:total", yuan(card.fees_fen)
        yield "string", "cost:currency", "CNY"


def _custody(spells: Iterable[Spell]) -> Iterator[str]:
    """持件: each holder's spell with its working days, in order."""
    yield '    <list key="jiandu:custody">\n      <values>\n'
    for spell in spells:
        yield f'        <string key="jiandu:holder" value={_quoted(spell.holder_unit or UNKNOWN)}>\n'
        yield from _lines(
            10,
            _named(
                "jiandu",
                {
                    "person": spell.holder_person,
                    "window": spell.holder_window,
                    "from": spell.from_at,
                    "to": spell.to_at,
                    "in_transit_to": spell.in_transit_to,
                    "is_in_transit": spell.is_in_transit,
                    "is_agent": spell.is_agent,
                    "gross_days": spell.gross_days,
                    "net_days": spell.net_days,
                },
            ),
        )
        yield "        </string>\n"
    yield "      </values>\n    </list>\n"


def _event_attributes(told: Told, language: Language) -> Iterator[Attribute]:
    what = activity(told.topic, told.fact, language)
    actor, how = told.actor, told.envelope.get("circumstances", {})
    yield "string", "concept:name", what.name
    yield "string", "concept:instance", what.instance
    yield "string", "lifecycle:transition", what.transition
    yield "date", "time:timestamp", told.occurred_at
    yield "string", "org:resource", told.person
    yield "string", "org:role", actor["role"]
    yield "string", "org:group", actor.get("unit_code")
    if told.topic in FEES:
        yield "float", "cost:total", yuan(FEES[told.topic] * told.fact["amount_fen"])
        yield "string", "cost:currency", "CNY"
    yield from _named(
        "jiandu",
        {
            "topic": told.topic,
            "label": label(told.topic, language),
            "position": told.position,
            "version": told.version,
            "recorded_at": told.recorded_at,
            "lag_days": told.lag_days,
            "window": actor.get("window_id"),
            "post": actor.get("post_id"),
            "duty": actor.get("duty"),
            "channel": how.get("channel"),
            "is_backfilled": "backfill" in how,
            "irregularities": " ".join(told.envelope.get("irregularities", ())) or None,
        },
    )
    yield from _fact_attributes(told)


def _fact_attributes(told: Told) -> Iterator[Attribute]:
    for name, kind in FIELDS_BY_TOPIC.get(told.topic, {}).items():
        value = told.fact.get(name)
        if value is not None:
            yield _TAGS[kind], f"fact:{name}", _day(value) if kind is Kind.day else value


def _spell_attributes(ended: Spell | None, begun: Spell | None) -> Iterator[Attribute]:
    """Whose spell the event ended, after how many working days; whose it began."""
    if ended is not None:
        yield "string", "jiandu:held_by", ended.holder_unit
        yield "int", "jiandu:held_gross_days", ended.gross_days
        yield "int", "jiandu:held_net_days", ended.net_days
    if begun is not None:
        yield "string", "jiandu:holder", begun.holder_unit


_TAGS: Final = {
    Kind.text: "string",
    Kind.whole: "int",
    Kind.claim: "boolean",
    Kind.moment: "date",
    Kind.day: "date",
}


def _named(prefix: str, values: Mapping[str, Any]) -> Iterator[Attribute]:
    for name, value in values.items():
        match value:
            case bool():
                yield "boolean", f"{prefix}:{name}", value
            case int():
                yield "int", f"{prefix}:{name}", value
            case date():
                yield "date", f"{prefix}:{name}", value
            case _:
                yield "string", f"{prefix}:{name}", value


def _lines(indent: int, attributes: Iterable[Attribute]) -> Iterator[str]:
    for tag, key, value in attributes:
        if value is not None:
            yield f"{_opening(indent, tag, key)}{_written(value)}/>\n"


@cache
def _opening(indent: int, tag: str, key: str) -> str:
    """There are few keys, and each is written a million times."""
    return f"{' ' * indent}<{tag} key={_quoted(key)} value="


def _written(value: Any) -> str:
    """In quotation marks."""
    match value:
        case str():
            return _quoted(value)
        case bool():
            return '"true"' if value else '"false"'
        case datetime():
            return f'"{value.astimezone(CHINA).isoformat(timespec="milliseconds")}"'
        case date():
            return f'"{_day(value.isoformat())}"'
        case _:
            return f'"{value}"'


@lru_cache(maxsize=4096)
def _day(day: str) -> str:
    """The moment at which it begins in China."""
    return datetime.combine(date.fromisoformat(day), time(), CHINA).isoformat(timespec="milliseconds")


def yuan(fen: int) -> str:
    """元 with two decimals, exactly."""
    sign, whole = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{whole // 100}.{whole % 100:02}"


@lru_cache(maxsize=65536)
def _quoted(text: str) -> str:
    return quoteattr(NO_XML.sub("\ufffd", text))
