"""Refusals of the village agent's errand, the decision, its delivery, the money and the end."""

from datetime import date

from domain.case import rejections
from domain.case.agency import rejections as agency
from domain.case.agency.commands import (
    CollectResult,
    HandToHall,
    PickUpPapers,
    ReturnToApplicant,
    RevokeEntrustment,
    SignHallReceipt,
)
from domain.case.decision import rejections as decision
from domain.case.decision.commands import Approve, CloseAsInstant
from domain.case.delivery import rejections as delivery
from domain.case.delivery.commands import ReceiveCertificateAtHall
from domain.case.ending import rejections as ending
from domain.case.ending.commands import Archive, Conclude, Reopen, Terminate
from domain.case.fees import rejections as fees
from domain.case.fees.commands import ChargeFee, RefundFee
from domain.case.intake import rejections as intake
from domain.case.values import Scope
from domain.item import ITEM
from domain.item.commands import PublishItemVersion
from tests import county
from tests.examples import (
    DIGEST,
    NEIGHBOUR,
    a_case_handled,
    a_case_picked_up,
    a_case_signed_by_the_hall,
    a_case_with_a_certificate,
    a_case_with_a_fee,
    a_concluded_case,
    a_delivered_case,
    a_mandate,
    a_received_case,
    an_accepted_case,
    an_agents_approved_case,
    an_approved_case,
    an_entrusted_case,
    an_instant_case_accepted,
    an_instant_case_rejected,
    delivering,
    entrusting,
    issuing,
    receiving,
)
from tests.spec import at, deed, given, given_nothing

APPROVE = Approve(decision_no="2026-17")
STATION, APPROVER, CLERK = county.HANDLER_POST, county.APPROVER_POST, county.TOWN_CLERK_POST


def refunding(amount, receipt="JK-1"):
    return RefundFee(receipt_no=receipt, amount_fen=amount, reason="多收")


def charging(amount=800, standard=county.FEE, receipt="JK-2"):
    return ChargeFee(standard_id=standard, amount_fen=amount, receipt_no=receipt)


def with_a_certificate():
    """The county, where the result of a homestead case is a certificate."""
    catalogue = county.a_county()
    item = catalogue.item(county.HOMESTEAD, date(2026, 3, 3))
    changed = {"version": "2", "valid_from": date(2026, 1, 1), "result_title": "宅基地批准书"}
    county.enter(catalogue, ITEM, PublishItemVersion(item=item.model_copy(update=changed)))
    return catalogue


def handing_back():
    return ReturnToApplicant(signature_sha256=DIGEST)


def terminating(approved_by="a-organ-head"):
    return Terminate(ground="申请人死亡", approved_by=approved_by)


REFUSED = [
    # the village agent
    (agency.PointUnknown, lambda: given_nothing().when(entrusting(point="nowhere"))),
    (agency.AlreadyEntrusted, lambda: given(*an_entrusted_case()).when(entrusting())),
    (intake.OtherApplicant, lambda: given(*a_received_case()).when(entrusting(applicant_ref=NEIGHBOUR))),
    (
        intake.OtherApplicant,
        lambda: given(*a_case_signed_by_the_hall()).when(receiving(applicant_ref=NEIGHBOUR)),
    ),
    (agency.NotEntrusted, lambda: given(*a_received_case()).when(PickUpPapers())),
    (
        agency.NotEntrusted,
        lambda: given(*an_entrusted_case(), deed(RevokeEntrustment(), "03-02 10:00")).when(PickUpPapers()),
    ),
    (
        agency.NotTheAgent,
        lambda: given(*an_entrusted_case()).when(PickUpPapers(), by=county.OTHER_AGENT_POST),
    ),
    (agency.NotMandatedTo, lambda: given(*an_entrusted_case(scope=Scope.collect)).when(PickUpPapers())),
    (
        agency.NotMandatedTo,
        lambda: given_nothing().when(entrusting(mandate=a_mandate(expires_on=at("03-02 00:00").date()))),
    ),
    (agency.PapersWithTheAgent, lambda: given(*a_case_picked_up()).when(PickUpPapers())),
    (
        agency.NothingPickedUp,
        lambda: given(*an_entrusted_case()).when(HandToHall(to_unit=county.TOWN_CENTRE)),
    ),
    (agency.NothingHandedOver, lambda: given(*a_case_picked_up()).when(SignHallReceipt())),
    (agency.NothingToHandBack, lambda: given(*an_entrusted_case()).when(handing_back())),
    (agency.NotEntrusted, lambda: given(*a_received_case()).when(handing_back())),
    # decision
    (decision.NoAuthority, lambda: given(*a_case_handled()).when(APPROVE, by=county.CIVIL_APPROVER_POST)),
    (
        decision.DecidedByAcceptor,
        lambda: given(*a_case_handled()).when(
            APPROVE, by=county.actor_at(APPROVER).model_copy(update={"staff_id": "a-town-clerk"})
        ),
    ),
    (decision.NotAnInstantItem, lambda: given(*an_accepted_case()).when(CloseAsInstant())),
    (
        decision.NotTheSameDay,
        lambda: given(*an_instant_case_accepted()).when(CloseAsInstant(), "03-04 09:00"),
    ),
    (decision.AlreadyRejected, lambda: given(*an_instant_case_rejected()).when(CloseAsInstant(), by=CLERK)),
    # result
    (
        delivery.CertificateAlreadyIssued,
        lambda: given(*a_case_with_a_certificate()).when(issuing(), by=STATION),
    ),
    (
        delivery.CertificateUnknown,
        lambda: given(*a_case_with_a_certificate()).when(ReceiveCertificateAtHall(certificate_no="ZJD-2")),
    ),
    (
        delivery.CertificateUnknown,
        lambda: given(*an_agents_approved_case()).when(CollectResult(certificate_nos=("ZJD-2",))),
    ),
    (
        delivery.CertificateAlreadyDelivered,
        lambda: given(*a_delivered_case()).when(delivering(certificate_nos=("ZJD-1",))),
    ),
    (delivery.NothingToDeliver, lambda: given(*a_delivered_case()).when(delivering())),
    (
        delivery.NothingToDeliver,
        lambda: given(*an_approved_case(), catalogue=with_a_certificate()).when(delivering()),
    ),
    (delivery.RecipientNotEntitled, lambda: given(*a_case_with_a_certificate()).when(delivering(NEIGHBOUR))),
    (
        delivery.IdentityNotChecked,
        lambda: given(*a_case_with_a_certificate()).when(delivering(identity_checked=False)),
    ),
    # money
    (fees.FeeWithoutStandard, lambda: given(*an_accepted_case()).when(charging(standard="SF-0"))),
    (fees.FeeWithoutStandard, lambda: given(*an_accepted_case()).when(charging(standard=None))),
    (fees.FeeAboveStandard, lambda: given(*an_accepted_case()).when(charging(1001))),
    (fees.FeeAboveStandard, lambda: given(*a_case_with_a_fee()).when(charging(201))),
    (fees.ReceiptAlreadyUsed, lambda: given(*a_case_with_a_fee()).when(charging(100, receipt="JK-1"))),
    (fees.NothingCharged, lambda: given(*an_accepted_case()).when(refunding(100))),
    (
        rejections.BeforeItsCause,
        lambda: given(*a_case_with_a_fee()).when(refunding(100), "03-03 09:50", recorded="03-03 11:00"),
    ),
    (
        fees.RefundAboveFee,
        lambda: given(*a_case_with_a_fee(), deed(refunding(500), "03-03 11:00")).when(refunding(301)),
    ),
    (fees.RefundAboveFee, lambda: given(*a_case_with_a_fee()).when(refunding(801))),
    # end
    (ending.CaseNotDecided, lambda: given(*an_accepted_case()).when(Conclude())),
    (ending.CertificateNotDelivered, lambda: given(*a_case_with_a_certificate()).when(Conclude())),
    (
        ending.WorkStillRecorded,
        lambda: given(*a_delivered_case()).when(Conclude(), "03-12 08:00", recorded="03-12 10:00"),
    ),
    (
        ending.NotASecondPerson,
        lambda: given(*an_accepted_case()).when(terminating("a-organ-head"), by=county.ORGAN_HEAD_POST),
    ),
    (
        ending.NothingToReopen,
        lambda: given(*an_accepted_case()).when(Reopen(basis_document="行复〔2026〕1号")),
    ),
    (ending.CaseNotEnded, lambda: given(*an_approved_case()).when(Archive(package_sha256=DIGEST))),
    (
        ending.AlreadyArchived,
        lambda: given(*a_concluded_case(), deed(Archive(package_sha256=DIGEST), "03-13 09:00")).when(
            Archive(package_sha256=DIGEST)
        ),
    ),
]
