"""What a dossier says in an object-centric log: events, the objects they relate to, and what changed about them.

Nothing about a person but the reference under which the county keeps them, and nothing that somebody wrote freely.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, zip_longest
from typing import Any, Final

from domain.grammar import local_day
from projections.custody import Spell
from projections.exports.activity import START, STEPS, Activity, Language, activity, label
from projections.exports.dossiers import Dossier, Told
from projections.exports.fields import FACT_BY_TOPIC, FIELDS_BY_TOPIC, Kind
from projections.exports.ocel.registers import Registers
from projections.exports.ocel.types import EVENT_ATTRIBUTES, ObjectType, Qualifier

ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The time at which OCEL puts what never changed."""

Relation = tuple[Qualifier, str]
"""How, to which object."""


@dataclass(frozen=True, slots=True)
class Object:
    """An object with what is known of it. `changes`: (when, attribute, value), in order of time."""

    id: str
    type: ObjectType
    values: dict[str, Any] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    changes: tuple[tuple[datetime, str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class EventType:
    """Steps are types of their own; `table` is what others share with them, a name in ASCII."""

    name: str
    table: str
    attributes: dict[str, Kind]


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    type: EventType
    at: datetime
    values: dict[str, Any]
    relations: tuple[Relation, ...]


Related = Sequence[tuple[Relation, ...]]
"""To what each event of a dossier relates, in their order."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the dossiers of one log, in one language. What the registers say of an object it tells once."""

    registers: Registers
    language: Language
    _told: set[str] = field(default_factory=set)

    def tell(self, dossier: Dossier) -> tuple[list[Object], list[Event]]:
        """The events, and every object to which they relate; objects may come again with other dossiers."""
        related = [tuple(dict.fromkeys(_related(dossier, told))) for told in dossier.events]
        return list(self._objects(dossier, related)), list(self._events(dossier, related))

    # ── events ──────────────────────────────────────────────────────────────────────────────────────────

    def _events(self, dossier: Dossier, related: Related) -> Iterator[Event]:
        ended_by = {spell.to_position: spell for spell in dossier.spells if spell.to_position is not None}
        for told, relations in zip(dossier.events, related, strict=True):
            what = activity(told.topic, told.fact, self.language)
            yield Event(
                id=f"event:{told.position}",
                type=self._event_type(told, what),
                at=told.occurred_at,
                values=_event_values(told, what, ended_by.get(told.position)),
                relations=relations,
            )

    def _event_type(self, told: Told, what: Activity) -> EventType:
        fact = FACT_BY_TOPIC.get(told.topic)
        name = what.name if told.topic in STEPS else label(told.topic, self.language)
        if told.topic in STEPS and what.transition == START:
            name += {Language.zh: "·开始", Language.en: " started"}[self.language]
        return EventType(
            name,
            fact.__name__ if fact else "Other",
            EVENT_ATTRIBUTES | FIELDS_BY_TOPIC.get(told.topic, {}),
        )

    # ── objects ─────────────────────────────────────────────────────────────────────────────────────────

    def _objects(self, dossier: Dossier, related: Related) -> Iterator[Object]:
        yield _the_case(dossier, related)
        for told in dossier.events:
            yield from _of_the_fact(dossier, told)
        for qualifier, id_ in dict.fromkeys(chain.from_iterable(related)):
            yield from self._named(qualifier, id_)

    def _named(self, qualifier: Qualifier, id_: str) -> Iterator[Object]:
        type_name, _, code = id_.partition(":")
        match ObjectType[type_name]:
            case ObjectType.unit | ObjectType.window | ObjectType.post | ObjectType.point as place:
                yield from self._place(place, code)
            case ObjectType.staff if self._is_new(id_):
                yield Object(id_, ObjectType.staff, {"number": code})
            case ObjectType.item if self._is_new(id_):
                item_code, _, item_version = code.rpartition("@")
                yield from self._item(item_code, item_version)
            case ObjectType.party if qualifier is Qualifier.recipient:
                yield Object(id_, ObjectType.party)
            case ObjectType.certificate:
                yield Object(id_, ObjectType.certificate, {"certificate_no": code})
            case ObjectType.case if qualifier is Qualifier.other_case:
                yield Object(id_, ObjectType.case, {"case_no": code})

    def _is_new(self, id_: str) -> bool:
        """Once only, for each object of the registers."""
        is_new = id_ not in self._told
        self._told.add(id_)
        return is_new

    def _place(self, kind: ObjectType, code: str) -> Iterator[Object]:
        """With the units above it. A unit that was told ends the way up, were it its own superior."""
        if not self._is_new(kind.id(code)):
            return
        place = self.registers.place_by_code.get((kind.name, code))
        title, above = (place.title, place.unit_code) if place else (None, None)
        relations = ((Qualifier.parent, ObjectType.unit.id(above)),) if above else ()
        if above:
            yield from self._place(ObjectType.unit, above)
        yield Object(kind.id(code), kind, {"code": code, "title": title}, relations)

    def _item(self, item_code: str, item_version: str) -> Iterator[Object]:
        item = self.registers.item_by_version.get((item_code, item_version))
        values: dict[str, Any] = {"item_code": item_code, "item_version": item_version}
        relations: tuple[Relation, ...] = ()
        if item is not None:
            yield from self._place(ObjectType.unit, item.unit_code)
            relations = ((Qualifier.organ, ObjectType.unit.id(item.unit_code)),)
            values |= {
                "title": item.title,
                "kind": item.kind,
                "legal_days": item.legal_days,
                "promise_days": item.promise_days,
            }
        yield Object(_item_id(item_code, item_version), ObjectType.item, values, relations)


def _item_id(item_code: str, item_version: str) -> str:
    return ObjectType.item.id(f"{item_code}@{item_version}")


# ── what an event says, and to what it relates ──────────────────────────────────────────────────────────────


def _event_values(told: Told, what: Activity, ended: Spell | None) -> dict[str, Any]:
    said = {name: told.fact.get(name) for name in FIELDS_BY_TOPIC.get(told.topic, {})}
    return said | {
        "position": told.position,
        "version": told.version,
        "recorded_at": told.recorded_at,
        "lag_days": told.lag_days,
        "instance": what.instance,
        "role": told.actor["role"],
        "duty": told.actor.get("duty"),
        "event_channel": told.envelope.get("circumstances", {}).get("channel"),
        "is_backfilled": "backfill" in told.envelope.get("circumstances", {}),
        "irregularities": " ".join(told.envelope.get("irregularities", ())) or None,
        "held_by": ended.holder_unit if ended else None,
        "held_gross_days": ended.gross_days if ended else None,
        "held_net_days": ended.net_days if ended else None,
    }


def _related(dossier: Dossier, told: Told) -> Iterator[Relation]:
    yield Qualifier.about, ObjectType.case.id(dossier.case_no)
    actor = told.actor
    for qualifier, type_, code in (
        (Qualifier.person, ObjectType.staff, told.person),
        (Qualifier.unit, ObjectType.unit, actor.get("unit_code")),
        (Qualifier.window, ObjectType.window, actor.get("window_id")),
        (Qualifier.post, ObjectType.post, actor.get("post_id")),
        *_codes_of(dossier, told),
    ):
        if code is not None:
            yield qualifier, type_.id(code)


def _codes_of(dossier: Dossier, told: Told) -> Iterator[tuple[Qualifier, ObjectType, str | None]]:
    fact = told.fact
    yield Qualifier.addressee, ObjectType.unit, fact.get("to_unit")
    yield Qualifier.to_window, ObjectType.window, fact.get("to_window")
    yield Qualifier.applicant, ObjectType.party, fact.get("applicant_ref")
    yield Qualifier.recipient, ObjectType.party, fact.get("recipient_ref")
    yield Qualifier.from_person, ObjectType.staff, fact.get("from_staff")
    yield Qualifier.to_person, ObjectType.staff, fact.get("to_staff")
    if told.topic.startswith(("case.agent_", "case.returned_to_applicant.")):
        yield Qualifier.point, ObjectType.point, dossier.card.point_code
    if told.topic == "case.received.v1":
        yield Qualifier.item, ObjectType.item, f"{fact['item_code']}@{fact['item_version']}"
    if told.topic == "case.opinion_requested.v1":
        yield Qualifier.asked, ObjectType.unit, fact["unit_code"]
    if told.topic == "case.joint_review_opened.v1":
        for asked in fact["units"]:
            yield Qualifier.asked, ObjectType.unit, asked["unit_code"]
    for number in _certificates(dossier, told):
        yield Qualifier.certificate, ObjectType.certificate, number
    if told.topic == "case.duplicate_linked.v1":
        yield Qualifier.other_case, ObjectType.case, fact["other_case"]
    yield from _own(dossier, told)


def _certificates(dossier: Dossier, told: Told) -> Sequence[str]:
    """The numbers that the event names; a delivery that names none is of all that were issued by then."""
    if "certificate_no" in told.fact:
        return [told.fact["certificate_no"]]
    named: Sequence[str] = told.fact.get("certificate_nos", ())
    if named or told.topic != "case.certificate_delivered.v1":
        return named
    earlier = (each for each in dossier.events if each.position < told.position)
    return [each.fact["certificate_no"] for each in earlier if each.topic == "case.certificate_issued.v1"]


def _own(dossier: Dossier, told: Told) -> Iterator[tuple[Qualifier, ObjectType, str | None]]:
    """What has a number in its case alone."""
    fact, case_no = told.fact, dossier.case_no
    if told.topic == "case.correction_notice_issued.v1":
        yield Qualifier.notice, ObjectType.notice, f"{case_no}/{fact['notice_no']}"
    if "procedure_no" in fact:
        yield Qualifier.procedure, ObjectType.procedure, f"{case_no}/{fact['procedure_no']}"
    if told.topic in {"case.fee_charged.v1", "case.fee_refunded.v1"}:
        yield Qualifier.fee, ObjectType.fee, f"{case_no}/{fact['receipt_no']}"


# ── the case, and what its facts bring into the world ───────────────────────────────────────────────────────

CARD_VALUES: Final = (
    "case_no", "external_ref", "item_code", "item_version", "kind", "routing", "mode", "channel", "status", "decision",
    "entrust_no", "received_on", "accepted_on", "decided_on", "delivered_on", "ended_on", "hops", "returns", "notices",
    "irregular_events", "backfilled_events", "fees_fen", "paid_fen",
)  # fmt: skip
CLOCK_VALUES: Final = (
    "basis", "due", "is_provisional", "is_paused", "promise_days", "legal_days", "extension_days", "gross_days",
    "used_days", "remaining_days", "overdue_days", "pauses", "void_pauses",
)  # fmt: skip


def _the_case(dossier: Dossier, related: Related) -> Object:
    card, clock = dossier.card, dossier.clock
    values = {name: getattr(card, name) for name in CARD_VALUES}
    if clock is not None:
        values |= {name: getattr(clock, name) for name in CLOCK_VALUES}
        if clock.gross_days is not None and clock.used_days is not None:
            values["excluded_days"] = clock.gross_days - clock.used_days
    changes = sorted([*_custody_changes(dossier), *_deadline_changes(dossier)], key=lambda change: change[0])
    return Object(
        ObjectType.case.id(card.case_no),
        ObjectType.case,
        values,
        tuple(dict.fromkeys(_case_relations(dossier, related))),
        tuple(changes),
    )


def _case_relations(dossier: Dossier, related: Related) -> Iterator[Relation]:
    card = dossier.card
    if card.item_code is not None:
        yield Qualifier.item, _item_id(card.item_code, card.item_version or "")
    for told, relations in zip(dossier.events, related, strict=True):
        for qualifier, id_ in relations:
            if qualifier in {Qualifier.applicant, Qualifier.point, Qualifier.other_case}:
                yield qualifier, id_
            if told.topic == "case.received.v1" and qualifier in RECEIVING:
                yield RECEIVING[qualifier], id_


RECEIVING: Final = {
    Qualifier.unit: Qualifier.receiving_unit,
    Qualifier.window: Qualifier.receiving_window,
}


HOLDING: Final = ("holder_unit", "holder_window", "holder_person", "is_in_transit")
NOBODY: Final = {"holder_unit": "", "holder_window": "", "holder_person": "", "is_in_transit": False}


def _custody_changes(dossier: Dossier) -> Iterator[tuple[datetime, str, Any]]:
    """持件: who holds it from when on, and nobody after the last; what OCEL has no null for is empty."""
    stood: dict[str, Any] = NOBODY
    for spell, following in zip_longest(dossier.spells, dossier.spells[1:]):
        stands = {name: getattr(spell, name) or NOBODY[name] for name in HOLDING}
        yield from _changed(spell.from_at, stood, stands)
        stood = stands
        if spell.to_at is not None and (following is None or following.from_at > spell.to_at):
            yield from _changed(spell.to_at, stood, NOBODY)
            stood = NOBODY


def _changed(
    when: datetime, stood: dict[str, Any], stands: dict[str, Any]
) -> Iterator[tuple[datetime, str, Any]]:
    for name, value in stands.items():
        if value != stood[name]:
            yield when, name, value


def _deadline_changes(dossier: Dossier) -> Iterator[tuple[datetime, str, Any]]:
    """The days due as the record told them, each time it did."""
    for told in dossier.events:
        for name in ("promise_due", "legal_due"):
            if told.fact.get(name) is not None:
                yield told.occurred_at, name, told.fact[name]


def _of_the_fact(dossier: Dossier, told: Told) -> Iterator[Object]:
    fact = told.fact
    about = ((Qualifier.of_case, ObjectType.case.id(dossier.case_no)),)
    for qualifier, type_, code in _codes_of(dossier, told):
        if code is None:
            continue
        id_ = type_.id(code)
        match qualifier:
            case Qualifier.applicant:
                yield Object(id_, type_, {"type": fact.get("applicant_type")})
            case Qualifier.notice:
                said = {name: fact[name] for name in ("notice_no", "ordinal", "method")}
                yield Object(id_, type_, said | {"missing": len(fact["missing"])}, about)
            case Qualifier.procedure:
                yield _procedure(id_, told, about)
            case Qualifier.certificate if told.topic == "case.certificate_issued.v1":
                yield Object(id_, type_, {name: fact.get(name) for name in type_.attributes}, about)
            case Qualifier.fee:
                said = {"receipt_no": fact["receipt_no"]}
                if told.topic == "case.fee_charged.v1":
                    said |= {"amount_fen": fact["amount_fen"], "standard_id": fact.get("standard_id")}
                yield Object(id_, type_, said, about)


def _procedure(id_: str, told: Told, about: tuple[Relation, ...]) -> Object:
    """Begun by its start; what ends or invalidates it changes it."""
    fact = told.fact
    changes: tuple[tuple[datetime, str, Any], ...] = ()
    match told.topic:
        case "case.special_procedure_started.v1":
            names = ("kind", "planned_days", "planned_end", "approver", "is_valid")
            return Object(id_, ObjectType.procedure, {name: fact.get(name) for name in names}, about)
        case "case.special_procedure_invalidated.v1":
            changes = ((told.occurred_at, "is_valid", False),)
        case _:
            changes = ((told.occurred_at, "ended_on", local_day(told.occurred_at)),)
    return Object(id_, ObjectType.procedure, {}, about, changes)
