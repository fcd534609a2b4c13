"""What can be asked of the clock, and the rules. Source: 行政许可法 Arts. 42, 45."""

from datetime import date, timedelta
from typing import Literal, assert_never

from domain.admission import Objections
from domain.case.clock import deadlines, deadlines_now, due_now
from domain.case.order import accepted, in_hand, not_before, received, undecided
from domain.case.pauses.events import (
    DayUnit,
    ExtensionApproved,
    ExtensionForm,
    Invalidation,
    ProcedureForm,
    ProcedureOutcome,
    SpecialProcedureEnded,
    SpecialProcedureInvalidated,
    SpecialProcedureStarted,
    ended,
    extended,
    invalidated,
)
from domain.case.pauses.rejections import (
    AlreadyExtended,
    AlreadyInvalid,
    ApplicantNotTold,
    ApproverIsHandler,
    ApproverMissing,
    EndsBeforeItStarted,
    ExtendedByHandler,
    ExtensionAfterDeadline,
    ExtensionNeedsGovernment,
    ExtensionNotTold,
    ExtensionTooLong,
    NoProcedureOpen,
    NotAnApprover,
    ProcedureAfterDeadline,
    ProcedureAlreadyOpen,
    ProcedureNotAllowed,
    ProcedureOverPlan,
    ProcedureRepeated,
    ProcedureUnknown,
)
from domain.case.persons import staff_known
from domain.case.setting import Setting
from domain.case.state import Case, Clock
from domain.grammar import Command, Ruling
from domain.item.values import Routing
from domain.window.values import Role

APPROVING = frozenset({Role.approver, Role.organ_head, Role.government_head})


class StartSpecialProcedure(ProcedureForm, Command):
    """特别程序开始: a survey, a hearing, a test whose time is not counted."""

    type: Literal["start_special_procedure"] = "start_special_procedure"


def start_special_procedure(case: Case, command: StartSpecialProcedure, at: Setting) -> Ruling:
    yield from accepted(case, at)
    yield from undecided(case, at)
    broken = tuple(_breaches(case, command, at))
    yield from broken
    if any(pause.kind is command.kind for pause in case.clock.pauses):
        yield ProcedureRepeated(kind=command.kind)
    if command.notice_no is None:
        yield ApplicantNotTold()
    yield SpecialProcedureStarted.as_told(
        command,
        procedure_no=len(case.clock.pauses) + 1,
        planned_end=_planned_end(command, at),
        is_valid=not broken and command.notice_no is not None,
    )


def _breaches(case: Case, command: StartSpecialProcedure, at: Setting) -> Objections:
    """What makes the special procedure void: refused here, recorded as invalid where a legacy record has it."""
    pause = case.clock.open_pause
    if pause is not None:
        yield ProcedureAlreadyOpen(since=pause.started_on.isoformat())
    if at.item is not None and command.kind not in at.item.special_procedures:
        yield ProcedureNotAllowed(kind=command.kind)
    due = due_now(case, at)
    if due is not None and at.day > due:
        yield ProcedureAfterDeadline(due=due.isoformat())
    yield from _approved_by_another(case, command, at)


def _approved_by_another(case: Case, command: StartSpecialProcedure, at: Setting) -> Objections:
    if command.approver is None or command.approver_post is None:
        yield ApproverMissing()
        return
    delegated = at.actor.on_behalf_of if at.actor.delegation_no else None
    involved = (at.person, delegated, *handling(case))
    if any(at.catalogue.is_same_person(command.approver, staff_id) for staff_id in involved):
        yield ApproverIsHandler()
    yield from staff_known(command.approver, at)
    post = at.catalogue.post(command.approver_post)
    holds_it = at.catalogue.duty(command.approver, command.approver_post, at.day) is not None
    if post is None or post.role not in APPROVING or not holds_it:
        yield NotAnApprover(post=command.approver_post)


def handling(case: Case) -> tuple[str, ...]:
    """The staff numbers of who has the case in hand, or a step of it under way: whose time it is."""
    holder = case.custody.holder
    handlers = (holder.staff_id if holder else None, *(step.staff_id for step in case.steps.open))
    return tuple(staff_id for staff_id in handlers if staff_id)


def _planned_end(command: StartSpecialProcedure, at: Setting) -> date:
    """A term in calendar days that ends on a day off ends on the next working day (民法典 Art. 203)."""
    if command.unit is DayUnit.calendar_day:
        return at.calendar.add(at.day + timedelta(days=command.planned_days - 1), 1)
    return at.calendar.add(at.day, command.planned_days)


class EndSpecialProcedure(ProcedureOutcome, Command):
    """特别程序结束: the clock runs again from the next day."""

    type: Literal["end_special_procedure"] = "end_special_procedure"


def end_special_procedure(case: Case, command: EndSpecialProcedure, at: Setting) -> Ruling:
    yield from received(case)
    pause = case.clock.open_pause
    if pause is None:
        yield NoProcedureOpen()
        return
    if at.precedes(pause.started_at):
        yield EndsBeforeItStarted(started_on=pause.started_on.isoformat())
    if at.day > pause.planned_end and at.calendar.count(pause.planned_end, at.day):
        yield ProcedureOverPlan(planned_end=pause.planned_end.isoformat())
    clock = ended(case.clock, pause.procedure_no, at.day)
    yield SpecialProcedureEnded.as_told(command, procedure_no=pause.procedure_no, **_dues(case, clock, at))


class InvalidateSpecialProcedure(Invalidation, Command):
    """特别程序认定无效: supervision finds that it must not stop the clock."""

    type: Literal["invalidate_special_procedure"] = "invalidate_special_procedure"


def invalidate_special_procedure(case: Case, command: InvalidateSpecialProcedure, at: Setting) -> Ruling:
    yield from received(case)
    pause = next((each for each in case.clock.pauses if each.procedure_no == command.procedure_no), None)
    if pause is None:
        yield ProcedureUnknown(procedure_no=command.procedure_no)
        return
    if not pause.is_valid:
        yield AlreadyInvalid()
    yield from not_before(pause.started_at, at)
    clock = invalidated(case.clock, pause.procedure_no, at.day)
    yield SpecialProcedureInvalidated.as_told(command, **_dues(case, clock, at))


class ApproveExtension(ExtensionForm, Command):
    """延长审批: the head of the organ, or of the government, gives more time, once."""

    type: Literal["approve_extension"] = "approve_extension"


def approve_extension(case: Case, command: ApproveExtension, at: Setting) -> Ruling:
    yield from in_hand(case, at)
    if case.clock.extension_days:
        yield AlreadyExtended()
    is_joint = case.application is not None and case.application.routing is Routing.joint
    at_most = at.policy.extension_days_joint if is_joint else at.policy.extension_days_single
    if command.days > at_most:
        yield ExtensionTooLong(at_most=at_most)
    now = deadlines_now(case, at)
    last_day = now.legal_due or now.promise_due
    if last_day is not None and at.day > last_day:
        yield ExtensionAfterDeadline(due=last_day.isoformat())
    if any(at.acts_as(staff_id) for staff_id in handling(case)):
        yield ExtendedByHandler()
    if is_joint and at.actor.role != Role.government_head:
        yield ExtensionNeedsGovernment()
    if command.notified_at is None:
        yield ExtensionNotTold()
    yield ExtensionApproved.as_told(command, **_dues(case, extended(case.clock, command.days), at))


def _dues(case: Case, clock: Clock, at: Setting) -> dict[str, object]:
    return deadlines(clock, case.origin, at).model_dump()


PausesAction = StartSpecialProcedure | EndSpecialProcedure | InvalidateSpecialProcedure | ApproveExtension


def decide(case: Case, command: PausesAction, at: Setting) -> Ruling:
    match command:
        case StartSpecialProcedure():
            return start_special_procedure(case, command, at)
        case EndSpecialProcedure():
            return end_special_procedure(case, command, at)
        case InvalidateSpecialProcedure():
            return invalidate_special_procedure(case, command, at)
        case ApproveExtension():
            return approve_extension(case, command, at)
        case _:
            assert_never(command)
