"""How a case can have ended, been linked, reopened and archived."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from domain.case.state import Case, Delivery, End, Ending
from domain.grammar import Code, Day, DocumentNo, Envelope, Fact, Label, Prose, Sha256, Value


class Withdrawal(Value):
    reason: Prose


class CaseWithdrawnByApplicant(Withdrawal, Fact):
    TOPIC: ClassVar[str] = "case.withdrawn_by_applicant.v1"
    LABEL: ClassVar[str] = "申请人撤回"


class Duplication(Value):
    """两头受理: the same matter was taken in at two places."""

    other_case: Code
    governing_case: Code
    """The one of the two that goes on."""


class DuplicateCaseLinked(Duplication, Fact):
    TOPIC: ClassVar[str] = "case.duplicate_linked.v1"
    LABEL: ClassVar[str] = "重复件并案"


class Conclusion(Value):
    """办结."""

    result: Label | None = None
    """办结结果, as shown to the applicant."""


class CaseConcluded(Conclusion, Fact):
    TOPIC: ClassVar[str] = "case.concluded.v1"
    LABEL: ClassVar[str] = "办结"


class Termination(Value):
    ground: Prose
    approved_by: Code
    """A second member of staff."""


class CaseTerminated(Termination, Fact):
    TOPIC: ClassVar[str] = "case.terminated.v1"
    LABEL: ClassVar[str] = "终止"


class Reopening(Value):
    basis_document: DocumentNo
    """The superior's or the court's document that orders it."""
    basis_sha256: Sha256 | None = None
    decide_by: Day | None = None
    """The day the document sets."""


class CaseReopened(Reopening, Fact):
    TOPIC: ClassVar[str] = "case.reopened.v1"
    LABEL: ClassVar[str] = "撤销重办"


class ArchivePackage(Value):
    """归档信息包, GB/T 42727—2023."""

    package_sha256: Sha256
    retention_years: Annotated[int, Field(ge=1, le=1000)] | None = None
    """None: for ever 永久."""


class CaseArchived(ArchivePackage, Fact):
    TOPIC: ClassVar[str] = "case.archived.v1"
    LABEL: ClassVar[str] = "归档"


EndingFact = (
    CaseWithdrawnByApplicant
    | DuplicateCaseLinked
    | CaseConcluded
    | CaseTerminated
    | CaseReopened
    | CaseArchived
)


def evolve(case: Case, fact: EndingFact, envelope: Envelope) -> Case:
    moment = envelope.occurred_at
    match fact:
        case CaseConcluded():
            return _ended(case, End.concluded, moment)
        case CaseWithdrawnByApplicant():
            return _ended(case, End.withdrawn, moment)
        case CaseTerminated():
            return _ended(case, End.terminated, moment)
        case DuplicateCaseLinked(other_case=other):
            return replace(case, intake=replace(case.intake, duplicates=(*case.intake.duplicates, other)))
        case CaseReopened():
            return _reopened(case, fact)
        case CaseArchived():
            return replace(case, ending=case.ending and replace(case.ending, archived_at=moment))
        case _:
            assert_never(fact)


def _ended(case: Case, result: End, moment: datetime) -> Case:
    """The first result stands: a second one can only come from a legacy record."""
    return case if case.ending else replace(case, ending=Ending(result, moment))


def _reopened(case: Case, fact: CaseReopened) -> Case:
    """Open again, to be decided and delivered anew; each certificate keeps what became of it."""
    clock = case.clock
    if fact.decide_by is not None:
        clock = replace(clock, promise_due=None, legal_due=fact.decide_by, ordered_due=fact.decide_by)
    return replace(
        case,
        ending=None,
        decision=None,
        delivery=Delivery(),
        clock=clock,
        reopenings=case.reopenings + 1,
    )
