"""What can be asked about the result on its way, and the rules."""

from typing import Literal, assert_never

from domain.admission import Objections
from domain.case.delivery.events import (
    ApplicantNotified,
    ArrivalForm,
    CertificateArrivedAtHall,
    CertificateDelivered,
    CertificateForm,
    CertificateIssued,
    DeliveryFailed,
    DeliveryFailure,
    DeliveryForm,
    DeliveryMethod,
    NotificationForm,
)
from domain.case.delivery.rejections import (
    CertificateAlreadyDelivered,
    CertificateAlreadyIssued,
    CertificateUnknown,
    IdentityNotChecked,
    NothingToDeliver,
    RecipientNotEntitled,
)
from domain.case.order import approved, not_before, open_case
from domain.case.rejections import CaseNotApproved
from domain.case.setting import Setting
from domain.case.state import Case, Certificate
from domain.grammar import Command, Ruling


class IssueCertificate(CertificateForm, Command):
    """制证: the result of an approval, on paper or as an electronic licence."""

    type: Literal["issue_certificate"] = "issue_certificate"


def issue_certificate(case: Case, command: IssueCertificate, at: Setting) -> Ruling:
    yield from approved(case, at)
    if _numbered(case, command.certificate_no) is not None:
        yield CertificateAlreadyIssued(certificate_no=command.certificate_no)
    yield CertificateIssued.as_told(command)


class ReceiveCertificateAtHall(ArrivalForm, Command):
    """证照送达窗口."""

    type: Literal["receive_certificate_at_hall"] = "receive_certificate_at_hall"


def receive_certificate_at_hall(case: Case, command: ReceiveCertificateAtHall, at: Setting) -> Ruling:
    yield from approved(case, at)
    yield from _issued(_numbered(case, command.certificate_no), command.certificate_no, at)
    yield CertificateArrivedAtHall.as_told(command)


class NotifyApplicant(NotificationForm, Command):
    """通知领取: of an approval's result, or of a refusal's document."""

    type: Literal["notify_applicant"] = "notify_applicant"


def notify_applicant(case: Case, command: NotifyApplicant, at: Setting) -> Ruling:
    yield from _decided(case, at)
    yield ApplicantNotified.as_told(command)


class DeliverCertificate(DeliveryForm, Command):
    """领取登记: into the hands of the applicant, or of somebody they sent."""

    type: Literal["deliver_certificate"] = "deliver_certificate"


def deliver_certificate(case: Case, command: DeliverCertificate, at: Setting) -> Ruling:
    yield from approved(case, at)
    for number in command.certificate_nos:
        certificate = _numbered(case, number)
        yield from _issued(certificate, number, at)
        if certificate is not None and certificate.delivered_at is not None:
            yield CertificateAlreadyDelivered(certificate_no=number)
    if not command.certificate_nos:
        yield from _something_to_deliver(case, at)
    if case.application is not None and not may_collect(case, command.recipient_ref, at):
        yield RecipientNotEntitled()
    if command.method is not DeliveryMethod.courier and not command.identity_checked:
        yield IdentityNotChecked()
    yield CertificateDelivered.as_told(command)


def _something_to_deliver(case: Case, at: Setting) -> Objections:
    """A certificate issued and not delivered; none is needed where the item's result is no certificate."""
    outstanding = [each for each in case.certificates if each.delivered_at is None]
    has_certificate = at.item is not None and at.item.result_title is not None
    if not outstanding and (case.certificates or has_certificate):
        yield NothingToDeliver()
    for certificate in outstanding:
        yield from not_before(certificate.issued_at, at)


def may_collect(case: Case, person_ref: str, at: Setting) -> bool:
    """The applicant, or an agent whose mandate to collect stands on the day."""
    if case.application is not None and case.application.applicant_ref == person_ref:
        return True
    return any(
        mandate.agent_ref == person_ref and mandate.scope.collects and mandate.holds(at.day)
        for mandate in case.mandates
    )


class RecordFailedDelivery(DeliveryFailure, Command):
    """送达失败: nobody there, refused, wrong address."""

    type: Literal["record_failed_delivery"] = "record_failed_delivery"


def record_failed_delivery(case: Case, command: RecordFailedDelivery, at: Setting) -> Ruling:
    yield from _decided(case, at)
    yield DeliveryFailed.as_told(command)


def _decided(case: Case, at: Setting) -> Objections:
    if case.decision is not None and case.decision.is_approval:
        yield from approved(case, at)
        return
    yield from open_case(case, at)
    if case.decision is None:
        yield CaseNotApproved()
    else:
        yield from not_before(case.decision.decided_at, at)


def _numbered(case: Case, certificate_no: str) -> Certificate | None:
    return next((each for each in case.certificates if each.certificate_no == certificate_no), None)


def _issued(certificate: Certificate | None, certificate_no: str, at: Setting) -> Objections:
    if certificate is None:
        yield CertificateUnknown(certificate_no=certificate_no)
    else:
        yield from not_before(certificate.issued_at, at)


DeliveryAction = (
    IssueCertificate | ReceiveCertificateAtHall | NotifyApplicant | DeliverCertificate | RecordFailedDelivery
)


def decide(case: Case, command: DeliveryAction, at: Setting) -> Ruling:
    match command:
        case IssueCertificate():
            return issue_certificate(case, command, at)
        case ReceiveCertificateAtHall():
            return receive_certificate_at_hall(case, command, at)
        case NotifyApplicant():
            return notify_applicant(case, command, at)
        case DeliverCertificate():
            return deliver_certificate(case, command, at)
        case RecordFailedDelivery():
            return record_failed_delivery(case, command, at)
        case _:
            assert_never(command)
