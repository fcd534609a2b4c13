"""What can have come of an application: accepted, deemed accepted, refused. Source: 行政许可法 Art. 32."""

from dataclasses import replace
from typing import ClassVar, assert_never

from domain.case.state import Case, End, Ending, doer
from domain.case.values import Deadlines, Grounds
from domain.grammar import Code, Count, Day, DocumentNo, Envelope, Fact, Label


class CaseAccepted(Deadlines, Fact):
    TOPIC: ClassVar[str] = "case.accepted.v1"
    LABEL: ClassVar[str] = "受理"

    acceptance_date: Day
    """The day on which all material was complete: day 0 of every limit."""
    document_no: DocumentNo | None = None
    promise_days: Count | None = None
    legal_days: Count | None = None
    authorisation_no: Code | None = None


class CaseDeemedAccepted(Deadlines, Fact):
    """Accepted by law: nothing was said in time, so the day of receipt counts (Art. 32(4))."""

    TOPIC: ClassVar[str] = "case.deemed_accepted.v1"
    LABEL: ClassVar[str] = "视为受理"

    acceptance_date: Day
    promise_days: Count | None = None
    legal_days: Count | None = None


class RefusalForm(Grounds):
    reason_code: Code
    redirect_to: Label | None = None
    """The organ that is competent, where this one is not (Art. 32(2))."""
    document_no: DocumentNo | None = None


class AcceptanceRefused(RefusalForm, Fact):
    TOPIC: ClassVar[str] = "case.acceptance_refused.v1"
    LABEL: ClassVar[str] = "不予受理"


AcceptanceFact = CaseAccepted | CaseDeemedAccepted | AcceptanceRefused


def evolve(case: Case, fact: AcceptanceFact, envelope: Envelope) -> Case:
    match fact:
        case CaseAccepted() | CaseDeemedAccepted():
            return _accepted(case, fact, envelope)
        case AcceptanceRefused():
            return replace(case, ending=Ending(End.refused, envelope.occurred_at))
        case _:
            assert_never(fact)


def _accepted(case: Case, fact: CaseAccepted | CaseDeemedAccepted, envelope: Envelope) -> Case:
    return replace(
        case,
        clock=replace(
            case.clock,
            accepted_at=envelope.occurred_at,
            accepted_on=fact.acceptance_date,
            is_deemed=isinstance(fact, CaseDeemedAccepted),
            acceptor=None if isinstance(fact, CaseDeemedAccepted) else doer(envelope.actor),
            promise_days=fact.promise_days,
            legal_days=fact.legal_days,
            promise_due=fact.promise_due,
            legal_due=fact.legal_due,
            is_provisional=fact.is_provisional,
            is_from_source=fact.is_from_source,
        ),
    )
