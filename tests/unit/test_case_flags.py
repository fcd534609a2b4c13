"""Every irregularity that is recorded with a flag, provoked: it happened, so it stands in the record."""

import pytest

from domain import admission
from domain.case import rejections as shared
from domain.case.acceptance import rejections as acceptance
from domain.case.acceptance.commands import AcceptCase, DeemAccepted, RefuseAcceptance
from domain.case.decision import rejections as decision
from domain.case.decision.commands import Approve
from domain.case.ending import rejections as ending
from domain.case.ending.commands import LinkDuplicate
from domain.case.intake import rejections as intake
from domain.case.pauses import rejections as pauses
from domain.case.pauses.commands import ApproveExtension, EndSpecialProcedure
from domain.case.steps import rejections as steps
from domain.case.superior import rejections as superior
from domain.case.superior.commands import ReportToSuperior
from domain.case.values import Material, Mode
from domain.grammar import Irregular
from tests import county
from tests.examples import (
    EXPLAINED,
    a_case_at_the_station,
    a_case_handed_in,
    a_case_handled,
    a_case_picked_up,
    a_case_told_what_is_missing,
    a_joint_case,
    a_paused_case,
    a_received_case,
    a_resumed_case,
    a_supplied_case,
    an_approved_case,
    asking_for,
    completing,
    receiving,
    surveying,
)
from tests.spec import given, given_nothing

UNLISTED = (Material(code="M1"), Material(code="M9"))
PARTLY_REPORTED = ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意", materials_complete=False)
REFUSAL = RefuseAcceptance(reason_code="1", reasons="材料不齐", remedies="六十日内申请复议")
UNTOLD = ApproveExtension(days=5, reason="案情复杂")

FLAGGED = [
    (
        admission.RecordedLate,
        lambda: given_nothing().when(receiving(), "03-03 09:00", recorded="03-05 09:00", backfill=EXPLAINED),
    ),
    (
        shared.OutOfOrder,
        lambda: given(*an_approved_case()).when(
            completing("PZ"), "03-06 15:00", recorded="03-09 10:00", backfill=EXPLAINED
        ),
    ),
    (intake.MaterialNotPublished, lambda: given_nothing().when(receiving(materials=UNLISTED))),
    (intake.MaterialNotPublished, lambda: given(*a_received_case()).when(asking_for("M9"))),
    (intake.KnowableBefore, lambda: given(*a_supplied_case()).when(asking_for("M1", no="GZ-2"))),
    (intake.PapersNotHandedOver, lambda: given(*a_case_picked_up()).when(receiving(mode=Mode.agent))),
    (intake.PapersNotHandedOver, lambda: given(*a_case_handed_in()).when(receiving(mode=Mode.agent))),
    (intake.NoticeTooLate, lambda: given(*a_received_case()).when(asking_for("M2"), "03-11 09:00")),
    (acceptance.RefusedThoughComplete, lambda: given(*a_supplied_case()).when(REFUSAL)),
    (acceptance.WindowNotAuthorised, lambda: given(*a_received_case(county.UNAUTHORISED)).when(AcceptCase())),
    (acceptance.ItemNotStationed, lambda: given(*a_received_case(county.UNAUTHORISED)).when(AcceptCase())),
    (decision.OthersNotHeard, lambda: given(*a_joint_case()).when(Approve(decision_no="2026-17"), by=county.LAND_APPROVER_POST)),
    (ending.AcceptedTwice, lambda: given(*a_received_case()).when(LinkDuplicate(other_case="X2", governing_case="X2"))),
    (pauses.ApplicantNotTold, lambda: given(*a_case_at_the_station()).when(surveying(notice_no=None))),
    (pauses.ExtensionNotTold, lambda: given(*a_case_at_the_station()).when(UNTOLD)),
    (pauses.ProcedureRepeated, lambda: given(*a_resumed_case()).when(surveying())),
    (
        pauses.ProcedureOverPlan,
        lambda: given(*a_paused_case()).when(EndSpecialProcedure(result="四至清楚"), "03-13 09:00"),
    ),
    (steps.StepSkipped, lambda: given(*a_case_at_the_station()).when(completing("SH"))),
    (steps.StepNotInItem, lambda: given(*a_case_at_the_station()).when(completing("XX"))),
    (superior.ReportIncomplete, lambda: given(*a_case_at_the_station(county.REPORT_UP)).when(PARTLY_REPORTED)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("irregularity", "provoked"), FLAGGED, ids=lambda each: getattr(each, "__name__", "")
)
def test_it_is_recorded_and_flagged(irregularity, provoked):
    provoked().then_flagged_as(irregularity)


def test_every_irregularity_is_provoked():
    ours = {
        each
        for each in Irregular.__subclasses__()
        if each.__module__.startswith(("domain.case", "domain.admission"))
    }
    assert {irregularity for irregularity, _ in FLAGGED} == ours


def test_what_is_in_order_is_not_flagged():
    for history in (a_case_handled(), a_resumed_case(), an_approved_case(), a_case_told_what_is_missing()):
        assert not any(envelope.irregularities for _, envelope in given(*history).history)


def test_silence_after_a_late_notice_is_still_deemed_acceptance():
    late = given(*a_received_case()).when(asking_for("M2"), "03-11 09:00")
    late.then_flagged("T01")
    assert late.state.intake.complete_on.isoformat() == "2026-03-03"
    given(*a_received_case()).when(DeemAccepted(), "03-11 00:10").then_flagged()
