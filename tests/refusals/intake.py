"""Refusals that any record may meet, and those of receipt and acceptance."""

from domain import admission
from domain.calendar import WorkingDays
from domain.case import rejections as shared
from domain.case.acceptance import rejections as acceptance
from domain.case.acceptance.commands import AcceptCase, DeemAccepted, RefuseAcceptance
from domain.case.custody.commands import (
    ForwardToStation,
    SignStationReceipt,
)
from domain.case.decision.commands import Approve, Reject
from domain.case.delivery.commands import NotifyApplicant
from domain.case.ending.commands import Conclude, Terminate, WithdrawCase
from domain.case.intake import rejections as intake
from domain.case.persons import OfficerIsTheApplicant
from domain.case.values import Mode, Scope
from domain.grammar import Backfill
from tests import county
from tests.county import person_ref
from tests.examples import (
    EXPLAINED,
    ORIGIN,
    a_case_handled,
    a_case_picked_up,
    a_case_told_what_is_missing,
    a_case_with_the_superior,
    a_concluded_case,
    a_forwarded_case,
    a_mandate,
    a_paused_case,
    a_received_case,
    a_rejected_case,
    a_supplied_case,
    an_accepted_case,
    an_approved_case,
    an_entrusted_case,
    asking_for,
    completing,
    issuing,
    receiving,
    supplying,
)
from tests.spec import IMPORTER, at, given, given_nothing

APPROVE = Approve(decision_no="2026-17")
STATION, APPROVER, CLERK = county.HANDLER_POST, county.APPROVER_POST, county.TOWN_CLERK_POST


def a_county_without_a_calendar():
    """A county whose calendar ends with March 2026."""
    short = county.a_county()
    days = short.working_days().days
    short._calendar = WorkingDays("short", tuple(day for day in days if day.year == 2025))
    return short


def terminating(approved_by="a-organ-head"):
    return Terminate(ground="申请人死亡", approved_by=approved_by)


REFUSED = [
    # who records it, and when
    (admission.RoleMayNot, lambda: given(*a_received_case()).when(AcceptCase(), by=county.AUDITOR_POST)),
    (admission.RoleMayNot, lambda: given(*a_case_handled()).when(APPROVE, by=county.AGENT_POST)),
    (admission.RoleMayNot, lambda: given(*a_case_handled()).when(APPROVE, by=county.SUPERVISION_POST)),
    (admission.ImportOnly, lambda: given_nothing().when(receiving(), imported_from="old-system")),
    (admission.ImportOnly, lambda: given_nothing().when(receiving(), by=IMPORTER)),
    (admission.ImportOnly, lambda: given_nothing().when(receiving(origin=ORIGIN))),
    (admission.InTheFuture, lambda: given_nothing().when(receiving(), "03-03 09:06", recorded="03-03 09:00")),
    (
        admission.LateWithoutReason,
        lambda: given_nothing().when(receiving(), "03-03 09:00", recorded="03-05 09:00"),
    ),
    (
        admission.LateWithoutEvidence,
        lambda: given_nothing().when(
            receiving(), "03-03 09:00", recorded="03-05 09:00", backfill=Backfill(reason="停电")
        ),
    ),
    (
        admission.VouchedByOneself,
        lambda: given_nothing().when(
            receiving(),
            "03-03 09:00",
            recorded="03-05 09:00",
            backfill=EXPLAINED.model_copy(update={"approved_by": "a-town-clerk"}),
        ),
    ),
    (
        shared.LateWithoutSecondPerson,
        lambda: given(*a_case_handled()).when(
            APPROVE, "03-23 09:00", recorded="03-27 09:00", backfill=EXPLAINED
        ),
    ),
    (admission.StaffUnknown, lambda: given(*an_accepted_case()).when(terminating(approved_by="nobody"))),
    (
        admission.CalendarTooShort,
        lambda: given(*a_received_case(), catalogue=a_county_without_a_calendar()).when(AcceptCase()),
    ),
    # what has to come first
    (shared.CaseNotReceived, lambda: given_nothing().when(AcceptCase())),
    (shared.CaseNotReceived, lambda: given(*an_entrusted_case()).when(AcceptCase())),
    (shared.CaseNotAccepted, lambda: given(*a_received_case()).when(completing("CB"))),
    (shared.CaseNotAccepted, lambda: given(*a_received_case()).when(APPROVE)),
    (shared.CasePaused, lambda: given(*a_paused_case()).when(APPROVE)),
    (shared.CasePaused, lambda: given(*a_paused_case()).when(completing("CB"))),
    (shared.CaseAlreadyDecided, lambda: given(*an_approved_case()).when(Approve(decision_no="2026-19"))),
    (shared.CaseAlreadyDecided, lambda: given(*an_approved_case()).when(WithdrawCase(reason="不办了"))),
    (shared.CaseNotApproved, lambda: given(*a_rejected_case()).when(issuing())),
    (shared.CaseNotApproved, lambda: given(*an_accepted_case()).when(NotifyApplicant(method="短信"))),
    (shared.CaseAlreadyEnded, lambda: given(*a_concluded_case()).when(APPROVE)),
    (shared.CaseAlreadyEnded, lambda: given(*a_concluded_case()).when(Conclude())),
    (
        shared.BeforeItsCause,
        lambda: given(*a_forwarded_case()).when(
            SignStationReceipt(), "03-03 14:00", recorded="03-03 16:00", by=STATION
        ),
    ),
    (
        shared.BeforeItsCause,
        lambda: given(*a_received_case()).when(AcceptCase(), "03-03 08:00", recorded="03-03 10:00"),
    ),
    (shared.UnitUnknown, lambda: given(*an_accepted_case()).when(ForwardToStation(to_unit="nowhere"))),
    # intake
    (intake.CaseAlreadyReceived, lambda: given(*a_received_case()).when(receiving())),
    (intake.ItemUnknown, lambda: given_nothing().when(receiving("SX-0"))),
    (intake.ItemNotInForce, lambda: given_nothing().when(receiving(county.CANCELLED))),
    (intake.ApplicantMissing, lambda: given_nothing().when(receiving(applicant_ref=None))),
    (
        intake.ApplicantMustAppear,
        lambda: given_nothing().when(receiving(county.IN_PERSON, mode=Mode.agent, mandate=a_mandate())),
    ),
    (intake.MandateMissing, lambda: given_nothing().when(receiving(mode=Mode.agent))),
    (
        intake.MandateMissing,
        lambda: given_nothing().when(receiving(mode=Mode.agent, mandate=a_mandate(Scope.collect))),
    ),
    (
        intake.MandateMissing,
        lambda: given_nothing().when(
            receiving(mode=Mode.agent, mandate=a_mandate(expires_on=at("03-02 00:00").date()))
        ),
    ),
    (
        intake.PointMayNotReceive,
        lambda: given(*a_case_picked_up()).when(receiving(mode=Mode.agent), by=county.AGENT_POST),
    ),
    (intake.CaseAlreadyAccepted, lambda: given(*an_accepted_case()).when(asking_for("M2"))),
    (intake.CaseAlreadyAccepted, lambda: given(*an_accepted_case()).when(AcceptCase())),
    (intake.AskedForAgain, lambda: given(*a_case_with_the_superior()).when(asking_for("M1"), "03-18 09:00")),
    (intake.NothingToSupply, lambda: given(*a_received_case()).when(supplying("M2"))),
    (intake.NothingToSupply, lambda: given(*a_supplied_case()).when(supplying("M2"))),
    # acceptance
    (
        acceptance.AcceptanceDateDiffers,
        lambda: given(*a_supplied_case()).when(
            AcceptCase(acceptance_date=at("03-09 00:00").date()), "03-09 09:00"
        ),
    ),
    (acceptance.TooEarlyToDeem, lambda: given(*a_received_case()).when(DeemAccepted(), "03-10 09:00")),
    (
        acceptance.TooEarlyToDeem,
        lambda: given(*a_case_told_what_is_missing()).when(DeemAccepted(), "03-20 09:00"),
    ),
    (
        acceptance.ReasonsMissing,
        lambda: given(*a_received_case()).when(RefuseAcceptance(reason_code="1", remedies="复议")),
    ),
    (
        acceptance.RemediesMissing,
        lambda: given(*a_received_case()).when(RefuseAcceptance(reason_code="1", reasons="非本机关职权")),
    ),
    (
        acceptance.ReasonsMissing,
        lambda: given(*a_case_handled()).when(Reject(decision_no="2026-18", remedies="复议")),
    ),
    (
        OfficerIsTheApplicant,
        lambda: given(*a_received_case(applicant_ref=person_ref("a-town-clerk"))).when(AcceptCase()),
    ),
]
