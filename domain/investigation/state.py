"""What the rules must remember of an investigation: who acts in it, how far it reaches, what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, NamedTuple, assert_never

from domain.grammar import Actor, Envelope, Fact, local_day
from domain.investigation.events import (
    ConclusionRecorded,
    InvestigationOpened,
    LegalHoldPlaced,
    LegalHoldReleased,
    LegalHoldReleaseProposed,
)
from domain.investigation.values import Result
from domain.perusal.events import LOOKS
from domain.window.values import Role

WATCHERS: Final = frozenset({Role.supervision, Role.discipline})
"""They open investigations, and may know of any."""
HoldFact = LegalHoldPlaced | LegalHoldReleaseProposed | LegalHoldReleased


class Taken(NamedTuple):
    """A look under the investigation: whose, on which day, at what."""

    staff_id: str
    operator: str | None
    day: date
    look: Fact

    @classmethod
    def by(cls, actor: Actor, moment: datetime, look: Fact) -> "Taken":
        return cls(actor.staff_id, actor.operator, local_day(moment), look)


@dataclass(frozen=True, slots=True)
class HoldState:
    placed: LegalHoldPlaced
    placed_at: datetime
    proposed_by: str | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Investigation:
    opened: InvestigationOpened | None = None
    opened_at: datetime | None = None
    looks: frozenset[Taken] = frozenset()
    holds: Mapping[str, HoldState] = field(default_factory=dict)
    result: Result | None = None
    concluded_at: datetime | None = None

    def is_open_to(self, staff_id: str, role: str, person_ref: str | None) -> bool:
        """Whether somebody may know of it: its officers, supervision and 纪委, but never whom it is about."""
        if self.opened is None or {staff_id, person_ref} & set(self.opened.scope.persons):
            return False
        return role in WATCHERS or staff_id in self.opened.officers


def evolve(investigation: Investigation, fact: Fact, envelope: Envelope) -> Investigation:
    """Never refuses; a fact it does not know leaves the investigation as it is."""
    moment = envelope.occurred_at
    match fact:
        case InvestigationOpened():
            return replace(investigation, opened=fact, opened_at=moment)
        case ConclusionRecorded(result=result):
            return replace(investigation, result=result, concluded_at=moment)
        case LegalHoldPlaced() | LegalHoldReleaseProposed() | LegalHoldReleased():
            hold = _hold(investigation.holds, fact, envelope)
            return replace(investigation, holds={**investigation.holds, fact.hold_no: hold})
        case _ if isinstance(fact, LOOKS):
            taken = Taken.by(envelope.actor, moment, fact)
            return replace(investigation, looks=investigation.looks | {taken})
        case _:
            return investigation


def _hold(holds: Mapping[str, HoldState], fact: HoldFact, envelope: Envelope) -> HoldState:
    match fact:
        case LegalHoldPlaced():
            return HoldState(fact, envelope.occurred_at)
        case LegalHoldReleaseProposed():
            return replace(holds[fact.hold_no], proposed_by=envelope.actor.staff_id)
        case LegalHoldReleased():
            return replace(holds[fact.hold_no], released_at=envelope.occurred_at)
        case _:
            assert_never(fact)
