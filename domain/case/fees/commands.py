"""What can be asked about money, and the rules: no fee without a published standard."""

from typing import Literal, assert_never

from domain.admission import Objections
from domain.case.fees.events import (
    FeeCharged,
    FeeForm,
    FeeRefunded,
    PaymentDisbursed,
    PaymentForm,
    RefundForm,
)
from domain.case.fees.rejections import (
    FeeAboveStandard,
    FeeWithoutStandard,
    NothingCharged,
    ReceiptAlreadyUsed,
    RefundAboveFee,
)
from domain.case.order import approved, not_before, open_case, received
from domain.case.setting import Setting
from domain.case.state import Case
from domain.grammar import Command, Ruling
from domain.item.values import FeeStandard


class ChargeFee(FeeForm, Command):
    """收费, under a published standard and within it."""

    type: Literal["charge_fee"] = "charge_fee"


def charge_fee(case: Case, command: ChargeFee, at: Setting) -> Ruling:
    if case.ending is not None and case.ending.is_instant:
        yield from approved(case, at)
    else:
        yield from open_case(case, at)
    if any(fee.receipt_no == command.receipt_no for fee in case.fees):
        yield ReceiptAlreadyUsed(receipt_no=command.receipt_no)
    yield from _within_standard(case, command, at)
    yield FeeCharged.as_told(command)


def _within_standard(case: Case, command: ChargeFee, at: Setting) -> Objections:
    standard = _standard(command.standard_id, at)
    if standard is None:
        if case.application is not None:
            yield FeeWithoutStandard(standard_id=command.standard_id)
        return
    before = sum(
        fee.amount_fen - fee.refunded_fen for fee in case.fees if fee.standard_id == standard.standard_id
    )
    if before + command.amount_fen > standard.at_most_fen:
        yield FeeAboveStandard(at_most_fen=standard.at_most_fen, charged_before_fen=before)


def _standard(standard_id: str | None, at: Setting) -> FeeStandard | None:
    standards = at.item.fee_standards if at.item else ()
    return next((each for each in standards if each.standard_id == standard_id and each.holds(at.day)), None)


class RefundFee(RefundForm, Command):
    """退费."""

    type: Literal["refund_fee"] = "refund_fee"


def refund_fee(case: Case, command: RefundFee, at: Setting) -> Ruling:
    yield from received(case)
    fee = next((fee for fee in case.fees if fee.receipt_no == command.receipt_no), None)
    if fee is None:
        yield NothingCharged(receipt_no=command.receipt_no)
    else:
        yield from not_before(fee.charged_at, at)
        if fee.refunded_fen + command.amount_fen > fee.amount_fen:
            yield RefundAboveFee(left_fen=fee.amount_fen - fee.refunded_fen)
    yield FeeRefunded.as_told(command)


class DisbursePayment(PaymentForm, Command):
    """资金发放 of an administrative payment 行政给付, after its approval; often after the case was concluded."""

    type: Literal["disburse_payment"] = "disburse_payment"


def disburse_payment(case: Case, command: DisbursePayment, at: Setting) -> Ruling:
    yield from received(case)
    if case.decision is None or not case.decision.is_approval:
        yield from approved(case, at)
    else:
        yield from not_before(case.decision.decided_at, at)
    yield PaymentDisbursed.as_told(command)


FeesAction = ChargeFee | RefundFee | DisbursePayment


def decide(case: Case, command: FeesAction, at: Setting) -> Ruling:
    match command:
        case ChargeFee():
            return charge_fee(case, command, at)
        case RefundFee():
            return refund_fee(case, command, at)
        case DisbursePayment():
            return disburse_payment(case, command, at)
        case _:
            assert_never(command)
