"""What comes of the decision: certificates, fees, payments, the way to the applicant, the end, the archive."""

from typing import Final

from domain.case.delivery.commands import (
    DeliverCertificate,
    IssueCertificate,
    NotifyApplicant,
    ReceiveCertificateAtHall,
    RecordFailedDelivery,
)
from domain.case.delivery.events import DeliveryMethod
from domain.case.ending.commands import Archive, Conclude
from domain.case.fees.commands import ChargeFee, DisbursePayment, RefundFee
from domain.grammar import Actor
from domain.window.values import Role
from ops.demo.course import Course, Delivery
from ops.demo.plots.opening import Errand, collected_by_the_agent, digest
from ops.demo.story import Story

DELIVERY_DAYS: Final = 10
"""行政许可法 Art. 44."""
PAYMENT_CLASS: Final = "05"
"""行政给付, GB/T 39046 A.1."""
RETENTION_YEARS: Final = 30
REFUNDED_SHARE: Final = 0.3


def carried_out(story: Story, course: Course, handler: Actor, errand: Errand | None) -> None:
    """From the decision to the end; some results are never collected."""
    if story.is_approved and story.item.class_code == PAYMENT_CLASS and handler.role != Role.window_clerk:
        _paid(story, handler)
    if story.is_approved and story.item.result_title:
        _issued(story, handler)
        if course.delivery is Delivery.uncollected:
            story.mark("uncollected")
            return
        _delivered(story, course.delivery, errand)
    else:
        story.after(minutes=45)
        story.does(story.clerk, NotifyApplicant(method="短信"))
    _ended(story, course)


def charged(story: Story) -> None:
    """收费 under the published standard; now and then too much is taken in several sums and one is paid back."""
    for standard in story.item.fee_standards[:1]:
        story.after(minutes=6)
        story.mark("fee")
        receipt_no = story.code("JF")
        fee = ChargeFee(
            standard_id=standard.standard_id, amount_fen=standard.at_most_fen, receipt_no=receipt_no
        )
        story.does(story.clerk, fee)
        if story.chance.random() < REFUNDED_SHARE:
            story.mark("refund")
            story.after(minutes=30)
            refund = RefundFee(receipt_no=receipt_no, amount_fen=standard.at_most_fen, reason="小微企业减免")
            story.does(story.clerk, refund)


def _paid(story: Story, handler: Actor) -> None:
    if handler.role not in (Role.handler, Role.approver):
        return
    story.mark("payment")
    story.after(days=story.chance.randrange(1, 6))
    amount_fen = story.chance.randrange(100, 4000) * 100
    story.does(handler, DisbursePayment(amount_fen=amount_fen, batch_no=f"FF-{story.today:%Y%m}"))


def _issued(story: Story, handler: Actor) -> None:
    story.certificate_no = story.code("ZZ")
    story.after(minutes=story.chance.randrange(30, 300))
    certificate = IssueCertificate(
        certificate_no=story.certificate_no,
        title=story.item.result_title or "",
        issuer=handler.unit_code or story.window.unit_code,
        valid_from=story.today,
    )
    story.does(handler, certificate)
    if handler.unit_code != story.window.unit_code:
        story.after(days=story.chance.randrange(1, 3))
        arrival = ReceiveCertificateAtHall(certificate_no=story.certificate_no, from_unit=handler.unit_code)
        story.does(story.clerk, arrival)
    story.after(minutes=15)
    story.does(story.clerk, NotifyApplicant(method=story.chance.choice(("短信", "电话"))))


def _delivered(story: Story, delivery: Delivery, errand: Errand | None) -> None:
    late = delivery is Delivery.late
    if delivery is Delivery.failed_first:
        story.mark("delivery_failed")
        story.after(days=1)
        story.does(story.clerk, RecordFailedDelivery(reason="电话无人接听,上门无人"))
    days = DELIVERY_DAYS + story.chance.randrange(2, 9) if late else story.chance.randrange(4)
    story.after(days=days, minutes=10)
    if late:
        story.mark("delivered_late")
    if errand is not None:
        collected_by_the_agent(story, errand)
        return
    is_sent = delivery is Delivery.courier
    delivered = DeliverCertificate(
        recipient_ref=story.applicant.ref,
        relation="本人",
        identity_checked=not is_sent,
        method=DeliveryMethod.courier if is_sent else DeliveryMethod.window,
        certificate_nos=(story.certificate_no,) if story.certificate_no else (),
        signature_sha256=None if is_sent else digest("delivery", story.case_no),
        waybill_no=story.code("YD") if is_sent else None,
    )
    story.does(story.clerk, delivered)


def _ended(story: Story, course: Course) -> None:
    story.after(minutes=10)
    if not story.is_closed:
        story.does(story.clerk, Conclude(result="准予" if story.is_approved else "不予"))
    if course.is_archived:
        story.after(days=story.chance.randrange(5, 25))
        package = Archive(package_sha256=digest("archive", story.case_no), retention_years=RETENTION_YEARS)
        story.does(story.clerk, package)
