"""What can be asked of those who decide, and the rules."""

from typing import Literal, assert_never

from domain.admission import Objections
from domain.authorisation.values import Power
from domain.calendar import used
from domain.case.acceptance.commands import grounds_given
from domain.case.decision.events import (
    ApprovalForm,
    CaseApproved,
    CaseClosedAsInstant,
    CaseRejected,
    InstantForm,
    RejectionForm,
)
from domain.case.decision.rejections import (
    AlreadyRejected,
    DecidedByAcceptor,
    NoAuthority,
    NotAnInstantItem,
    NotTheSameDay,
    OthersNotHeard,
)
from domain.case.order import accepted, in_hand, running, without_decision, without_result
from domain.case.persons import officer_is_impartial
from domain.case.setting import Setting
from domain.case.state import Case
from domain.case.steps.commands import not_its_agent
from domain.grammar import Command, Ruling, local_day
from domain.item.values import Kind


class Approve(ApprovalForm, Command):
    """准予: the decision for the applicant, by a post that may decide."""

    type: Literal["approve"] = "approve"


def approve(case: Case, command: Approve, at: Setting) -> Ruling:
    authorisation_no = _authorisation(case, at)
    yield from _decidable(case, authorisation_no, at)
    yield CaseApproved.as_told(command, authorisation_no=authorisation_no)


class Reject(RejectionForm, Command):
    """不予许可, with reasons and remedies (行政许可法 Art. 38)."""

    type: Literal["reject"] = "reject"


def reject(case: Case, command: Reject, at: Setting) -> Ruling:
    authorisation_no = _authorisation(case, at)
    yield from _decidable(case, authorisation_no, at)
    yield from grounds_given(command)
    yield CaseRejected.as_told(command, authorisation_no=authorisation_no)


class CloseAsInstant(InstantForm, Command):
    """即办办结: decided, where it was not, and closed on the spot."""

    type: Literal["close_as_instant"] = "close_as_instant"


def close_as_instant(case: Case, command: CloseAsInstant, at: Setting) -> Ruling:
    yield from without_result(case)
    yield from accepted(case, at)
    yield from running(case, at)
    if case.application is not None and case.application.kind is not Kind.instant:
        yield NotAnInstantItem(kind=case.application.kind)
    yield from _same_working_day(case, at)
    if case.decision is not None and not case.decision.is_approval:
        yield AlreadyRejected()
    authorisation_no = _authorisation(case, at)
    if case.decision is None:
        yield from _by_lawful_officer(case, authorisation_no, at)
    yield CaseClosedAsInstant.as_told(command, authorisation_no=authorisation_no)


def _same_working_day(case: Case, at: Setting) -> Objections:
    if case.clock.accepted_at is None:
        return
    accepted_on = local_day(case.clock.accepted_at)
    if at.day != accepted_on and used(accepted_on, at.day, at.calendar) > 0:
        yield NotTheSameDay(accepted_on=accepted_on.isoformat())


def _decidable(case: Case, authorisation_no: str | None, at: Setting) -> Objections:
    yield from in_hand(case, at)
    yield from without_decision(case)
    yield from _by_lawful_officer(case, authorisation_no, at)
    is_reviewed = case.joint_review is None or case.joint_review.consolidated_at is not None
    is_answered = case.report is None or case.report.replied_at is not None
    if not (is_reviewed and is_answered):
        yield OthersNotHeard()


def _by_lawful_officer(case: Case, authorisation_no: str | None, at: Setting) -> Objections:
    """Authorised that day, neither acceptor, nor agent, nor applicant."""
    if authorisation_no is None and case.application is not None:
        yield NoAuthority()
    one_suffices = at.item is not None and at.item.single_officer_ok
    if at.acts_as(case.clock.acceptor) and not one_suffices:
        yield DecidedByAcceptor()
    yield from not_its_agent(case, at)
    yield from officer_is_impartial(case, at)


def _authorisation(case: Case, at: Setting) -> str | None:
    if case.application is None:
        return None
    return at.catalogue.may(
        Power.decide,
        case.application.item_code,
        unit_code=at.actor.unit_code,
        post_id=at.actor.post_id,
        on=at.day,
    )


DecisionAction = Approve | Reject | CloseAsInstant


def decide(case: Case, command: DecisionAction, at: Setting) -> Ruling:
    match command:
        case Approve():
            return approve(case, command, at)
        case Reject():
            return reject(case, command, at)
        case CloseAsInstant():
            return close_as_instant(case, command, at)
        case _:
            assert_never(command)
