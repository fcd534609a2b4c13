"""Records of another system are taken as they are: what their order or state forbids is flagged, not refused."""

from datetime import date

from domain.case.acceptance.commands import AcceptCase
from domain.case.acceptance.events import CaseAccepted
from domain.case.decision.commands import Approve
from domain.case.ending.commands import Conclude
from domain.case.intake.events import CaseReceived
from domain.case.pauses.events import SpecialProcedureStarted
from domain.case.state import Status
from domain.case.steps.commands import CompleteStep
from domain.case.steps.events import StepCompleted
from domain.item.values import SpecialProcedure
from tests import county
from tests.examples import ORIGIN, a_legacy_case, receiving, surveying
from tests.spec import given, given_nothing, imported

STEP = CompleteStep(step_code="T02", step_title="Check confirmation of receipt", source_ref="task-42935")
A_LEGACY_ITEM = county.PERMIT


def a_legacy_permit():
    receive = receiving(A_LEGACY_ITEM, applicant_ref=None, external_ref="case-10011", origin=ORIGIN)
    return (imported(receive, "03-03 09:00", unit="Group-1", person="Resource21"),)


def take(history, command, when, **who):
    return given(*history).when_done(imported(command, when, **who))


def test_a_source_may_name_no_applicant():
    outcome = given_nothing().when_done(a_legacy_case()[0])
    outcome.then_recorded(CaseReceived, external_ref="case-10011", origin=ORIGIN).then_flagged(
        "applicant-missing"
    )


def test_the_sources_own_limits_stand():
    clock = given(*a_legacy_case()).state.clock
    assert (clock.promise_due, clock.legal_due) == (date(2026, 3, 20), date(2026, 4, 1))
    assert clock.is_from_source


def test_a_later_acceptance_keeps_the_sources_limits():
    take(a_legacy_case(), AcceptCase(), "03-04 09:00").then_recorded(
        CaseAccepted, promise_due=date(2026, 3, 20), legal_due=date(2026, 4, 1), is_from_source=True
    )


def test_the_person_is_whom_the_source_names_and_never_the_programme():
    assert given(*a_legacy_case()).state.custody.holder.staff_id == "Resource21"
    nameless = given_nothing().when_done(imported(receiving(), "03-03 09:00"))
    assert nameless.state.custody.holder.staff_id is None


def test_a_deadline_that_ran_in_the_source_means_it_was_accepted_there():
    take(a_legacy_permit(), STEP, "03-04 09:00", unit="Group-4", person="Resource10").then_recorded(
        StepCompleted, source_ref="task-42935"
    ).then_flagged()


def test_a_step_before_the_start_is_taken_and_flagged():
    take(a_legacy_permit(), STEP, "03-02 09:00").then_recorded(StepCompleted).then_flagged(
        "before-its-cause", "P05"
    )


def test_a_conclusion_dated_before_the_last_step_is_taken_and_flagged():
    history = (*a_legacy_permit(), imported(STEP, "03-20 09:00"))
    outcome = take(history, Conclude(), "03-10 09:00")
    outcome.then_flagged("case-not-decided", "work-still-recorded", "P05").then_case(status=Status.concluded)


def test_a_step_after_the_conclusion_is_taken_and_flagged():
    history = (*a_legacy_permit(), imported(Conclude(), "03-10 09:00"))
    outcome = take(history, STEP, "03-20 09:00")
    outcome.then_flagged("case-already-ended", "P05").then_case(status=Status.concluded)
    assert outcome.state.steps.completed == 1


def test_a_receipt_of_an_item_no_longer_in_force_is_taken_under_its_last_version():
    outcome = given_nothing().when_done(imported(receiving(county.CANCELLED), "03-03 09:00"))
    outcome.then_recorded(CaseReceived, item_version="1").then_flagged("item-not-in-force", "P09")


def test_the_same_step_may_be_taken_three_times():
    steps = [imported(STEP, f"03-1{n} 09:00") for n in range(3)]
    assert given(*a_legacy_permit(), *steps).state.steps.completed == 3


def test_legacy_records_are_old_and_not_therefore_late():
    assert given(*a_legacy_permit()).history[0][1].irregularities == ("applicant-missing",)


def test_a_second_conclusion_does_not_change_the_first():
    once = (*a_legacy_permit(), imported(Conclude(), "03-10 09:00"))
    twice = take(once, Conclude(), "03-12 09:00")
    assert twice.state.ending == given(*once).state.ending


def test_a_suspension_that_nobody_approved_is_taken_and_earns_no_days():
    """One vendor writes 无 for every approver."""
    nobody = surveying(kind=SpecialProcedure.site_survey, approver=None, approver_post=None)
    outcome = take(a_legacy_case(), nobody, "03-05 09:00")
    outcome.then_recorded(SpecialProcedureStarted, is_valid=False).then_flagged("approver-missing", "P03")


def test_two_nameless_officers_are_not_one_and_the_same():
    history = (*a_legacy_permit(), imported(AcceptCase(), "03-03 10:00"))
    take(history, Approve(decision_no="1"), "03-09 09:00", unit=county.LAND_STATION).then_flagged()
