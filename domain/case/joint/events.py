"""What can have happened in a joint review 联合审批: the lead asks, each co-unit has its own clock."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from domain.case.state import Case, CoUnit, JointReview
from domain.grammar import Code, Day, Envelope, Fact, Prose, Value


class Asked(Value):
    """A co-unit and the day by which its opinion is due."""

    unit_code: Code
    due: Day


class ReviewPlan(Value):
    units: Annotated[tuple[Asked, ...], Field(min_length=1, max_length=50)]


class JointReviewOpened(ReviewPlan, Fact):
    TOPIC: ClassVar[str] = "case.joint_review_opened.v1"
    LABEL: ClassVar[str] = "联合审批发起"


class Question(Asked):
    question: Prose


class OpinionRequested(Question, Fact):
    TOPIC: ClassVar[str] = "case.opinion_requested.v1"
    LABEL: ClassVar[str] = "征询意见"


class Stance(StrEnum):
    agrees = "agrees"  # 同意
    agrees_with_conditions = "agrees_with_conditions"  # 附条件同意
    disagrees = "disagrees"  # 不同意


class Opinion(Value):
    stance: Stance
    opinion: Prose


class OpinionReturned(Opinion, Fact):
    TOPIC: ClassVar[str] = "case.opinion_returned.v1"
    LABEL: ClassVar[str] = "反馈意见"

    unit_code: Code | None = None
    """The co-unit that answers: the actor's. Missing where a legacy record names none."""


class Consolidation(Value):
    summary: Prose
    silent_units: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    """逾期未反馈: units that did not answer by their due day and are taken to agree."""


class JointReviewConsolidated(Consolidation, Fact):
    TOPIC: ClassVar[str] = "case.joint_review_consolidated.v1"
    LABEL: ClassVar[str] = "联合审批汇总"


JointFact = JointReviewOpened | OpinionRequested | OpinionReturned | JointReviewConsolidated


def evolve(case: Case, fact: JointFact, envelope: Envelope) -> Case:
    if isinstance(fact, JointReviewOpened):
        units = tuple(CoUnit(asked.unit_code, asked.due) for asked in fact.units)
        review = JointReview(envelope.occurred_at, envelope.actor.unit_code, units)
    elif case.joint_review is None:
        return case
    else:
        review = _proceeded(case.joint_review, fact, envelope.occurred_at)
    return replace(case, joint_review=review)


def _proceeded(
    review: JointReview,
    fact: OpinionRequested | OpinionReturned | JointReviewConsolidated,
    moment: datetime,
) -> JointReview:
    match fact:
        case OpinionRequested():
            return _with(review, CoUnit(fact.unit_code, fact.due, requested_at=moment))
        case OpinionReturned(unit_code=code):
            unit = review.unit(code) if code else None
            return _with(review, replace(unit, returned_at=moment)) if unit else review
        case JointReviewConsolidated():
            return replace(review, consolidated_at=moment)
        case _:
            assert_never(fact)


def _with(review: JointReview, unit: CoUnit) -> JointReview:
    """The review with the unit as it stands now, in its old place or at the end."""
    if review.unit(unit.unit_code) is None:
        return replace(review, units=(*review.units, unit))
    units = tuple(unit if each.unit_code == unit.unit_code else each for each in review.units)
    return replace(review, units=units)
