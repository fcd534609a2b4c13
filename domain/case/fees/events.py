"""What can have been charged, given back and paid out. Amounts in 分. Source: 行政许可法 Arts. 58–59."""

from dataclasses import replace
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from domain.case.state import Case, Fee
from domain.grammar import Code, DocumentNo, Envelope, Fact, Fen, Prose, Value

Amount = Annotated[Fen, Field(gt=0)]


class FeeForm(Value):
    standard_id: Code | None = None
    """收费标准; left out only where a legacy record names none."""
    amount_fen: Amount
    receipt_no: DocumentNo
    """缴款单号."""


class FeeCharged(FeeForm, Fact):
    TOPIC: ClassVar[str] = "case.fee_charged.v1"
    LABEL: ClassVar[str] = "收费"


class RefundForm(Value):
    receipt_no: DocumentNo
    """The receipt under which it was charged."""
    amount_fen: Amount
    reason: Prose


class FeeRefunded(RefundForm, Fact):
    TOPIC: ClassVar[str] = "case.fee_refunded.v1"
    LABEL: ClassVar[str] = "退费"


class PaymentForm(Value):
    amount_fen: Amount
    batch_no: DocumentNo
    """发放批次."""


class PaymentDisbursed(PaymentForm, Fact):
    TOPIC: ClassVar[str] = "case.payment_disbursed.v1"
    LABEL: ClassVar[str] = "资金发放"


FeesFact = FeeCharged | FeeRefunded | PaymentDisbursed


def evolve(case: Case, fact: FeesFact, envelope: Envelope) -> Case:
    match fact:
        case FeeCharged():
            charged = Fee(fact.receipt_no, fact.standard_id, fact.amount_fen, envelope.occurred_at)
            return replace(case, fees=(*case.fees, charged))
        case FeeRefunded():
            return replace(case, fees=tuple(_refunded(fee, fact) for fee in case.fees))
        case PaymentDisbursed():
            return replace(case, paid_fen=case.paid_fen + fact.amount_fen)
        case _:
            assert_never(fact)


def _refunded(fee: Fee, fact: FeeRefunded) -> Fee:
    if fee.receipt_no != fact.receipt_no:
        return fee
    return replace(fee, refunded_fen=fee.refunded_fen + fact.amount_fen)
