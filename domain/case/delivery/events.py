"""What can have happened to the result on its way to the applicant. Source: 行政许可法 Art. 44."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from domain.case.state import Case, Certificate
from domain.grammar import Code, Day, DocumentNo, Envelope, Fact, Instant, Label, Prose, Sha256, Value
from domain.references import PersonRef

CertificateNos = Annotated[tuple[DocumentNo, ...], Field(max_length=50)]


class CertificateForm(Value):
    certificate_no: DocumentNo
    title: Label
    """证照名称."""
    issuer: Code
    """发证单位."""
    valid_from: Day | None = None
    valid_to: Day | None = None
    e_licence_id: DocumentNo | None = None
    """电子证照标识."""


class CertificateIssued(CertificateForm, Fact):
    TOPIC: ClassVar[str] = "case.certificate_issued.v1"
    LABEL: ClassVar[str] = "制证"


class ArrivalForm(Value):
    certificate_no: DocumentNo
    from_unit: Code | None = None
    condition: Label | None = None


class CertificateArrivedAtHall(ArrivalForm, Fact):
    TOPIC: ClassVar[str] = "case.certificate_arrived_at_hall.v1"
    LABEL: ClassVar[str] = "证照送达窗口"


class NotificationForm(Value):
    method: Label
    """短信, 电话, 当面 …; the number itself lies outside the log."""


class ApplicantNotified(NotificationForm, Fact):
    TOPIC: ClassVar[str] = "case.applicant_notified.v1"
    LABEL: ClassVar[str] = "通知领取"


class DeliveryMethod(StrEnum):
    """领取方式."""

    window = "window"  # 窗口
    courier = "courier"  # 快递
    agent = "agent"  # 代领
    home = "home"  # 上门


class DeliveryForm(Value):
    """领取登记: who received what, on whose check."""

    recipient_ref: PersonRef
    relation: Label | None = None
    """The recipient's relation to the applicant: 本人, 配偶, 代办员 …"""
    identity_checked: bool
    """证件已核验."""
    method: DeliveryMethod
    certificate_nos: CertificateNos = ()
    """Which certificates; none named: all that were issued and not delivered."""
    signature_sha256: Sha256 | None = None
    waybill_no: Code | None = None


class CertificateDelivered(DeliveryForm, Fact):
    TOPIC: ClassVar[str] = "case.certificate_delivered.v1"
    LABEL: ClassVar[str] = "证照送达"


class DeliveryFailure(Value):
    reason: Prose
    next_attempt_at: Instant | None = None


class DeliveryFailed(DeliveryFailure, Fact):
    TOPIC: ClassVar[str] = "case.delivery_failed.v1"
    LABEL: ClassVar[str] = "送达失败"


DeliveryFact = (
    CertificateIssued | CertificateArrivedAtHall | ApplicantNotified | CertificateDelivered | DeliveryFailed
)


def evolve(case: Case, fact: DeliveryFact, envelope: Envelope) -> Case:
    delivery, moment = case.delivery, envelope.occurred_at
    match fact:
        case CertificateIssued():
            issued = Certificate(fact.certificate_no, fact.title, moment)
            return replace(case, certificates=(*case.certificates, issued))
        case CertificateArrivedAtHall(certificate_no=number):
            return replace(
                case,
                certificates=tuple(
                    replace(each, arrived_at=moment) if each.certificate_no == number else each
                    for each in case.certificates
                ),
            )
        case ApplicantNotified():
            return replace(case, delivery=replace(delivery, notified_at=moment))
        case CertificateDelivered():
            return _delivered(case, fact, envelope)
        case DeliveryFailed():
            return replace(case, delivery=replace(delivery, failed_attempts=delivery.failed_attempts + 1))
        case _:
            assert_never(fact)


def _delivered(case: Case, fact: CertificateDelivered, envelope: Envelope) -> Case:
    moment, named = envelope.occurred_at, fact.certificate_nos
    certificates = tuple(
        replace(each, delivered_at=each.delivered_at or moment)
        if not named or each.certificate_no in named
        else each
        for each in case.certificates
    )
    delivery = replace(
        case.delivery, delivered_at=moment, method=fact.method.value, recipient_ref=fact.recipient_ref
    )
    return replace(case, certificates=certificates, delivery=delivery)
