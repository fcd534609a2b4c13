"""审批分离: nobody approves their own; what counts is the person, whatever the post and the number."""

import re
from pathlib import Path

import pytest

from domain.admission import RoleMayNot, VouchedByOneself
from domain.amendment import AmenderApprovesOwn, VoidEvent
from domain.case.decision.commands import Approve
from domain.case.decision.rejections import DecidedByAcceptor
from domain.case.involved import deciders_of
from domain.case.pauses.commands import ApproveExtension
from domain.case.pauses.events import ExtensionApproved
from domain.case.pauses.rejections import ApproverIsHandler, ExtendedByHandler
from domain.case.steps.commands import StartStep
from domain.case.steps.rejections import AgentMayNotDecide
from domain.contact.commands import RegisterFirstAsk
from domain.grammar import Actor, Rejected
from domain.investigation.commands import ReleaseLegalHold
from domain.investigation.rejections import OfficerHadAPart, ReleasedByProposer, TooFewOfficers
from domain.signal.commands import (
    AnswerSignal,
    AppealSignal,
    RaiseSignal,
    ReplyToSignal,
    UpholdSignal,
    WithdrawSignal,
)
from domain.signal.events import SignalUpheld
from domain.signal.rejections import DecidedTheCase
from domain.signal.values import Light, RuleCode, WithdrawalReason
from domain.staff import STAFF
from domain.staff.commands import EnrolStaff
from domain.staff.values import StaffMember
from domain.window.values import Role
from tests import county
from tests.county import BEGAN, enter, person_ref
from tests.examples import (
    EXPLAINED,
    a_case_at_the_station,
    a_case_handled,
    an_accepted_case,
    an_agents_approved_case,
    an_approved_case,
    receiving,
    surveying,
)
from tests.inquiries import (
    an_investigation_about_to_release,
    an_open_investigation,
    opening_an_investigation,
    viewing,
)
from tests.spec import aggregate_of, at, deed, given, given_in_the_log

CASE_NO = "61099910100020260303000017"
APPROVE = Approve(decision_no="2026-17")
EXTEND = ApproveExtension(days=5, reason="案情复杂", notified_at=at("03-05 10:00"))


def second_number_of(staff_id):
    """A county in which the person has the number "second" too."""
    catalogue = county.a_county()
    member = StaffMember(
        staff_id="second", unit_code=county.LAND, person_ref=person_ref(staff_id), valid_from=BEGAN
    )
    enter(catalogue, STAFF, EnrolStaff(member=member))
    return catalogue


def under_the_second_number(post):
    return county.actor_at(post).model_copy(update={"staff_id": "second"})


# ── in a case ───────────────────────────────────────────────────────────────────────────────────────────────


def test_whoever_accepted_does_not_decide_at_another_post():
    at_the_station = county.actor_at(county.APPROVER_POST).model_copy(update={"staff_id": "a-town-clerk"})
    given(*a_case_handled()).when(APPROVE, by=at_the_station).then_rejected(DecidedByAcceptor)


def test_nor_under_another_number():
    given(*a_case_handled(), catalogue=second_number_of("a-town-clerk")).when(
        APPROVE, by=under_the_second_number(county.APPROVER_POST)
    ).then_rejected(DecidedByAcceptor)


def test_an_agent_does_not_decide_under_another_number():
    given(*an_agents_approved_case()[:6], catalogue=second_number_of("a-agent")).when(
        APPROVE, by=under_the_second_number(county.APPROVER_POST)
    ).then_rejected(AgentMayNotDecide)


def test_nobody_approves_a_pause_of_what_they_handle_under_another_number():
    given(*a_case_at_the_station(), catalogue=second_number_of("a-handler")).when(
        surveying(approver="second")
    ).then_rejected(ApproverIsHandler)


def test_nobody_approves_a_pause_while_a_step_of_the_case_is_theirs():
    step = deed(StartStep(step_code="CB", step_title="承办"), "03-05 09:00", by=county.APPROVER_POST)
    given(*a_case_at_the_station(), step).when(surveying()).then_rejected(ApproverIsHandler)


def test_a_head_extends_what_others_handle_and_not_their_own():
    head = county.ORGAN_HEAD_POST
    given(*an_accepted_case()).when(EXTEND, by=head).then_recorded(ExtensionApproved, days=5)
    own = deed(
        StartStep(step_code="CB", step_title="承办"),
        "03-04 09:00",
        by=county.actor_at(county.HANDLER_POST).model_copy(update={"staff_id": "a-organ-head"}),
    )
    given(*an_accepted_case(), own).when(EXTEND, by=head).then_rejected(ExtendedByHandler)


@pytest.mark.parametrize("approver", ["a-town-clerk", "second"])
def test_nobody_vouches_for_their_own_late_record(approver):
    backfill = EXPLAINED.model_copy(update={"approved_by": approver})
    given(catalogue=second_number_of("a-town-clerk")).when(
        receiving(), "03-03 09:00", recorded="03-05 09:00", backfill=backfill
    ).then_rejected(VouchedByOneself)


async def test_nobody_approves_an_amendment_of_theirs_under_another_number():
    history = await given_in_the_log(*an_accepted_case(), catalogue=second_number_of("a-town-clerk"))
    void = VoidEvent(target_version=2, reason="误点", approved_by="second")
    (await history.when(void)).then_rejected(AmenderApprovesOwn)


# ── signals ─────────────────────────────────────────────────────────────────────────────────────────────────

RAISED = deed(
    RaiseSignal(
        rule_code=RuleCode.over_promise,
        light=Light.yellow,
        subject=f"case:{CASE_NO}",
        case_no=CASE_NO,
        facts=(3,),
        state_on=at("03-25 00:00").date(),
        unit_code=county.LAND_STATION,
    ),
    "03-25 00:01",
)
ANSWERS = (
    (ReplyToSignal(reply="已催办"), county.APPROVER_POST),
    (AppealSignal(grounds="不应计算"), county.APPROVER_POST),
    (UpholdSignal(findings="属实"), county.SUPERVISION_POST),
    (WithdrawSignal(reason=WithdrawalReason.calendar, explanation="未超期"), county.SUPERVISION_POST),
)


def test_who_decided_is_read_from_the_case_whatever_became_of_the_decision():
    history = given(*an_approved_case()).history
    assert deciders_of(history) == {"a-approver"}
    assert deciders_of(given(*a_case_handled()).history) == set()


@pytest.mark.parametrize(("answer", "post"), ANSWERS, ids=lambda each: getattr(each, "type", ""))
def test_who_decided_the_case_does_not_close_a_signal_about_it(answer, post):
    """The same person, moved to supervision since, or with a second number, no less."""
    for staff_id in ("a-approver", "second"):
        by = county.actor_at(post).model_copy(update={"staff_id": staff_id})
        said = AnswerSignal(answer=answer, deciders=("a-approver",))
        given(RAISED, catalogue=second_number_of("a-approver")).when(said, by=by).then_rejected(
            DecidedTheCase
        )


def test_somebody_else_does():
    said = AnswerSignal(answer=UpholdSignal(findings="属实"), deciders=("a-approver",))
    given(RAISED).when(said, by=county.SUPERVISION_POST).then_recorded(SignalUpheld)


# ── investigations ──────────────────────────────────────────────────────────────────────────────────────────


def test_two_numbers_of_one_person_are_one_officer():
    catalogue = second_number_of("a-discipline")
    given(catalogue=catalogue).when(
        opening_an_investigation(officers=("a-discipline", "second"))
    ).then_rejected(TooFewOfficers)


def test_nobody_releases_a_hold_whose_release_they_proposed_under_another_number():
    given(*an_investigation_about_to_release(), catalogue=second_number_of("a-discipline")).when(
        ReleaseLegalHold(hold_no="BQ-1"), by=under_the_second_number(county.DISCIPLINE_POST)
    ).then_rejected(ReleasedByProposer)


def test_an_officer_stays_away_from_a_case_they_had_a_part_in_under_another_number_or_as_its_applicant():
    for involved in ("second", person_ref("a-discipline")):
        given(*an_open_investigation(), catalogue=second_number_of("a-discipline")).when(
            viewing(involved=(involved,))
        ).then_rejected(OfficerHadAPart)


# ── who records nothing at all ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "command",
    [
        receiving(),
        RegisterFirstAsk(matter="宅基地"),
        RAISED.command,
        ReplyToSignal(reply="已催办"),
        opening_an_investigation(),
    ],
    ids=lambda each: each.type,
)
def test_a_system_administrator_records_no_business(command):
    admin = Actor(staff_id="a-admin", post_id="P-XT", unit_code=county.CENTRE, role=Role.system_admin)
    before = (RAISED,) if isinstance(command, ReplyToSignal) else ()
    given(*before).when(command, "03-26 09:00", by=admin).then_rejected(RoleMayNot)
    assert aggregate_of(command).amenders is None or Role.system_admin not in aggregate_of(command).amenders


def test_the_page_that_people_review_names_refusals_that_there_are():
    page = (Path(__file__).parents[2] / "docs" / "permissions.md").read_text("utf-8")
    section = page.partition("## Separation of duties")[2].partition("## Routes")[0]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", section))
    assert len(named) > 10
    assert named <= {each.code() for each in below(Rejected)}


def below(kind):
    return {each for child in kind.__subclasses__() for each in (child, *below(child))}
