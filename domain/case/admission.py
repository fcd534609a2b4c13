"""What is asked of every record of a case, whatever it says: who records it, and when it happened."""

from datetime import date
from typing import Final

from domain.admission import Objections, RecordedLate, explained, happened_already, is_late, recorded_by
from domain.case.acceptance.commands import AcceptCase, RefuseAcceptance
from domain.case.decision.commands import Approve, CloseAsInstant, Reject
from domain.case.ending.commands import Conclude, Terminate, WithdrawCase
from domain.case.intake.commands import IssueCorrectionNotice, SupplyCorrection
from domain.case.order import not_before
from domain.case.pauses.commands import ApproveExtension, EndSpecialProcedure, StartSpecialProcedure
from domain.case.rejections import LateWithoutSecondPerson
from domain.case.roles import may_record
from domain.case.setting import Setting
from domain.case.state import Case
from domain.grammar import Command, local_day

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
    yield from recorded_by(at.occasion, may=may_record(at.actor.role, type(command)))
    if at.occasion.circumstances.occurred_at is None:
        return
    yield from happened_already(at.occasion, at.policy)
    yield from not_before(case.began_at, at)
    if at.day < at.today and is_late(at.occasion, at.policy, at.calendar):
        yield from explained(at.occasion)
        yield from _vouched_for(case, command, at)
        yield RecordedLate()


def _vouched_for(case: Case, command: Command, at: Setting) -> Objections:
    """A second person's approval of what would make an overdue case timely."""
    if type(command) not in SETTLES_TIMELINESS or not _would_turn_timely(case, at):
        return
    backfill = at.occasion.circumstances.backfill
    approver = backfill.approved_by if backfill else None
    if approver is None or at.is_person(approver) or at.catalogue.staff(approver) is None:
        yield LateWithoutSecondPerson()


def _would_turn_timely(case: Case, at: Setting) -> bool:
    """As known now a deadline was missed, and this happened while it still ran."""
    as_known = case.decision.decided_on if case.decision else at.today
    missed = _deadline(case, at)
    return missed is not None and at.day <= missed < as_known


def _deadline(case: Case, at: Setting) -> date | None:
    """The day due; before acceptance the last day for a notice."""
    if case.clock.due is not None or case.application is None:
        return case.clock.due
    received_on = local_day(case.application.received_at)
    return at.calendar.add(received_on, at.policy.correction_notice_days)
