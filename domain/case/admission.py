"""What is asked of every record of a case, whatever it says: who records it, and when it happened."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from domain.admission import (
    Objections,
    RecordedLate,
    explained,
    happened_already,
    is_late,
    recorded_by,
    vouched_by_another,
)
from domain.case.acceptance.commands import AcceptCase, RefuseAcceptance
from domain.case.agency.commands import EntrustAgent
from domain.case.clock import delivery_due, due_now, first_review_due
from domain.case.decision.commands import Approve, CloseAsInstant, Reject
from domain.case.delivery.commands import DeliverCertificate
from domain.case.ending.commands import Conclude, Terminate, WithdrawCase
from domain.case.intake.commands import IssueCorrectionNotice, ReceiveCase, SupplyCorrection
from domain.case.order import not_before
from domain.case.pauses.commands import ApproveExtension, EndSpecialProcedure, StartSpecialProcedure
from domain.case.rejections import LateWithoutSecondPerson
from domain.case.roles import may_record
from domain.case.setting import Setting
from domain.case.state import Case
from domain.case.superior.commands import ReportToSuperior
from domain.grammar import Command, local_day
from domain.stand_in.acting import stands_in_duly

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
"""Actions that stop, move or meet the case's own deadline: recorded late, they can make an overdue case timely."""


def admission(case: Case, command: Command, at: Setting) -> Objections:
    """Objections to the record as such; silent for what happens now, in its turn, by a post that may record it."""
    yield from recorded_by(at.occasion, may=may_record(at.actor.role, type(command)))
    yield from stands_in_duly(
        at.occasion,
        at.catalogue,
        item_codes=_items(case, command),
        in_hand_of=case.custody.holder.staff_id if case.custody.holder else None,
    )
    yield from vouched_by_another(at.occasion, at.catalogue)
    if at.occasion.circumstances.occurred_at is None:
        return
    yield from happened_already(at.occasion, at.policy)
    yield from not_before(case.began_at, at)
    if at.day < at.today and is_late(at.occasion, at.policy, at.calendar):
        yield from explained(at.occasion)
        yield from _vouched_for(case, command, at)
        yield RecordedLate()


def _items(case: Case, command: Command) -> Sequence[str]:
    """What the case is about; of one that begins, what it will be about."""
    if case.application is not None:
        return (case.application.item_code,)
    if isinstance(command, ReceiveCase):
        return (command.item_code,)
    return command.item_codes if isinstance(command, EntrustAgent) else ()


def _vouched_for(case: Case, command: Command, at: Setting) -> Objections:
    """A second person's approval of what would turn an overdue into on-time."""
    if not any(_turns_timely(deadline, met_on, at) for deadline, met_on in _deadlines(case, command, at)):
        return
    backfill = at.occasion.circumstances.backfill
    approver = backfill.approved_by if backfill else None
    if approver is None or at.acts_as(approver) or at.catalogue.staff(approver) is None:
        yield LateWithoutSecondPerson()


def _turns_timely(deadline: date | None, met_on: date | None, at: Setting) -> bool:
    """As known now the deadline was missed, and this happened while it still ran."""
    return deadline is not None and at.day <= deadline < (met_on or at.today)


def _deadlines(case: Case, command: Command, at: Setting) -> Iterator[tuple[date | None, date | None]]:
    """Each deadline that the action can meet or move, with the day on which it was met as known now."""
    kind = type(command)
    if kind in SETTLES_TIMELINESS:
        yield _case_due(case, at), case.decision.decided_on if case.decision else None
    if kind is ReportToSuperior:
        yield first_review_due(case, at), local_day(case.report.sent_at) if case.report else None
    if kind is DeliverCertificate:
        yield delivery_due(case, at), _delivered_on(case)


def _delivered_on(case: Case) -> date | None:
    """None while something that was issued lies here."""
    delivered_at = case.delivery.delivered_at
    if delivered_at is None or any(each.delivered_at is None for each in case.certificates):
        return None
    return local_day(delivered_at)


def _case_due(case: Case, at: Setting) -> date | None:
    """The day due; before acceptance the last day for a notice."""
    due = due_now(case, at)
    if due is not None or case.application is None:
        return due
    received_on = local_day(case.application.received_at)
    return at.calendar.add(received_on, at.policy.correction_notice_days)
