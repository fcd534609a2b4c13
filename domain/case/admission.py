"""What is asked of every record of a case, whatever it says: who records it, and when it happened."""

from datetime import date, timedelta
from typing import Final

from domain.calendar import used
from domain.case.acceptance.commands import AcceptCase, RefuseAcceptance
from domain.case.decision.commands import Approve, CloseAsInstant, Reject
from domain.case.ending.commands import Conclude, Terminate, WithdrawCase
from domain.case.intake.commands import IssueCorrectionNotice, SupplyCorrection
from domain.case.order import Objections, not_before
from domain.case.pauses.commands import ApproveExtension, EndSpecialProcedure, StartSpecialProcedure
from domain.case.rejections import (
    ImportOnly,
    InTheFuture,
    LateWithoutEvidence,
    LateWithoutReason,
    LateWithoutSecondPerson,
    RecordedLate,
    RoleMayNot,
)
from domain.case.roles import may_record
from domain.case.setting import Setting
from domain.case.state import Case
from domain.grammar import Command, local_day
from domain.window.values import Role

SETTLES_TIMELINESS: Final = frozenset(
    {
        IssueCorrectionNotice,
        SupplyCorrection,
        AcceptCase,
        RefuseAcceptance,
        StartSpecialProcedure,
        EndSpecialProcedure,
        ApproveExtension,
        Approve,
        Reject,
        CloseAsInstant,
        Conclude,
        Terminate,
        WithdrawCase,
    }
)
"""Actions that stop, move or meet a deadline: recorded late, they can make an overdue case timely."""


def admission(case: Case, command: Command, at: Setting) -> Objections:
    """Objections to the record as such; silent for what happens now, in its turn, by a post that may record it."""
    if not may_record(at.actor.role, type(command)):
        yield RoleMayNot(role=at.actor.role)
    if at.occasion.is_imported is not (at.actor.role == Role.importer):
        yield ImportOnly()
    if at.occasion.circumstances.occurred_at is not None:
        yield from _timely(case, command, at)


def _timely(case: Case, command: Command, at: Setting) -> Objections:
    tolerance = timedelta(seconds=at.policy.clock_tolerance_seconds)
    if at.occurred_at > at.occasion.received_at + tolerance:
        yield InTheFuture(tolerance_seconds=at.policy.clock_tolerance_seconds)
    yield from not_before(case.began_at, at)
    # A legacy record is old by nature; its source stands in the record, and its lateness says nothing of a clerk.
    if not at.occasion.is_imported and at.day < at.today and _is_late(at):
        yield from _vouched_for(case, command, at)
        yield RecordedLate()


def _is_late(at: Setting) -> bool:
    return used(at.day, at.today, at.calendar) > at.policy.late_record_days


def _vouched_for(case: Case, command: Command, at: Setting) -> Objections:
    circumstances = at.occasion.circumstances
    backfill = circumstances.backfill
    if backfill is None:
        yield LateWithoutReason()
        return
    if not backfill.evidence and circumstances.device is None:
        yield LateWithoutEvidence()
    if type(command) in SETTLES_TIMELINESS and _would_turn_timely(case, at):
        yield from _approved_by_another(backfill.approved_by, at)


def _would_turn_timely(case: Case, at: Setting) -> bool:
    """As known now a deadline was missed, and this happened while it still ran."""
    as_known = case.decision.decided_on if case.decision else at.today
    missed = _deadline(case, at)
    return missed is not None and at.day <= missed < as_known


def _approved_by_another(approver: str | None, at: Setting) -> Objections:
    if approver is None or approver == at.actor.staff_id or at.catalogue.staff(approver) is None:
        yield LateWithoutSecondPerson()


def _deadline(case: Case, at: Setting) -> date | None:
    """The day due; before acceptance the last day for a notice."""
    if case.clock.due is not None or case.application is None:
        return case.clock.due
    received_on = local_day(case.application.received_at)
    return at.calendar.add(received_on, at.policy.correction_notice_days)
