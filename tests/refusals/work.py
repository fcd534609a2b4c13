"""Refusals on the way: custody, steps, pauses, joint review, reporting up."""

from domain.case.custody import rejections as custody
from domain.case.custody.commands import (
    ForwardToStation,
    ReturnTransfer,
    SignReturnReceipt,
    SignStationReceipt,
)
from domain.case.decision.commands import Approve
from domain.case.ending.commands import Terminate
from domain.case.joint import rejections as joint
from domain.case.joint.commands import ConsolidateJointReview, ReturnOpinion
from domain.case.joint.events import Stance
from domain.case.pauses import rejections as pauses
from domain.case.pauses.commands import ApproveExtension, EndSpecialProcedure, InvalidateSpecialProcedure
from domain.case.steps import rejections as steps
from domain.case.steps.commands import ReassignHandler, RecordSiteInspection, StartStep
from domain.case.steps.events import ReassignmentReason
from domain.case.superior import rejections as superior
from domain.case.superior.commands import ReceiveSuperiorDecision, ReportToSuperior, SignSuperiorReceipt
from domain.item.values import SpecialProcedure
from tests import county
from tests.examples import (
    LEAD,
    a_case_at_the_station,
    a_case_with_the_superior,
    a_forwarded_case,
    a_joint_case,
    a_paused_case,
    a_reported_case,
    a_resumed_case,
    a_returned_case,
    an_accepted_case,
    an_agents_approved_case,
    asking,
    reviewing,
    surveying,
)
from tests.spec import at, deed, given

APPROVE = Approve(decision_no="2026-17")
HEAD_WHO_HANDLES = county.actor_at(county.HANDLER_POST).model_copy(update={"staff_id": "a-organ-head"})
"""The head of the organ at a second post, where the work is done."""
STATION, APPROVER, CLERK = county.HANDLER_POST, county.APPROVER_POST, county.TOWN_CLERK_POST


def extending(days=5):
    return ApproveExtension(days=days, reason="案情复杂", notified_at=at("03-05 10:00"))


def reporting(to=county.PREFECTURE):
    return ReportToSuperior(to_unit=to, opinion="同意", materials_complete=True)


def reassigning(**different):
    usual = {
        "from_staff": "a-handler",
        "to_staff": "b-handler",
        "to_post": STATION,
        "reason": ReassignmentReason.stand_in,
    }
    return ReassignHandler(**usual | different)


def terminating(approved_by="a-organ-head"):
    return Terminate(ground="申请人死亡", approved_by=approved_by)


REFUSED = [
    # custody
    (
        custody.AlreadyInTransit,
        lambda: given(*a_forwarded_case()).when(ForwardToStation(to_unit=county.CIVIL_STATION)),
    ),
    (custody.NothingInTransit, lambda: given(*an_accepted_case()).when(SignStationReceipt(), by=STATION)),
    (
        custody.NotTheHolder,
        lambda: given(*an_accepted_case()).when(ForwardToStation(to_unit=county.CIVIL_STATION), by=STATION),
    ),
    (
        custody.NotTheReceiver,
        lambda: given(*a_forwarded_case()).when(SignStationReceipt(), by=county.CIVIL_HANDLER_POST),
    ),
    (
        custody.SenderMayNotSign,
        lambda: given(
            *an_accepted_case(),
            deed(ForwardToStation(to_unit=county.TOWN_CENTRE, to_post=county.PROXY_POST), "03-03 15:00"),
        ).when(SignStationReceipt(), by=CLERK),
    ),
    (
        custody.AlreadyThere,
        lambda: given(*an_accepted_case()).when(ForwardToStation(to_unit=county.TOWN_CENTRE)),
    ),
    (
        custody.NobodyToReturnTo,
        lambda: given(*an_accepted_case()).when(ReturnTransfer(reason="不符"), by=CLERK),
    ),
    (custody.OtherSignature, lambda: given(*a_returned_case()).when(SignStationReceipt())),
    (custody.OtherSignature, lambda: given(*a_forwarded_case()).when(SignReturnReceipt(), by=STATION)),
    # work
    (
        steps.StepAlreadyOpen,
        lambda: given(
            *a_case_at_the_station(), deed(StartStep(step_code="CB", step_title="承办"), "03-04 10:00")
        ).when(StartStep(step_code="CB", step_title="承办")),
    ),
    (
        steps.NotTheHandler,
        lambda: given(*a_case_at_the_station()).when(reassigning(from_staff="a-reviewer"), by=APPROVER),
    ),
    (
        steps.NotTheStandIn,
        lambda: given(*a_case_at_the_station()).when(reassigning(to_staff="a-reviewer"), by=APPROVER),
    ),
    (
        steps.TooFewInspectors,
        lambda: given(*a_paused_case()).when(RecordSiteInspection(inspectors=("a-handler", "a-handler"))),
    ),
    (
        steps.AgentMayNotDecide,
        lambda: given(*an_agents_approved_case()[:6]).when(
            APPROVE, by=county.actor_at(APPROVER).model_copy(update={"staff_id": "a-agent"})
        ),
    ),
    # pauses and extension
    (
        pauses.ProcedureAlreadyOpen,
        lambda: given(*a_paused_case()).when(surveying(kind=SpecialProcedure.testing)),
    ),
    (pauses.NoProcedureOpen, lambda: given(*a_resumed_case()).when(EndSpecialProcedure(result="无"))),
    (
        pauses.ProcedureUnknown,
        lambda: given(*a_paused_case()).when(InvalidateSpecialProcedure(procedure_no=2, grounds="无")),
    ),
    (
        pauses.ProcedureNotAllowed,
        lambda: given(*a_case_at_the_station()).when(surveying(kind=SpecialProcedure.auction)),
    ),
    (pauses.ProcedureAfterDeadline, lambda: given(*a_case_at_the_station()).when(surveying(), "03-25 09:00")),
    (pauses.ApproverMissing, lambda: given(*a_case_at_the_station()).when(surveying(approver=None))),
    (pauses.ApproverIsHandler, lambda: given(*a_case_at_the_station()).when(surveying(approver="a-handler"))),
    (
        pauses.NotAnApprover,
        lambda: given(*a_case_at_the_station()).when(
            surveying(approver="a-reviewer", approver_post=county.REVIEWER_POST)
        ),
    ),
    (pauses.NotAnApprover, lambda: given(*a_case_at_the_station()).when(surveying(approver="a-reviewer"))),
    (
        pauses.EndsBeforeItStarted,
        lambda: given(*a_paused_case()).when(
            EndSpecialProcedure(result="无"), "03-05 13:00", recorded="03-05 15:00"
        ),
    ),
    (
        pauses.AlreadyInvalid,
        lambda: given(
            *a_paused_case(), deed(InvalidateSpecialProcedure(procedure_no=1, grounds="无"), "03-06 09:00")
        ).when(InvalidateSpecialProcedure(procedure_no=1, grounds="无")),
    ),
    (
        pauses.AlreadyExtended,
        lambda: given(*an_accepted_case(), deed(extending(), "03-05 10:00")).when(extending()),
    ),
    (pauses.ExtensionTooLong, lambda: given(*an_accepted_case()).when(extending(days=11))),
    (pauses.ExtensionAfterDeadline, lambda: given(*an_accepted_case()).when(extending(), "04-01 09:00")),
    (
        pauses.ExtensionNeedsGovernment,
        lambda: given(*a_joint_case()).when(extending(), by=county.ORGAN_HEAD_POST),
    ),
    (
        pauses.ExtendedByHandler,
        lambda: given(
            *an_accepted_case(),
            deed(StartStep(step_code="CB", step_title="承办"), "03-04 09:00", by=HEAD_WHO_HANDLES),
        ).when(extending(), by=county.ORGAN_HEAD_POST),
    ),
    # joint review
    (joint.NotAJointCase, lambda: given(*a_case_at_the_station()).when(reviewing())),
    (joint.ReviewAlreadyOpen, lambda: given(*a_joint_case()).when(reviewing(), by=LEAD)),
    (
        joint.NoReviewOpen,
        lambda: given(*an_accepted_case(county.JOINT)).when(ConsolidateJointReview(summary="无")),
    ),
    (
        joint.NoReviewOpen,
        lambda: given(*an_accepted_case(county.JOINT)).when(
            ReturnOpinion(stance=Stance.agrees, opinion="同意")
        ),
    ),
    (
        joint.NotTheLead,
        lambda: given(*a_joint_case()).when(asking(county.CIVIL), by=county.HOUSING_HANDLER_POST),
    ),
    (
        joint.OpinionNotRequested,
        lambda: given(*a_joint_case()).when(
            ReturnOpinion(stance=Stance.agrees, opinion="同意"), by=county.CIVIL_HANDLER_POST
        ),
    ),
    (
        joint.OpinionAlreadyReturned,
        lambda: given(
            *a_joint_case(),
            deed(
                ReturnOpinion(stance=Stance.agrees, opinion="同意"),
                "03-05 09:00",
                by=county.HOUSING_HANDLER_POST,
            ),
        ).when(ReturnOpinion(stance=Stance.agrees, opinion="同意"), by=county.HOUSING_HANDLER_POST),
    ),
    (
        joint.OpinionsPending,
        lambda: given(*a_joint_case()).when(ConsolidateJointReview(summary="同意"), by=LEAD),
    ),
    (
        joint.OpinionsPending,
        lambda: given(*a_joint_case()).when(
            ConsolidateJointReview(summary="同意", silent_units=(county.HOUSING, county.FIRE)),
            "03-20 09:00",
            by=LEAD,
        ),
    ),
    # reporting up
    (superior.NotAReportUpCase, lambda: given(*a_case_at_the_station()).when(reporting())),
    (superior.AlreadyReported, lambda: given(*a_reported_case()).when(reporting())),
    (superior.NotReported, lambda: given(*a_case_at_the_station()).when(SignSuperiorReceipt())),
    (
        superior.NotReported,
        lambda: given(*a_case_at_the_station()).when(ReceiveSuperiorDecision(is_approved=True)),
    ),
    (superior.AlreadySigned, lambda: given(*a_case_with_the_superior()).when(SignSuperiorReceipt())),
    (
        superior.AlreadyReplied,
        lambda: given(
            *a_case_with_the_superior(), deed(ReceiveSuperiorDecision(is_approved=True), "03-20 09:00")
        ).when(ReceiveSuperiorDecision(is_approved=False)),
    ),
]
