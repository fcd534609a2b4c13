"""Who had a part in a case: units and people, as its history tells it. For who may look into its file, and who may not."""

from collections.abc import Iterable, Iterator
from typing import Final

from domain.case.acceptance.events import AcceptanceRefused
from domain.case.decision.events import CaseApproved, CaseClosedAsInstant, CaseRejected
from domain.case.ending.events import CaseTerminated
from domain.case.state import doer
from domain.grammar import Actor, Envelope, Fact

History = Iterable[tuple[Fact, Envelope]]

UNITS: Final = ("to_unit", "from_unit", "unit_code")
DECISIONS: Final = (CaseApproved, CaseRejected, CaseClosedAsInstant, AcceptanceRefused, CaseTerminated)
PEOPLE: Final = (
    "applicant_ref",
    "recipient_ref",
    "approver",
    "approved_by",
    "from_staff",
    "to_staff",
)


def units_of(history: History) -> frozenset[str]:
    """The units whose staff acted in it or that it was sent to."""
    return frozenset(unit for fact, envelope in history for unit in _units(envelope.actor, fact) if unit)


def people_of(history: History) -> frozenset[str]:
    """Staff numbers of who acted or was named, and references of the persons that it is about."""
    return frozenset(each for fact, envelope in history for each in _people(envelope.actor, fact) if each)


def deciders_of(history: History) -> frozenset[str]:
    """The staff numbers of who decided it, in whosever name; also where the decision was voided since."""
    actors = (envelope.actor for fact, envelope in history if isinstance(fact, DECISIONS))
    named = ((doer(actor), actor.on_behalf_of if actor.delegation_no else None) for actor in actors)
    return frozenset(each for both in named for each in both if each)


def _units(actor: Actor, fact: Fact) -> Iterator[str | None]:
    yield actor.unit_code
    yield from (getattr(fact, name, None) for name in UNITS)
    yield from (asked.unit_code for asked in getattr(fact, "units", ()))


def _people(actor: Actor, fact: Fact) -> Iterator[str | None]:
    yield actor.staff_id
    yield actor.on_behalf_of
    yield from (getattr(fact, name, None) for name in PEOPLE)
    yield from getattr(fact, "inspectors", ())
    mandate = getattr(fact, "mandate", None)
    yield mandate.agent_ref if mandate else None
