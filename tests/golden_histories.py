"""The deeds of which the golden examples of cases, contacts, signals and investigations are made: one history a stream."""

from datetime import date

from domain.case.acceptance.commands import DeemAccepted, RefuseAcceptance
from domain.case.agency.commands import ReturnToApplicant, RevokeEntrustment
from domain.case.custody.commands import ReturnTransfer, SignReturnReceipt
from domain.case.delivery.commands import NotifyApplicant, RecordFailedDelivery
from domain.case.ending.commands import Archive, LinkDuplicate, Reopen, Terminate, WithdrawCase
from domain.case.fees.commands import DisbursePayment, RefundFee
from domain.case.intake.commands import CorrectOnSpot
from domain.case.joint.commands import ConsolidateJointReview, ReturnOpinion
from domain.case.joint.events import Stance
from domain.case.pauses.commands import ApproveExtension, InvalidateSpecialProcedure
from domain.case.steps.commands import (
    CompleteStep,
    ReassignHandler,
    RecordSiteInspection,
    RemindStage,
    StartStep,
)
from domain.case.steps.events import ReassignmentReason
from domain.case.superior.commands import ReceiveSuperiorDecision
from domain.contact.commands import AnswerConsultation, HandOverFirstAsk, RegisterFirstAsk
from domain.grammar import Device
from domain.perusal.commands import ExportRecords, SearchRecords, ViewCaseFile
from domain.signal.commands import AppealSignal, RaiseSignal, ReplyToSignal, UpholdSignal, WithdrawSignal
from domain.signal.values import Figure, Light, RuleCode, WithdrawalReason
from tests import county, examples, inquiries
from tests.examples import DIGEST, LEAD, SCAN, VOUCHED
from tests.spec import at, deed

STREAM = "case:61099910100020260303000017"
STATION, CLERK = county.HANDLER_POST, county.TOWN_CLERK_POST

HISTORIES = (
    (
        deed(
            examples.receiving(external_ref="HB-7", receipt_sha256=DIGEST, object_ref="ZD-12"),
            "03-03 09:00",
            recorded="03-06 09:00",
            place="清溪县便民服务中心3号窗口",
            basis="土地管理法 Art. 62",
            device=Device(device_id="D-7", device_seq=41, clock_offset_ms=2000),
            backfill=VOUCHED,
            attachments=(SCAN,),
        ),
    ),
    (
        *examples.a_supplied_case(),
        deed(CorrectOnSpot(what="补填电话", material_codes=("M1",)), "03-06 09:10"),
        deed(LinkDuplicate(other_case="X-2", governing_case="X-2"), "03-06 09:20"),
        deed(WithdrawCase(reason="不办了"), "03-06 09:30"),
    ),
    (*examples.a_received_case(), deed(DeemAccepted(), "03-11 00:10")),
    (
        *examples.a_received_case(),
        deed(
            RefuseAcceptance(
                reason_code="2", reasons="非本机关职权", remedies="六十日内申请复议", redirect_to="县林业局"
            ),
            "03-03 10:00",
        ),
    ),
    (*examples.a_returned_case(), deed(SignReturnReceipt(differences=("缺附图",)), "03-04 15:00")),
    (
        *examples.a_case_at_the_station(),
        deed(StartStep(step_code="CB", step_title="承办"), "03-04 10:00"),
        deed(
            CompleteStep(step_code="CB", step_title="承办", opinion="同意", started_at=at("03-04 10:00")),
            "03-05 09:00",
            by=STATION,
        ),
        deed(
            ReassignHandler(
                from_staff="a-handler",
                to_staff="b-handler",
                to_post=STATION,
                reason=ReassignmentReason.stand_in,
            ),
            "03-05 10:00",
        ),
        deed(
            RecordSiteInspection(
                inspectors=("a-handler", "b-handler"),
                findings="四至清楚",
                photos=(SCAN,),
                latitude_e6=32_689_000,
                longitude_e6=109_029_000,
            ),
            "03-05 11:00",
            by=STATION,
        ),
        deed(RemindStage(to_unit=county.LAND_STATION, to_staff="b-handler", about="请尽快"), "03-05 12:00"),
        deed(ApproveExtension(days=5, reason="案情复杂", notified_at=at("03-05 13:00")), "03-05 13:00"),
        deed(ReturnTransfer(reason="不符", missing=("附图",)), "03-05 14:00", by=STATION),
    ),
    (
        *examples.a_resumed_case(),
        deed(InvalidateSpecialProcedure(procedure_no=1, grounds="未到现场"), "03-11 09:00"),
        deed(Terminate(ground="申请人死亡", approved_by="a-government-head"), "03-11 10:00"),
    ),
    (
        *examples.a_joint_case(),
        deed(ReturnOpinion(stance=Stance.agrees, opinion="同意"), "03-05 09:00", by=county.HOUSING_HANDLER_POST),
        deed(
            ConsolidateJointReview(summary="同意", silent_units=(county.FIRE,)), "03-23 09:00", by=LEAD
        ),
    ),
    (
        *examples.a_case_with_the_superior(),
        deed(ReceiveSuperiorDecision(is_approved=True, document_no="批-3", opinion="同意"), "03-20 09:00"),
    ),
    (
        *examples.a_case_collected_by_the_agent(),
        deed(ReturnToApplicant(certificate_nos=("ZJD-1",), signature_sha256=DIGEST), "03-12 15:00"),
        deed(RevokeEntrustment(reason="办完"), "03-12 16:00"),
    ),
    examples.a_rejected_case(),
    (
        *examples.a_case_with_a_certificate(),
        deed(NotifyApplicant(method="短信"), "03-11 10:00"),
        deed(RecordFailedDelivery(reason="无人在家", next_attempt_at=at("03-12 09:00")), "03-11 15:00"),
    ),
    (
        *examples.a_concluded_case(),
        deed(DisbursePayment(amount_fen=150_000, batch_no="2026-03"), "03-13 08:00"),
        deed(Archive(package_sha256=DIGEST, retention_years=30), "03-13 09:00"),
        deed(
            Reopen(basis_document="行初〔2026〕3号", basis_sha256=DIGEST, decide_by=date(2026, 6, 1)),
            "05-06 09:00",
        ),
    ),
    examples.an_instant_case_closed(),
    (
        *examples.a_case_with_a_fee(),
        deed(RefundFee(receipt_no="JK-1", amount_fen=300, reason="减免"), "03-03 11:00"),
    ),
    (
        deed(RegisterFirstAsk(asker_ref=examples.VILLAGER, matter="建房要哪些材料"), "03-03 09:00"),
        deed(HandOverFirstAsk(to_staff="a-handler", to_unit=county.LAND_STATION, note="归站里管"), "03-03 09:10"),
        deed(AnswerConsultation(answer="身份证与户口簿", case_no="X-1"), "03-03 10:00", by=STATION),
    ),
    (
        deed(
            RaiseSignal(
                rule_code=RuleCode.over_promise,
                light=Light.yellow,
                subject=STREAM,
                case_no=STREAM.removeprefix("case:"),
                facts=(3,),
                due=date(2026, 3, 24),
                state_on=date(2026, 3, 25),
                unit_code=county.LAND_STATION,
                post_id=STATION,
                person="a-handler",
                figures=(Figure(what="used_days", value=16), Figure(what="limit_days", value=15)),
            ),
            "03-25 00:01",
        ),
        deed(ReplyToSignal(reply="等待勘察结果，已催办"), "03-26 09:00"),
        deed(AppealSignal(grounds="勘察期间不应计算"), "03-26 10:00"),
        deed(UpholdSignal(findings="勘察未书面告知申请人"), "03-27 09:00"),
        deed(WithdrawSignal(reason=WithdrawalReason.record, explanation="告知书已补入案卷"), "03-30 09:00"),
    ),
    inquiries.a_concluded_investigation(),
    (
        deed(ViewCaseFile(case_no=STREAM.removeprefix("case:")), "03-30 09:00"),
        deed(SearchRecords(of="v1/cases", by=("holder", "status")), "03-30 09:10"),
        deed(ExportRecords(of="v1/cases", by=("unit",), format="xlsx"), "03-30 09:20"),
    ),
)  # fmt: skip
