"""What can be asked to end a case, and the rules: every case reaches exactly one result."""

from typing import Literal, assert_never

from domain.case.ending.events import (
    ArchivePackage,
    CaseArchived,
    CaseConcluded,
    CaseReopened,
    CaseTerminated,
    CaseWithdrawnByApplicant,
    Conclusion,
    DuplicateCaseLinked,
    Duplication,
    Reopening,
    Termination,
    Withdrawal,
)
from domain.case.ending.rejections import (
    AcceptedTwice,
    AlreadyArchived,
    CaseNotDecided,
    CaseNotEnded,
    CertificateNotDelivered,
    NotASecondPerson,
    NothingToReopen,
    WorkStillRecorded,
)
from domain.case.order import begun, not_before, open_case, received, running, undecided, without_result
from domain.case.persons import staff_known
from domain.case.setting import Setting
from domain.case.state import Case
from domain.grammar import Command, Ruling


class WithdrawCase(Withdrawal, Command):
    """申请人撤回, before the decision."""

    type: Literal["withdraw_case"] = "withdraw_case"


def withdraw_case(case: Case, command: WithdrawCase, at: Setting) -> Ruling:
    yield from without_result(case)
    yield from open_case(case, at)
    yield from undecided(case, at)
    yield CaseWithdrawnByApplicant.as_told(command)


class LinkDuplicate(Duplication, Command):
    """重复件并案: the centre says which of two cases about one matter goes on."""

    type: Literal["link_duplicate"] = "link_duplicate"


def link_duplicate(case: Case, command: LinkDuplicate, _: Setting) -> Ruling:
    yield from received(case)
    if command.other_case in case.intake.duplicates:
        return
    yield AcceptedTwice(other_case=command.other_case)
    yield DuplicateCaseLinked.as_told(command)


class Conclude(Conclusion, Command):
    """办结: decided, and what was to be delivered has been."""

    type: Literal["conclude"] = "conclude"


def conclude(case: Case, command: Conclude, at: Setting) -> Ruling:
    yield from without_result(case)
    yield from open_case(case, at)
    yield from running(case, at)
    if case.decision is None:
        yield CaseNotDecided()
    if case.decision is not None and case.decision.is_approval:
        undelivered = [each.certificate_no for each in case.certificates if each.delivered_at is None]
        if undelivered:
            yield CertificateNotDelivered(certificates=undelivered)
    if case.latest_at is not None and at.precedes(case.latest_at):
        yield WorkStillRecorded()
    yield CaseConcluded.as_told(command)


class Terminate(Termination, Command):
    """终止: ends otherwise than by a decision; rare, and reported."""

    type: Literal["terminate"] = "terminate"


def terminate(case: Case, command: Terminate, at: Setting) -> Ruling:
    yield from begun(case)
    yield from without_result(case)
    if at.acts_as(command.approved_by):
        yield NotASecondPerson()
    yield from staff_known(command.approved_by, at)
    yield CaseTerminated.as_told(command)


class Reopen(Reopening, Command):
    """撤销重办, ordered by a superior organ or a court; the old milestones stay."""

    type: Literal["reopen"] = "reopen"


def reopen(case: Case, command: Reopen, at: Setting) -> Ruling:
    yield from received(case)
    if case.decision is None and case.ending is None:
        yield NothingToReopen()
    if case.decision is not None:
        yield from not_before(case.decision.decided_at, at)
    yield CaseReopened.as_told(command)


class Archive(ArchivePackage, Command):
    """归档: the package that the archives keep."""

    type: Literal["archive"] = "archive"


def archive(case: Case, command: Archive, at: Setting) -> Ruling:
    yield from begun(case)
    if case.ending is None:
        yield CaseNotEnded()
    else:
        yield from not_before(case.ending.ended_at, at)
        if case.ending.archived_at is not None:
            yield AlreadyArchived()
    yield CaseArchived.as_told(command)


EndingAction = WithdrawCase | LinkDuplicate | Conclude | Terminate | Reopen | Archive


def decide(case: Case, command: EndingAction, at: Setting) -> Ruling:
    match command:
        case Conclude():
            return conclude(case, command, at)
        case WithdrawCase():
            return withdraw_case(case, command, at)
        case LinkDuplicate():
            return link_duplicate(case, command, at)
        case Terminate():
            return terminate(case, command, at)
        case Reopen():
            return reopen(case, command, at)
        case Archive():
            return archive(case, command, at)
        case _:
            assert_never(command)
