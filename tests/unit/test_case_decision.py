"""Decision, delivery, money and end. Source: 行政许可法 Arts. 37–38, 44, 58."""

from datetime import date

from domain.case.custody.commands import SignStationReceipt
from domain.case.decision.commands import Approve, CloseAsInstant, Reject
from domain.case.decision.events import CaseApproved, CaseClosedAsInstant, CaseRejected
from domain.case.delivery.commands import NotifyApplicant, RecordFailedDelivery
from domain.case.delivery.events import DeliveryMethod
from domain.case.ending.commands import Archive, Conclude, LinkDuplicate, Reopen, Terminate, WithdrawCase
from domain.case.ending.events import CaseConcluded, CaseReopened, CaseTerminated
from domain.case.fees.commands import ChargeFee, DisbursePayment, RefundFee
from domain.case.fees.events import PaymentDisbursed
from domain.case.joint.commands import ConsolidateJointReview, ReturnOpinion
from domain.case.joint.events import JointReviewConsolidated, OpinionReturned, Stance
from domain.case.state import End, Status
from domain.case.steps.commands import ReassignHandler, RecordSiteInspection, RemindStage, StartStep
from domain.case.steps.events import ReassignmentReason
from tests import county
from tests.examples import (
    DIGEST,
    LEAD,
    a_case_at_the_station,
    a_case_handled,
    a_case_with_a_certificate,
    a_case_with_a_fee,
    a_concluded_case,
    a_delivered_case,
    a_forwarded_case,
    a_joint_case,
    a_paused_case,
    a_received_case,
    a_rejected_case,
    an_accepted_case,
    an_approved_case,
    an_entrusted_case,
    an_instant_case_accepted,
    an_instant_case_closed,
    asking,
    completing,
    delivering,
    issuing,
)
from tests.spec import deed, given

AGREED = ReturnOpinion(stance=Stance.agrees, opinion="同意")


def test_an_approval_names_the_authorisation_it_rests_on():
    approved = given(*a_case_handled()).when(Approve(decision_no="2026-17"))
    approved.then_recorded(CaseApproved, authorisation_no=county.STATION_DECIDES).then_flagged()
    approved.then_case(status=Status.approved)


def test_a_delegated_authorisation_will_do():
    decided = given(*a_joint_case()).when(Approve(decision_no="2026-17"), by=county.LAND_APPROVER_POST)
    decided.then_recorded(CaseApproved, authorisation_no=county.DELEGATED_DECISION)


def test_a_rejection_states_reasons_and_remedies():
    refuse = Reject(decision_no="2026-18", reasons="不符合规划", remedies="六十日内申请复议")
    given(*a_case_handled()).when(refuse).then_recorded(CaseRejected).then_case(status=Status.rejected)


def test_the_acceptor_may_close_an_instant_case_where_one_officer_suffices():
    closed = given(*an_instant_case_accepted()).when(CloseAsInstant())
    closed.then_recorded(CaseClosedAsInstant).then_flagged().then_case(status=Status.concluded)


def test_an_instant_case_may_be_handed_its_paper_after_it_was_closed():
    issued = (*an_instant_case_closed(), deed(issuing(), "03-03 10:05", by=county.TOWN_CLERK_POST))
    given(*issued).when(delivering()).then_flagged()


def test_a_joint_review_hears_every_unit_it_asked():
    housing = deed(AGREED, "03-05 09:00", by=county.HOUSING_HANDLER_POST)
    fire = deed(AGREED, "03-06 09:00", by=county.FIRE_HANDLER_POST)
    review = given(*a_joint_case(), housing, fire)
    assert [unit.returned_at is not None for unit in review.state.joint_review.units] == [True, True]
    consolidated = review.when(ConsolidateJointReview(summary="均同意"), by=LEAD)
    consolidated.then_recorded(JointReviewConsolidated).then_case(status=Status.in_progress)


def test_a_unit_that_lets_its_day_pass_is_taken_to_agree():
    housing = deed(AGREED, "03-05 09:00", by=county.HOUSING_HANDLER_POST)
    silent = ConsolidateJointReview(summary="消防逾期未反馈", silent_units=(county.FIRE,))
    given(*a_joint_case(), housing).when(silent, "03-23 09:00", by=LEAD).then_flagged()


def test_a_unit_may_be_asked_again():
    answered = deed(AGREED, "03-05 09:00", by=county.HOUSING_HANDLER_POST)
    again = deed(asking(county.HOUSING), "03-06 09:00", by=LEAD)
    given(*a_joint_case(), answered, again).when(AGREED, by=county.HOUSING_HANDLER_POST).then_recorded(
        OpinionReturned, unit_code=county.HOUSING
    )


def test_the_applicant_collects_the_certificate():
    delivered = given(*a_case_with_a_certificate()).when(delivering(certificate_nos=("ZJD-1",)))
    delivered.then_case(status=Status.delivered)
    assert delivered.state.delivery.method == DeliveryMethod.window.value


def test_a_courier_checks_nobodys_papers():
    by_courier = delivering(method=DeliveryMethod.courier, identity_checked=False)
    given(*a_case_with_a_certificate()).when(by_courier).then_flagged()


def test_a_failed_delivery_is_counted_and_may_be_tried_again():
    failed = deed(RecordFailedDelivery(reason="无人在家"), "03-11 15:00")
    state = given(*a_case_with_a_certificate(), failed).when(delivering()).state
    assert (state.delivery.failed_attempts, state.delivery.delivered_at is not None) == (1, True)


def test_the_applicant_is_told_of_a_refusal_too():
    given(*a_rejected_case()).when(NotifyApplicant(method="短信")).then_case(status=Status.rejected)


def test_an_approved_case_is_concluded_once_its_certificate_is_delivered():
    given(*a_delivered_case()).when(Conclude()).then_recorded(CaseConcluded).then_case(
        status=Status.concluded
    )


def test_a_rejected_case_is_concluded_by_its_decision():
    given(*a_rejected_case()).when(Conclude()).then_flagged()


def test_an_approval_without_a_certificate_is_concluded_as_it_is():
    given(*an_approved_case()).when(Conclude()).then_flagged()


def test_the_applicant_may_withdraw_before_the_decision():
    outcome = given(*a_paused_case()).when(WithdrawCase(reason="不办了"))
    assert outcome.state.ending.result is End.withdrawn


def test_a_termination_takes_two():
    given(*an_accepted_case()).when(
        Terminate(ground="申请人死亡", approved_by="a-government-head")
    ).then_recorded(CaseTerminated)


def test_an_errand_that_never_reached_the_hall_can_be_terminated():
    terminate = Terminate(ground="材料遗失", approved_by="a-government-head")
    given(*an_entrusted_case()).when(terminate).then_case(status=Status.terminated)


def test_a_court_may_have_the_case_reopened_and_set_the_day():
    order = Reopen(basis_document="行初〔2026〕3号", decide_by=date(2026, 6, 1))
    reopened = given(*a_concluded_case()).when(order, "05-06 09:00").then_recorded(CaseReopened)
    reopened.then_case(status=Status.in_progress, reopenings=1)
    assert reopened.state.clock.due == date(2026, 6, 1)


def test_a_reopened_case_is_decided_anew():
    reopened = (*a_concluded_case(), deed(Reopen(basis_document="行初〔2026〕3号"), "05-06 09:00"))
    given(*reopened).when(Approve(decision_no="2026-40")).then_recorded(CaseApproved)


def test_what_was_delivered_before_a_reopening_is_not_the_new_result():
    reopened = (*a_concluded_case(), deed(Reopen(basis_document="行初〔2026〕3号"), "05-06 09:00"))
    anew = given(*reopened).when(Approve(decision_no="2026-40")).then_case(status=Status.approved)
    assert anew.state.certificates[0].delivered_at is not None


def test_what_has_ended_is_archived():
    archived = given(*a_concluded_case()).when(Archive(package_sha256=DIGEST, retention_years=30))
    archived.then_case(status=Status.archived)


def test_a_duplicate_is_linked_once():
    link = LinkDuplicate(other_case="X2", governing_case="X2")
    linked = (*a_received_case(), deed(link, "03-03 10:00"))
    given(*linked).when(link).then_nothing()


def test_fees_under_one_standard_add_up():
    more = ChargeFee(standard_id=county.FEE, amount_fen=200, receipt_no="JK-2")
    state = given(*a_case_with_a_fee()).when(more).state
    assert sum(fee.amount_fen for fee in state.fees) == 1000


def test_what_was_given_back_may_be_charged_again():
    refunded = deed(RefundFee(receipt_no="JK-1", amount_fen=800, reason="减免"), "03-03 11:00")
    more = ChargeFee(standard_id=county.FEE, amount_fen=1000, receipt_no="JK-2")
    given(*a_case_with_a_fee(), refunded).when(more).then_flagged()


def test_money_is_paid_out_after_the_approval_even_of_a_concluded_case():
    payment = DisbursePayment(amount_fen=150_000, batch_no="2026-03")
    given(*a_concluded_case()).when(payment).then_recorded(PaymentDisbursed, amount_fen=150_000)


def test_the_steps_of_the_published_flow_are_counted():
    steps = given(*a_case_handled()).state.steps
    assert (steps.completed, steps.last_completed) == (2, "SH")


def test_a_stand_in_takes_the_case_over():
    hand_over = ReassignHandler(
        from_staff="a-handler",
        to_staff="b-handler",
        to_post=county.HANDLER_POST,
        reason=ReassignmentReason.stand_in,
    )
    outcome = given(*a_case_at_the_station()).when(hand_over, by=county.APPROVER_POST)
    assert outcome.state.custody.holder.staff_id == "b-handler"


def test_two_inspect_a_site_also_while_the_case_is_paused():
    given(*a_paused_case()).when(RecordSiteInspection(inspectors=("a-handler", "b-handler"))).then_flagged()


def test_the_director_may_ask_where_it_stays():
    given(*a_case_at_the_station()).when(
        RemindStage(to_unit=county.LAND_STATION, about="请尽快办理")
    ).then_flagged()


def test_what_was_under_way_when_the_decision_fell_may_still_be_signed_for():
    decided = (*a_forwarded_case(), deed(Approve(decision_no="2026-17"), "03-03 16:00"))
    given(*decided).when(SignStationReceipt(), by=county.HANDLER_POST).then_flagged()


def test_a_step_that_was_started_is_open_until_it_is_completed():
    started = (*a_case_at_the_station(), deed(StartStep(step_code="CB", step_title="承办"), "03-05 08:00"))
    assert [step.step_code for step in given(*started).state.steps.open] == ["CB"]
    assert given(*started).when(completing("CB")).state.steps.open == ()
