"""States of the world, in the domain's words: each function returns the deeds that lead there.

The usual case: 村民 asks the town's window 3 for building land (item HOMESTEAD: 承诺 15 of 20 days) on Tuesday
3 March 2026. Each example takes up where the one before it ends.
"""

from domain.case.acceptance.commands import AcceptCase
from domain.case.agency.commands import (
    CollectResult,
    EntrustAgent,
    HandToHall,
    PickUpPapers,
    SignHallReceipt,
)
from domain.case.custody.commands import ForwardToStation, ReturnTransfer, SignStationReceipt
from domain.case.decision.commands import Approve, CloseAsInstant, Reject
from domain.case.delivery.commands import (
    DeliverCertificate,
    IssueCertificate,
    ReceiveCertificateAtHall,
)
from domain.case.delivery.events import DeliveryMethod
from domain.case.ending.commands import Conclude
from domain.case.fees.commands import ChargeFee
from domain.case.intake.commands import IssueCorrectionNotice, ReceiveCase, SupplyCorrection
from domain.case.intake.events import Missing
from domain.case.joint.commands import OpenJointReview, RequestOpinion
from domain.case.joint.events import Asked
from domain.case.pauses.commands import EndSpecialProcedure, StartSpecialProcedure
from domain.case.steps.commands import CompleteStep
from domain.case.superior.commands import ReportToSuperior, SignSuperiorReceipt
from domain.case.values import ApplicantType, Mandate, Material, Mode, Origin, Scope
from domain.grammar import Attachment, Backfill
from domain.item.values import SpecialProcedure
from tests import county
from tests.county import person_ref
from tests.spec import at, deed, imported

VILLAGER = person_ref("villager")
NEIGHBOUR = person_ref("neighbour")
AGENT = person_ref("a-agent")
DIGEST = "ab" * 32
SCAN = Attachment(sha256=DIGEST, size_bytes=1000, media_type="image/png", title="签字页")
EXPLAINED = Backfill(reason="停电", evidence=(SCAN,))
VOUCHED = Backfill(reason="停电", evidence=(SCAN,), approved_by="a-director")


# ── intake ──────────────────────────────────────────────────────────────────────────────────────────────────


def receiving(item=county.HOMESTEAD, **different):
    usual = {
        "item_code": item,
        "applicant_ref": VILLAGER,
        "applicant_type": ApplicantType.natural_person,
        "materials": (Material(code="M1"), Material(code="M2")),
        "receipt_no": "SJ-1",
    }
    return ReceiveCase(**usual | different)


def a_received_case(item=county.HOMESTEAD, when="03-03 09:00", **different):
    return (deed(receiving(item, **different), when),)


def missing(code, arises_from=None):
    return Missing(code=code, title=f"材料{code}", basis="办事指南", arises_from=arises_from)


def asking_for(*codes, no="GZ-1"):
    return IssueCorrectionNotice(notice_no=no, missing=tuple(missing(code) for code in codes), method="当面")


def supplying(*codes):
    return SupplyCorrection(materials=tuple(Material(code=code) for code in codes))


def a_case_told_what_is_missing():
    """Received with M1 only; M2 asked for the same day."""
    return (*a_received_case(materials=(Material(code="M1"),)), deed(asking_for("M2"), "03-03 10:00"))


def a_supplied_case():
    """M2 came on Friday 6 March."""
    return (*a_case_told_what_is_missing(), deed(supplying("M2"), "03-06 09:00"))


def an_accepted_case(item=county.HOMESTEAD):
    return (*a_received_case(item), deed(AcceptCase(document_no="SL-1"), "03-03 09:30"))


# ── custody ─────────────────────────────────────────────────────────────────────────────────────────────────


def a_forwarded_case(item=county.HOMESTEAD):
    """On its way to the land station since Tuesday afternoon."""
    forward = ForwardToStation(to_unit=county.LAND_STATION, to_post=county.HANDLER_POST)
    return (*an_accepted_case(item), deed(forward, "03-03 15:00"))


def a_case_at_the_station(item=county.HOMESTEAD):
    """Signed for by the station on Wednesday 4 March."""
    return (*a_forwarded_case(item), deed(SignStationReceipt(), "03-04 09:00", by=county.HANDLER_POST))


def a_returned_case():
    """The station sends it back after signing; the window has not signed yet."""
    return (
        *a_case_at_the_station(),
        deed(ReturnTransfer(reason="材料有误"), "03-04 10:00", by=county.HANDLER_POST),
    )


# ── work ────────────────────────────────────────────────────────────────────────────────────────────────────


def completing(code, title="承办"):
    return CompleteStep(step_code=code, step_title=title)


def a_case_handled():
    """承办 and 审核 done by Friday 6 March."""
    return (
        *a_case_at_the_station(),
        deed(completing("CB"), "03-05 09:00", by=county.HANDLER_POST),
        deed(completing("SH", "审核"), "03-06 09:00", by=county.REVIEWER_POST),
    )


def surveying(**different):
    usual = {
        "kind": SpecialProcedure.site_survey,
        "basis": "土地管理法实施条例",
        "approver": "a-approver",
        "approver_post": county.APPROVER_POST,
        "planned_days": 5,
        "notice_no": "TZ-1",
    }
    return StartSpecialProcedure(**usual | different)


def a_paused_case():
    """现场勘察 from Thursday 5 March, planned for five working days: until 12 March."""
    return (*a_case_at_the_station(), deed(surveying(), "03-05 14:00"))


def a_resumed_case():
    """The survey ended on Tuesday 10 March: 6, 9 and 10 March are not counted."""
    return (*a_paused_case(), deed(EndSpecialProcedure(result="四至清楚"), "03-10 16:00"))


def reviewing():
    units = tuple(
        Asked(unit_code=unit, due=at("03-20 00:00").date()) for unit in (county.HOUSING, county.FIRE)
    )
    return OpenJointReview(units=units)


def asking(unit):
    return RequestOpinion(unit_code=unit, due=at("03-20 00:00").date(), question="是否同意?")


LEAD = county.actor_at(county.HANDLER_POST).model_copy(update={"unit_code": county.LAND})
"""A handler of the lead unit."""


def a_joint_case():
    """Housing and fire have been asked by the land bureau on 4 March, for 20 March."""
    return (
        *an_accepted_case(county.JOINT),
        deed(reviewing(), "03-04 09:00", by=LEAD),
        deed(asking(county.HOUSING), "03-04 09:10", by=LEAD),
        deed(asking(county.FIRE), "03-04 09:20", by=LEAD),
    )


def a_reported_case():
    """Sent up by the station on 9 March."""
    report = ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意上报", materials_complete=True)
    return (*a_case_at_the_station(county.REPORT_UP), deed(report, "03-09 09:00"))


def a_case_with_the_superior():
    sign = deed(SignSuperiorReceipt(receipt_no="SJ-9"), "03-10 09:00", by=county.PREFECTURE_POST)
    return (*a_reported_case(), sign)


# ── the village agent ───────────────────────────────────────────────────────────────────────────────────────


def a_mandate(scope=Scope.full, expires_on=None, agent_ref=AGENT):
    return Mandate(agent_ref=agent_ref, scope=scope, document_sha256=DIGEST, expires_on=expires_on)


def entrusting(point=county.POINT_SHANG, **different):
    usual = {
        "entrust_no": "WT-1",
        "applicant_ref": VILLAGER,
        "mandate": a_mandate(),
        "point_code": point,
        "item_codes": (county.HOMESTEAD,),
    }
    return EntrustAgent(**usual | different)


def an_entrusted_case(point=county.POINT_SHANG, scope=Scope.full):
    """The villager lets the agent act on Monday 2 March."""
    return (deed(entrusting(point, mandate=a_mandate(scope)), "03-02 09:00"),)


def a_case_picked_up(point=county.POINT_SHANG):
    return (*an_entrusted_case(point), deed(PickUpPapers(), "03-02 09:30"))


def a_case_handed_in(point=county.POINT_SHANG):
    return (*a_case_picked_up(point), deed(HandToHall(to_unit=county.TOWN_CENTRE), "03-03 08:30"))


def a_case_signed_by_the_hall(point=county.POINT_SHANG):
    return (*a_case_handed_in(point), deed(SignHallReceipt(), "03-03 08:45"))


def an_agents_case(point=county.POINT_SHANG):
    """Received from the agent on 3 March."""
    return (*a_case_signed_by_the_hall(point), deed(receiving(mode=Mode.agent), "03-03 09:00"))


# ── decision, result, end ───────────────────────────────────────────────────────────────────────────────────


def an_approved_case():
    """Approved on Monday 9 March."""
    return (*a_case_handled(), deed(Approve(decision_no="2026-17"), "03-09 09:00"))


def a_rejected_case():
    refuse = Reject(decision_no="2026-18", reasons="不符合规划", remedies="六十日内申请复议")
    return (*a_case_handled(), deed(refuse, "03-09 09:00"))


def issuing(number="ZJD-1"):
    return IssueCertificate(certificate_no=number, title="宅基地批准书", issuer=county.LAND_STATION)


def a_case_with_a_certificate():
    """Issued on 10 March, at the window on 11 March."""
    return (
        *an_approved_case(),
        deed(issuing(), "03-10 09:00", by=county.HANDLER_POST),
        deed(ReceiveCertificateAtHall(certificate_no="ZJD-1"), "03-11 09:00"),
    )


def delivering(to=VILLAGER, **different):
    usual = {"recipient_ref": to, "identity_checked": True, "method": DeliveryMethod.window}
    return DeliverCertificate(**usual | different)


def a_delivered_case():
    return (*a_case_with_a_certificate(), deed(delivering(), "03-12 09:00"))


def a_concluded_case():
    return (*a_delivered_case(), deed(Conclude(result="准予"), "03-12 10:00"))


def an_instant_case_accepted():
    return an_accepted_case(county.PROOF)


def an_instant_case_closed():
    return (*an_instant_case_accepted(), deed(CloseAsInstant(decision_no="ZM-1"), "03-03 10:00"))


def an_instant_case_rejected():
    refuse = Reject(decision_no="ZM-2", reasons="户籍不在本镇", remedies="六十日内申请复议")
    return (*an_instant_case_accepted(), deed(refuse, "03-03 09:45", by=TOWN_HEAD))


TOWN_HEAD = county.actor_at(county.TOWN_CLERK_POST).model_copy(
    update={"staff_id": "b-town-clerk", "role": "approver"}
)
"""Decides at the window's own post, whose authorisation covers it."""


def a_case_with_a_fee():
    """8 元 of the 10 元 that the standard allows."""
    return (
        *an_accepted_case(),
        deed(ChargeFee(standard_id=county.FEE, amount_fen=800, receipt_no="JK-1"), "03-03 10:00"),
    )


def an_agents_approved_case():
    """Through the village agent to an approval with a certificate."""
    return (
        *an_agents_case(),
        deed(AcceptCase(), "03-03 09:30"),
        *a_case_with_a_certificate()[2:],
    )


def a_case_collected_by_the_agent():
    return (
        *an_agents_approved_case(),
        deed(delivering(AGENT, method=DeliveryMethod.agent), "03-12 09:00"),
        deed(CollectResult(certificate_nos=("ZJD-1",)), "03-12 09:10"),
    )


# ── legacy records ──────────────────────────────────────────────────────────────────────────────────────────


ORIGIN = Origin(
    source_channel="Desk",
    department="General",
    group="Group 2",
    responsible="Resource21",
    deadline=at("04-01 12:00"),
    planned_end=at("03-20 12:00"),
)


def a_legacy_case():
    """Taken over from another system that named no applicant and gave the limits itself."""
    receive = receiving(applicant_ref=None, applicant_type=None, external_ref="case-10011", origin=ORIGIN)
    return (imported(receive, "03-03 09:00", unit="Group-1", person="Resource21"),)
