"""What can have happened to a case that is reported up 报批. Source: 行政许可法 Arts. 35, 43."""

from dataclasses import replace
from typing import ClassVar, assert_never

from domain.case.custody.events import sent, taken_over
from domain.case.state import Case, Report
from domain.case.values import Materials
from domain.grammar import Code, DocumentNo, Envelope, Fact, Label, Prose, Value


class ReportForm(Value):
    """初审意见 and all material, straight to the superior (Art. 35)."""

    to_unit: Code
    opinion: Prose
    materials_complete: bool
    materials: Materials = ()


class CaseReportedToSuperior(ReportForm, Fact):
    TOPIC: ClassVar[str] = "case.reported_to_superior.v1"
    LABEL: ClassVar[str] = "上报"


class SuperiorSignature(Value):
    receipt_no: DocumentNo | None = None
    signed_by: Label | None = None
    """The superior's desk that signed, where its staff are not registered here; never a person's name."""


class SuperiorReceiptSigned(SuperiorSignature, Fact):
    TOPIC: ClassVar[str] = "case.superior_receipt_signed.v1"
    LABEL: ClassVar[str] = "上级签收"


class Reply(Value):
    is_approved: bool
    document_no: DocumentNo | None = None
    opinion: Prose | None = None


class SuperiorDecisionReceived(Reply, Fact):
    """The reply is here, and the case with it."""

    TOPIC: ClassVar[str] = "case.superior_decision_received.v1"
    LABEL: ClassVar[str] = "上级回复"


SuperiorFact = CaseReportedToSuperior | SuperiorReceiptSigned | SuperiorDecisionReceived


def evolve(case: Case, fact: SuperiorFact, envelope: Envelope) -> Case:
    report, moment = case.report, envelope.occurred_at
    match fact:
        case CaseReportedToSuperior(to_unit=to_unit):
            case = sent(case, envelope, to_unit, None, is_report=True)
            return replace(case, report=Report(to_unit, moment))
        case SuperiorReceiptSigned():
            case = taken_over(case, envelope, by_unit=report.to_unit if report else None)
            return replace(case, report=report and replace(report, signed_at=moment))
        case SuperiorDecisionReceived(is_approved=is_approved):
            case = taken_over(case, envelope)
            replied = report and replace(report, replied_at=moment, is_approved=is_approved)
            return replace(case, report=replied)
        case _:
            assert_never(fact)
