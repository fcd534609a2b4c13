"""What can have happened to the papers on their way, and who holds the case after it."""

from dataclasses import replace
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from domain.case.state import Case, Holder, Transfer, doer
from domain.case.values import Materials
from domain.grammar import Code, Day, DocumentNo, Envelope, Fact, Label, Prose, Value

Differences = Annotated[tuple[Label, ...], Field(max_length=100)]
"""What was not there, or not as listed, when the receiver signed."""


class TransferForm(Value):
    """交接单: who is to take the case over, with which papers."""

    to_unit: Code
    to_post: Code | None = None
    materials: Materials = ()
    seals: Annotated[tuple[DocumentNo, ...], Field(max_length=50)] = ()
    transport: Label | None = None
    """系统 or 人工, and by whom."""
    expected_by: Day | None = None
    batch_no: DocumentNo | None = None
    """移交批次: one trip carries many cases, each recorded in its own stream."""


class CaseForwardedToStation(TransferForm, Fact):
    """Sent on; the sender still holds the case."""

    TOPIC: ClassVar[str] = "case.forwarded_to_station.v1"
    LABEL: ClassVar[str] = "转办"


class SignatureForm(Value):
    """签收: the receiver takes the case over."""

    materials: Materials = ()
    differences: Differences = ()
    batch_no: DocumentNo | None = None


class StationReceiptSigned(SignatureForm, Fact):
    """Custody moves here."""

    TOPIC: ClassVar[str] = "case.station_receipt_signed.v1"
    LABEL: ClassVar[str] = "站所签收"


class ReturnForm(Value):
    reason: Prose
    missing: Differences = ()


class TransferReturned(ReturnForm, Fact):
    """On its way back to whoever sent it, who holds it again on signing."""

    TOPIC: ClassVar[str] = "case.transfer_returned.v1"
    LABEL: ClassVar[str] = "退回"

    to_unit: Code


class ReturnReceiptSigned(SignatureForm, Fact):
    TOPIC: ClassVar[str] = "case.return_receipt_signed.v1"
    LABEL: ClassVar[str] = "退件签收"


CustodyFact = CaseForwardedToStation | StationReceiptSigned | TransferReturned | ReturnReceiptSigned


def evolve(case: Case, fact: CustodyFact, envelope: Envelope) -> Case:
    match fact:
        case CaseForwardedToStation(to_unit=to_unit, to_post=to_post):
            return sent(case, envelope, to_unit, to_post)
        case StationReceiptSigned():
            return taken_over(case, envelope)
        case TransferReturned(to_unit=to_unit):
            case = sent(case, envelope, to_unit, None, is_return=True)
            return replace(case, custody=replace(case.custody, returns=case.custody.returns + 1))
        case ReturnReceiptSigned():
            return taken_over(case, envelope)
        case _:
            assert_never(fact)


def sent(
    case: Case,
    envelope: Envelope,
    to_unit: str,
    to_post: str | None,
    *,
    is_return: bool = False,
    is_report: bool = False,
) -> Case:
    """The case on its way; its holder stays."""
    transfer = Transfer(
        sent_at=envelope.occurred_at,
        sent_by=doer(envelope.actor),
        from_unit=envelope.actor.unit_code,
        to_unit=to_unit,
        to_post=to_post,
        is_return=is_return,
        is_report=is_report,
    )
    return replace(case, custody=replace(case.custody, transfer=transfer))


def taken_over(case: Case, envelope: Envelope, *, by_unit: str | None = None) -> Case:
    """The case in the hands of the unit that signed: the actor's, unless another is named."""
    actor, custody = envelope.actor, case.custody
    is_back = custody.transfer is not None and custody.transfer.is_return
    signs_for_itself = by_unit in (None, actor.unit_code)
    holder = Holder(
        since=envelope.occurred_at,
        unit_code=by_unit or actor.unit_code,
        post_id=actor.post_id if signs_for_itself else None,
        staff_id=doer(actor) if signs_for_itself else None,
    )
    return replace(
        case,
        custody=replace(
            custody,
            holder=holder,
            previous=None if is_back else custody.holder,
            transfer=None,
            signed_transfers=custody.signed_transfers + 1,
        ),
    )
