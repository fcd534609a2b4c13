"""补录: what is recorded after it happened (model: invariants 12 and 13)."""

import pytest

from domain.admission import VouchedByOneself
from domain.case.acceptance.commands import AcceptCase, DeemAccepted, RefuseAcceptance
from domain.case.custody.commands import SignStationReceipt
from domain.case.decision.commands import Approve, Reject
from domain.case.decision.events import CaseApproved
from domain.case.ending.commands import Conclude, Terminate, WithdrawCase
from domain.case.intake.rejections import CaseAlreadyAccepted
from domain.case.pauses.commands import EndSpecialProcedure
from domain.case.rejections import (
    BeforeItsCause,
    CaseAlreadyDecided,
    CaseAlreadyEnded,
    LateWithoutSecondPerson,
)
from domain.case.superior.commands import ReportToSuperior
from domain.grammar import Precision
from tests import county
from tests.examples import (
    EXPLAINED,
    VOUCHED,
    a_case_at_the_station,
    a_case_handled,
    a_case_with_a_certificate,
    a_concluded_case,
    a_forwarded_case,
    a_received_case,
    a_resumed_case,
    an_approved_case,
    completing,
    delivering,
    issuing,
    receiving,
    surveying,
)
from tests.spec import CLOCK, deed, given, given_nothing

APPROVE = Approve(decision_no="2026-17")


def test_the_next_working_day_is_not_late():
    """Friday 6 March, recorded on Monday."""
    given_nothing().when(receiving(), "03-06 16:00", recorded="03-09 10:00").then_flagged()


def test_a_week_of_holidays_is_not_late_either():
    """30 April, recorded on 6 May: the first working day after the Labour Day holiday."""
    given_nothing().when(receiving(), "04-30 16:00", recorded="05-06 10:00").then_flagged()


def test_a_late_record_in_time_for_its_deadline_needs_no_second_person():
    given(*a_case_handled()).when(
        APPROVE, "03-09 09:00", recorded="03-12 09:00", backfill=EXPLAINED
    ).then_flagged("P08")


def test_a_late_record_that_makes_an_overdue_case_timely_needs_one():
    """Dispute Q6: due on 24 March, approved on 20 March, recorded on 27 March."""
    late = {"happened": "03-20 09:00", "recorded": "03-27 09:00"}
    case = given(*a_case_handled())
    case.when(APPROVE, **late, backfill=EXPLAINED).then_rejected(LateWithoutSecondPerson)
    case.when(APPROVE, **late, backfill=VOUCHED).then_recorded(CaseApproved).then_flagged("P08")


def test_a_late_report_that_makes_an_overdue_first_review_timely_needs_one():
    """Accepted on 3 March: the first review ends on 31 March, the 20th working day (Art. 43)."""
    report = ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意上报", materials_complete=True)
    case = given(*a_case_at_the_station(county.REPORT_UP))
    late = {"happened": "03-31 09:00", "recorded": "04-03 09:00"}
    case.when(report, **late, backfill=EXPLAINED).then_rejected(LateWithoutSecondPerson)
    case.when(report, **late, backfill=VOUCHED).then_flagged("P08")
    too_late_anyway = {"happened": "04-01 09:00", "recorded": "04-08 09:00"}
    case.when(report, **too_late_anyway, backfill=EXPLAINED).then_flagged("P08")


def test_a_late_delivery_that_makes_an_overdue_delivery_timely_needs_one():
    """Decided on 9 March: to be delivered by 23 March, the 10th working day (Art. 44)."""
    case = given(*a_case_with_a_certificate())
    late = {"happened": "03-23 09:00", "recorded": "03-26 09:00"}
    case.when(delivering(), **late, backfill=EXPLAINED).then_rejected(LateWithoutSecondPerson)
    case.when(delivering(), **late, backfill=VOUCHED).then_flagged("P08")
    in_time = {"happened": "03-13 09:00", "recorded": "03-18 09:00"}
    case.when(delivering(), **in_time, backfill=EXPLAINED).then_flagged("P08")


def test_one_certificate_in_time_does_not_excuse_another():
    one_of_two = (
        *a_case_with_a_certificate(),
        deed(issuing("ZJD-2"), "03-11 10:00", by=county.HANDLER_POST),
        deed(delivering(certificate_nos=("ZJD-1",)), "03-12 09:00"),
    )
    given(*one_of_two).when(
        delivering(certificate_nos=("ZJD-2",)), "03-20 09:00", recorded="03-26 09:00", backfill=EXPLAINED
    ).then_rejected(LateWithoutSecondPerson)


def test_the_author_is_no_second_person_and_neither_is_a_stranger():
    late = {"happened": "03-20 09:00", "recorded": "03-27 09:00"}
    for nobody, refusal in (("a-approver", VouchedByOneself), ("nobody", LateWithoutSecondPerson)):
        backfill = VOUCHED.model_copy(update={"approved_by": nobody})
        given(*a_case_handled()).when(APPROVE, **late, backfill=backfill).then_rejected(refusal)


def test_a_late_record_of_an_overdue_approval_clears_nothing_and_needs_none():
    given(*a_case_handled()).when(
        APPROVE, "03-25 09:00", recorded="03-30 09:00", backfill=EXPLAINED
    ).then_flagged("P08")


def test_a_survey_recorded_after_the_overdue_decision_it_excuses_needs_a_second_person():
    """Dispute Q14: approved on 26 March, two days over; the survey of 5 March is recorded afterwards."""
    overdue = (*a_case_handled(), deed(APPROVE, "03-26 09:00"))
    late = {"happened": "03-06 10:00", "recorded": "04-08 09:00"}
    given(*overdue).when(surveying(), **late, backfill=EXPLAINED).then_rejected(LateWithoutSecondPerson)
    given(*overdue).when(surveying(), **late, backfill=VOUCHED).then_flagged("P08", "P05")
    started = deed(surveying(), "03-06 10:00", recorded="04-08 09:00", backfill=VOUCHED)
    ended = {"happened": "03-12 10:00", "recorded": "04-08 09:30"}
    assert (
        given(*overdue, started)
        .when(EndSpecialProcedure(result="合格"), **ended, backfill=VOUCHED)
        .state.clock.due
    )


def test_what_happened_before_the_decision_may_be_recorded_after_it():
    step = completing("PZ", "批准")
    given(*an_approved_case()).when(
        step, "03-06 15:00", recorded="03-09 10:00", backfill=EXPLAINED
    ).then_flagged("P05")


def test_but_not_without_a_reason():
    given(*an_approved_case()).when(completing("PZ"), "03-06 15:00", recorded="03-09 10:00").then_rejected(
        CaseAlreadyDecided
    )


def test_a_signature_before_the_forwarding_is_refused_or_explained():
    signed = {"happened": "03-03 14:00", "recorded": "03-03 16:00", "by": county.HANDLER_POST}
    case = given(*a_forwarded_case())
    case.when(SignStationReceipt(), **signed).then_rejected(BeforeItsCause)
    case.when(SignStationReceipt(), **signed, backfill=EXPLAINED).then_flagged("P05")


def test_a_time_known_to_the_day_is_compared_by_days():
    given(*a_forwarded_case()).when(
        SignStationReceipt(),
        "03-03 00:00",
        recorded="03-03 16:00",
        by=county.HANDLER_POST,
        occurred_precision=Precision.day,
    ).then_flagged()


def test_a_clock_a_little_fast_is_tolerated():
    """Up to five minutes ahead of the server."""
    given(*a_case_at_the_station()).when(
        completing("CB"), "03-05 09:05", recorded="03-05 09:00"
    ).then_flagged()


@pytest.mark.parametrize(
    "result", [WithdrawCase(reason="不办了"), Conclude(), Terminate(ground="误收", approved_by="a-approver")]
)
def test_a_case_has_one_result_however_late_another_is_told(result):
    given(*a_concluded_case()).when(
        result, "03-05 09:00", recorded="03-13 09:00", backfill=VOUCHED
    ).then_rejected(CaseAlreadyEnded)


@pytest.mark.parametrize(
    "decision", [APPROVE, Reject(decision_no="2026-18", reasons="不符合规划", remedies="六十日内申请复议")]
)
def test_a_case_has_one_decision_however_late_another_is_told(decision):
    given(*an_approved_case()).when(
        decision, "03-08 09:00", recorded="03-10 09:00", backfill=VOUCHED
    ).then_rejected(CaseAlreadyDecided)


@pytest.mark.parametrize(
    "word",
    [AcceptCase(), RefuseAcceptance(reason_code="1", reasons="材料不齐", remedies="六十日内申请复议")],
)
def test_a_case_is_accepted_or_refused_once_however_late_the_other_is_told(word):
    given(*a_resumed_case()).when(
        word, "03-03 09:20", recorded="03-11 09:00", backfill=VOUCHED
    ).then_rejected(CaseAlreadyAccepted)


def test_an_acceptance_told_late_takes_the_place_of_the_laws_own_and_keeps_the_pauses():
    """Deemed accepted on 11 March, paused from the 12th to the 16th; the window had accepted on the 5th."""
    history = (
        *a_received_case(),
        deed(DeemAccepted(), "03-11 00:10", by=CLOCK),
        deed(surveying(), "03-12 09:00"),
        deed(EndSpecialProcedure(result="四至清楚"), "03-16 16:00"),
    )
    due = given(*history).state.clock.promise_due
    told = given(*history).when(AcceptCase(), "03-05 09:00", recorded="03-17 09:00", backfill=VOUCHED)
    told.then_flagged("P08", "P05")
    assert (told.state.clock.is_deemed, told.state.clock.promise_due) == (False, due)
    assert due.isoformat() == "2026-03-26"
