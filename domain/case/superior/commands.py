"""What can be asked about a case that is reported up, and the rules."""

from typing import Literal, assert_never

from domain.admission import Objections
from domain.case.custody.commands import held_here, unit_known
from domain.case.custody.rejections import NotTheReceiver
from domain.case.order import in_hand, not_before, open_case
from domain.case.setting import Setting
from domain.case.state import Case, Report
from domain.case.superior.events import (
    CaseReportedToSuperior,
    Reply,
    ReportForm,
    SuperiorDecisionReceived,
    SuperiorReceiptSigned,
    SuperiorSignature,
)
from domain.case.superior.rejections import (
    AlreadyReplied,
    AlreadyReported,
    AlreadySigned,
    NotAReportUpCase,
    NotReported,
    ReportIncomplete,
)
from domain.grammar import Command, Ruling
from domain.item.values import Routing


class ReportToSuperior(ReportForm, Command):
    """上报: first review done, the opinion and all material go up (行政许可法 Art. 35)."""

    type: Literal["report_to_superior"] = "report_to_superior"


def report_to_superior(case: Case, command: ReportToSuperior, at: Setting) -> Ruling:
    yield from in_hand(case, at)
    if case.application is not None and case.application.routing is not Routing.report_up:
        yield NotAReportUpCase(routing=case.application.routing)
    if case.report is not None and case.report.replied_at is None:
        yield AlreadyReported()
    yield from held_here(case, at)
    yield from unit_known(command.to_unit, at)
    if not command.materials_complete:
        yield ReportIncomplete()
    yield CaseReportedToSuperior.as_told(command)


class SignSuperiorReceipt(SuperiorSignature, Command):
    """上级签收, recorded by the superior, or by the station that has its receipt."""

    type: Literal["sign_superior_receipt"] = "sign_superior_receipt"


def sign_superior_receipt(case: Case, command: SignSuperiorReceipt, at: Setting) -> Ruling:
    yield from open_case(case, at)
    report = case.report
    if report is None:
        yield NotReported()
    else:
        if report.signed_at is not None:
            yield AlreadySigned()
        yield from _between_us(case, report, at)
        yield from not_before(report.sent_at, at)
    yield SuperiorReceiptSigned.as_told(command)


def _between_us(case: Case, report: Report, at: Setting) -> Objections:
    """The superior's unit, or the one that sent the report."""
    transfer = case.custody.transfer
    sender = transfer.from_unit if transfer else None
    if at.actor.unit_code not in (report.to_unit, sender):
        yield NotTheReceiver(unit=report.to_unit)


class ReceiveSuperiorDecision(Reply, Command):
    """上级回复: the station has the superior's answer in hand."""

    type: Literal["receive_superior_decision"] = "receive_superior_decision"


def receive_superior_decision(case: Case, command: ReceiveSuperiorDecision, at: Setting) -> Ruling:
    yield from open_case(case, at)
    report = case.report
    if report is None:
        yield NotReported()
    else:
        if report.replied_at is not None:
            yield AlreadyReplied()
        yield from not_before(report.signed_at or report.sent_at, at)
    yield SuperiorDecisionReceived.as_told(command)


SuperiorAction = ReportToSuperior | SignSuperiorReceipt | ReceiveSuperiorDecision


def decide(case: Case, command: SuperiorAction, at: Setting) -> Ruling:
    match command:
        case ReportToSuperior():
            return report_to_superior(case, command, at)
        case SignSuperiorReceipt():
            return sign_superior_receipt(case, command, at)
        case ReceiveSuperiorDecision():
            return receive_superior_decision(case, command, at)
        case _:
            assert_never(command)
