"""监察预警: the watch raises a signal, the responsible unit answers, supervision decides; nobody removes it."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.admission import InTheFuture, RoleMayNot
from domain.amendment import AmenderMayNot, VoidEvent
from domain.signal import SIGNAL, rejections
from domain.signal.commands import (
    AppealSignal,
    RaiseSignal,
    ReplyToSignal,
    SignalAction,
    UpholdSignal,
    WithdrawSignal,
    may_record,
)
from domain.signal.events import (
    SignalAppealed,
    SignalRaised,
    SignalReplied,
    SignalUpheld,
    SignalWithdrawn,
)
from domain.signal.state import SignalState
from domain.signal.values import RULES, Light, RuleCode, WithdrawalReason
from domain.window.values import Role
from tests import county
from tests.spec import IMPORTER, deed, given, given_in_the_log

SUBJECT = "case:61099910100020260303000017"


def day(text):
    return date.fromisoformat(f"2026-{text}")


def raising(**different):
    """The land station was over the promise on Wednesday 25 March."""
    usual = {
        "rule_code": RuleCode.over_promise,
        "light": Light.yellow,
        "subject": SUBJECT,
        "case_no": SUBJECT.removeprefix("case:"),
        "facts": (3,),
        "due": day("03-24"),
        "state_on": day("03-25"),
        "unit_code": county.LAND_STATION,
        "post_id": county.HANDLER_POST,
        "person": "a-handler",
    }
    return RaiseSignal(**usual | different)


REPLY = ReplyToSignal(reply="等待勘察结果，已催办")
APPEAL = AppealSignal(grounds="勘察期间不应计算")
UPHOLD = UpholdSignal(findings="勘察未书面告知申请人")
WITHDRAW = WithdrawSignal(reason=WithdrawalReason.calendar, explanation="2月14日为工作日，按日历未超期")
RAISED = (deed(raising(), "03-25 00:01"),)
REPLIED = (*RAISED, deed(REPLY, "03-26 09:00"))
APPEALED = (*REPLIED, deed(APPEAL, "03-26 10:00"))
UPHELD = (*APPEALED, deed(UPHOLD, "03-27 09:00"))
WITHDRAWN = (*RAISED, deed(WITHDRAW, "03-26 09:00"))


# ── raising ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_signal_names_its_basis_and_gives_three_working_days_to_reply():
    """Wednesday 25 March: Thursday, Friday, Monday 30 March."""
    outcome = given().when(raising(), "03-25 00:01")
    outcome.then_recorded(SignalRaised, basis="优化营商环境条例 Art. 36", reply_due=day("03-30"), facts=(3,))
    assert outcome.state.status is SignalState.raised
    assert (outcome.decision.policy_version, outcome.decision.calendar_version[:5]) == ("default-1", "2026-")


def test_the_days_to_reply_are_counted_by_the_calendar():
    """Thursday 30 April: 6, 7 and 8 May, for 1 to 5 May is the holiday."""
    outcome = given().when(raising(state_on=day("04-30")), "04-30 09:00")
    outcome.then_recorded(SignalRaised, reply_due=day("05-08"))


@pytest.mark.parametrize("light", [Light.notice, Light.prewarning])
def test_notices_and_pre_warnings_want_no_answer(light):
    given().when(raising(light=light), "03-25 00:01").then_recorded(SignalRaised, reply_due=None)


def test_nobody_has_to_answer_for_a_record_taken_over_from_another_system():
    given().when(raising(is_legacy=True), "03-25 00:01").then_recorded(SignalRaised, reply_due=None)


def test_the_same_finding_raises_nothing_twice():
    given(*RAISED).when(raising(), "03-26 00:01").then_nothing()
    given(*WITHDRAWN).when(raising(), "03-27 00:01").then_nothing()


def test_a_day_that_passes_does_not_make_another_finding():
    later = raising(state_on=day("03-26"), unit_code=county.TOWN_CENTRE)
    assert later.signal_no == raising().signal_no
    given(*RAISED).when(later, "03-26 00:01").then_nothing()


@pytest.mark.parametrize(
    "different",
    [
        {"rule_code": RuleCode.due_soon},
        {"light": Light.red},
        {"subject": "case:X-2"},
        {"facts": (3, 9)},
        {"facts": ()},
        {"due": date(2026, 3, 27)},
        {"due": None},
    ],
)
def test_rule_light_subject_facts_and_broken_day_make_the_number(different):
    assert raising(**different).signal_no != raising().signal_no


def test_the_number_has_the_twenty_characters_of_the_standard():
    assert raising().signal_no == "T03-4736A120F8757553"
    assert len("T03-4736A120F8757553") == 20


def test_another_finding_does_not_take_over_a_number():
    given(*RAISED).when(raising(facts=(4,)), "03-26 00:01").then_rejected(rejections.SignalNumberTaken)


def test_a_signal_about_a_case_stands_on_events():
    given().when(raising(facts=()), "03-25 00:01").then_rejected(rejections.StandsOnNothing)


def test_a_silent_window_is_no_event():
    idle = raising(
        rule_code=RuleCode.idle_window, light=Light.notice, subject="window:T-03", case_no=None, facts=()
    )
    given().when(idle, "03-25 00:01").then_recorded(SignalRaised, subject="window:T-03")


def test_a_signal_does_not_tell_what_will_be():
    given().when(raising(), "03-24 23:59").then_rejected(rejections.StateNotYetReached)
    given().when(raising(), "03-25 00:00").then_recorded(SignalRaised)


def test_a_signal_is_not_raised_in_the_future():
    ahead = deed(raising(), "03-26 09:00", by=county.SUPERVISION_POST, recorded="03-25 09:00")
    given().when_done(ahead).then_rejected(InTheFuture)


# ── answering ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_on_the_last_day_is_in_time_and_one_the_day_after_late():
    given(*RAISED).when(REPLY, "03-30 23:59").then_recorded(SignalReplied, days=3, is_late=False)
    given(*RAISED).when(REPLY, "03-31 00:01").then_recorded(SignalReplied, days=4, is_late=True)


def test_a_unit_above_the_responsible_one_may_answer():
    """The county's land bureau for its station."""
    given(*RAISED).when(REPLY, "03-26 09:00", by=county.ORGAN_HEAD_POST).then_recorded(SignalReplied)
    given(*RAISED).when(APPEAL, "03-26 09:00", by=county.GOVERNMENT_HEAD_POST).then_recorded(SignalAppealed)


@pytest.mark.parametrize("answer", [REPLY, APPEAL])
def test_another_unit_does_not_answer(answer):
    given(*RAISED).when(answer, "03-26 09:00", by=county.TOWN_CLERK_POST).then_rejected(
        rejections.NotTheResponsibleUnit, unit_code=county.LAND_STATION
    )


def test_where_no_unit_is_named_anybody_of_the_hall_may_answer():
    nobody = (deed(raising(unit_code=None), "03-25 00:01"),)
    given(*nobody).when(REPLY, "03-26 09:00", by=county.TOWN_CLERK_POST).then_recorded(SignalReplied)


def test_an_appeal_is_made_once():
    given(*APPEALED).when(APPEAL, "03-27 09:00").then_rejected(rejections.AlreadyAppealed)


def test_a_reply_may_be_followed_by_another_until_it_is_decided():
    assert given(*REPLIED).when(REPLY, "03-27 09:00").state.replies == 2
    given(*UPHELD).when(REPLY, "03-30 09:00").then_rejected(rejections.SignalUpheldAlready)


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────────────


def test_supervision_upholds_what_stands():
    outcome = given(*APPEALED).when(UPHOLD, "03-27 09:00").then_recorded(SignalUpheld)
    assert outcome.state.status is SignalState.upheld
    given(*UPHELD).when(UPHOLD, "03-30 09:00").then_rejected(rejections.SignalUpheldAlready)


def test_supervision_withdraws_with_a_reason():
    outcome = given(*RAISED).when(WITHDRAW, "03-26 09:00")
    outcome.then_recorded(SignalWithdrawn, reason=WithdrawalReason.calendar)
    assert outcome.state.status is SignalState.withdrawn


@pytest.mark.parametrize("missing", ["reason", "explanation"])
def test_there_is_no_withdrawal_without_a_reason_and_its_explanation(missing):
    said = {"type": "withdraw_signal", "reason": WithdrawalReason.other, "explanation": "说明"}
    del said[missing]
    with pytest.raises(ValidationError):
        TypeAdapter(SignalAction).validate_python(said)


def test_what_was_upheld_may_be_withdrawn_later():
    given(*UPHELD).when(WITHDRAW, "04-01 09:00").then_recorded(SignalWithdrawn)


@pytest.mark.parametrize("command", [REPLY, APPEAL, UPHOLD, WITHDRAW])
def test_what_was_withdrawn_stays_as_it_is(command):
    given(*WITHDRAWN).when(command, "03-27 09:00").then_rejected(rejections.SignalDecided)


@pytest.mark.parametrize("command", [REPLY, APPEAL, UPHOLD, WITHDRAW])
def test_nothing_is_said_of_a_signal_that_was_never_raised(command):
    given().when(command, "03-27 09:00").then_rejected(rejections.SignalNotRaised)


@pytest.mark.parametrize("command", [REPLY, APPEAL, UPHOLD, WITHDRAW])
def test_nothing_is_answered_before_the_signal(command):
    given(*RAISED).when(command, "03-24 09:00", recorded="03-26 09:00").then_rejected(
        rejections.BeforeItWasRaised
    )


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_clock_and_supervision_raise():
    assert {role for role in Role if may_record(role, RaiseSignal)} == {
        Role.clock,
        Role.supervision,
        Role.discipline,
    }


@pytest.mark.parametrize("command", [UpholdSignal, WithdrawSignal])
def test_only_supervision_decides(command):
    assert {role for role in Role if may_record(role, command)} == {Role.supervision, Role.discipline}


@pytest.mark.parametrize(
    "role", [Role.clock, Role.supervision, Role.auditor, Role.catalogue_admin, Role.importer]
)
def test_who_watches_does_not_answer_for_the_watched(role):
    assert not may_record(role, ReplyToSignal)
    assert not may_record(role, AppealSignal)


def test_a_clerk_raises_no_signal():
    given().when(raising(), "03-25 09:00", by=county.TOWN_CLERK_POST).then_rejected(RoleMayNot)
    given().when(raising(), "03-25 09:00", by=IMPORTER).then_rejected(RoleMayNot)


@pytest.mark.parametrize("post", [county.SUPERVISION_POST, county.HANDLER_POST, county.DIRECTOR_POST])
async def test_nobody_voids_a_signal(post):
    log = await given_in_the_log(*RAISED, identity=raising().signal_no)
    void = VoidEvent(target_version=1, reason="误报", approved_by="a-director")
    with pytest.raises(AmenderMayNot):
        await log.keeper.handle(
            SIGNAL, log.identity, void, deed(void, "03-26 09:00", by=post).occasion, key=None, digest=b""
        )


def test_every_rule_has_a_name_and_a_basis():
    assert RULES.keys() == set(RuleCode)
    assert len({rule.title for rule in RULES.values()}) == len(RULES) == 19
