"""What can be asked in a joint review, and the rules."""

from typing import Literal, assert_never

from domain.admission import Objections
from domain.case.custody.commands import unit_known
from domain.case.joint.events import (
    Consolidation,
    JointReviewConsolidated,
    JointReviewOpened,
    Opinion,
    OpinionRequested,
    OpinionReturned,
    Question,
    ReviewPlan,
)
from domain.case.joint.rejections import (
    NoReviewOpen,
    NotAJointCase,
    NotTheLead,
    OpinionAlreadyReturned,
    OpinionNotRequested,
    OpinionsPending,
    ReviewAlreadyOpen,
)
from domain.case.order import in_hand, not_before
from domain.case.setting import Setting
from domain.case.state import Case, JointReview
from domain.grammar import Command, Ruling
from domain.item.values import Routing


class OpenJointReview(ReviewPlan, Command):
    """联合审批发起: the lead names who is to be heard, each by its day."""

    type: Literal["open_joint_review"] = "open_joint_review"


def open_joint_review(case: Case, command: OpenJointReview, at: Setting) -> Ruling:
    yield from in_hand(case, at)
    if case.application is not None and case.application.routing is not Routing.joint:
        yield NotAJointCase(routing=case.application.routing)
    if case.joint_review is not None and case.joint_review.consolidated_at is None:
        yield ReviewAlreadyOpen()
    for asked in command.units:
        yield from unit_known(asked.unit_code, at)
    yield JointReviewOpened.as_told(command)


class RequestOpinion(Question, Command):
    """征询意见."""

    type: Literal["request_opinion"] = "request_opinion"


def request_opinion(case: Case, command: RequestOpinion, at: Setting) -> Ruling:
    yield from in_hand(case, at)
    yield from _led_here(case.joint_review, at)
    yield from unit_known(command.unit_code, at)
    yield OpinionRequested.as_told(command)


class ReturnOpinion(Opinion, Command):
    """反馈意见 of the actor's own unit."""

    type: Literal["return_opinion"] = "return_opinion"


def return_opinion(case: Case, command: ReturnOpinion, at: Setting) -> Ruling:
    yield from in_hand(case, at)
    unit_code = at.actor.unit_code
    review = case.joint_review
    unit = review.unit(unit_code) if review is not None and unit_code is not None else None
    if review is None:
        yield NoReviewOpen()
    elif unit is None or unit.requested_at is None:
        yield OpinionNotRequested()
    elif unit.returned_at is not None:
        yield OpinionAlreadyReturned()
    else:
        yield from not_before(unit.requested_at, at)
    yield OpinionReturned.as_told(command, unit_code=unit_code)


class ConsolidateJointReview(Consolidation, Command):
    """联合审批汇总: the lead sums up what it heard."""

    type: Literal["consolidate_joint_review"] = "consolidate_joint_review"


def consolidate_joint_review(case: Case, command: ConsolidateJointReview, at: Setting) -> Ruling:
    yield from in_hand(case, at)
    yield from _led_here(case.joint_review, at)
    pending = [
        unit.unit_code
        for unit in (case.joint_review.units if case.joint_review else ())
        if unit.returned_at is None and not (unit.unit_code in command.silent_units and at.day > unit.due)
    ]
    if pending:
        yield OpinionsPending(units=pending)
    yield JointReviewConsolidated.as_told(command)


def _led_here(review: JointReview | None, at: Setting) -> Objections:
    if review is None or review.consolidated_at is not None:
        yield NoReviewOpen()
        return
    if review.lead_unit != at.actor.unit_code:
        yield NotTheLead(unit=review.lead_unit)
    yield from not_before(review.opened_at, at)


JointAction = OpenJointReview | RequestOpinion | ReturnOpinion | ConsolidateJointReview


def decide(case: Case, command: JointAction, at: Setting) -> Ruling:
    match command:
        case OpenJointReview():
            return open_joint_review(case, command, at)
        case RequestOpinion():
            return request_opinion(case, command, at)
        case ReturnOpinion():
            return return_opinion(case, command, at)
        case ConsolidateJointReview():
            return consolidate_joint_review(case, command, at)
        case _:
            assert_never(command)
