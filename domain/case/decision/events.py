"""What can have been decided. Source: 行政许可法 Arts. 37–38; GB/T 39046 tables 7–8."""

from dataclasses import replace
from typing import ClassVar, assert_never

from domain.case.state import Case, End, Ending, Ruled, doer
from domain.case.values import Grounds
from domain.grammar import Code, DocumentNo, Envelope, Fact, Prose, Value, local_day


class ApprovalForm(Value):
    decision_no: DocumentNo
    content: Prose | None = None
    conditions: Prose | None = None


class CaseApproved(ApprovalForm, Fact):
    TOPIC: ClassVar[str] = "case.approved.v1"
    LABEL: ClassVar[str] = "准予"

    authorisation_no: Code | None = None
    """The authorisation under which the post, or its unit, decided; missing in legacy records alone."""


class RejectionForm(Grounds):
    decision_no: DocumentNo


class CaseRejected(RejectionForm, Fact):
    TOPIC: ClassVar[str] = "case.rejected.v1"
    LABEL: ClassVar[str] = "不予许可"

    authorisation_no: Code | None = None


class InstantForm(Value):
    decision_no: DocumentNo | None = None
    content: Prose | None = None


class CaseClosedAsInstant(InstantForm, Fact):
    """Decided, unless it was before, and closed in one go."""

    TOPIC: ClassVar[str] = "case.closed_as_instant.v1"
    LABEL: ClassVar[str] = "即办办结"

    authorisation_no: Code | None = None


DecisionFact = CaseApproved | CaseRejected | CaseClosedAsInstant


def evolve(case: Case, fact: DecisionFact, envelope: Envelope) -> Case:
    match fact:
        case CaseApproved():
            return replace(case, decision=_ruled(fact, envelope, is_approval=True))
        case CaseRejected():
            return replace(case, decision=_ruled(fact, envelope, is_approval=False))
        case CaseClosedAsInstant():
            return replace(
                case,
                decision=case.decision or _ruled(fact, envelope, is_approval=True),
                ending=Ending(End.concluded, envelope.occurred_at, is_instant=True),
            )
        case _:
            assert_never(fact)


def _ruled(fact: DecisionFact, envelope: Envelope, *, is_approval: bool) -> Ruled:
    return Ruled(
        decided_at=envelope.occurred_at,
        decided_on=local_day(envelope.occurred_at),
        is_approval=is_approval,
        decision_no=fact.decision_no,
        decided_by=doer(envelope.actor),
        authorisation_no=fact.authorisation_no,
    )
