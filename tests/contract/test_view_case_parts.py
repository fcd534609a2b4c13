"""环节 steps and 联审、报批 legs: every figure counted by hand. All days are of 2026."""

from datetime import date

import pytest

from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from domain.case.joint.commands import ConsolidateJointReview, RequestOpinion, ReturnOpinion
from domain.case.joint.events import Stance
from domain.case.steps.commands import CompleteStep, StartStep
from domain.case.superior.commands import ReceiveSuperiorDecision, ReportToSuperior, SignSuperiorReceipt
from projections.legs import Legs
from projections.steps import Steps
from tests import county
from tests.examples import (
    EXPLAINED,
    LEAD,
    a_case_at_the_station,
    a_case_handled,
    a_joint_case,
    a_legacy_case,
    a_received_case,
    a_resumed_case,
    completing,
)
from tests.registers import enter_in_log
from tests.spec import at, deed, imported
from tests.views import STREAM, defined_county, in_views, look_back, record

STATION = county.HANDLER_POST


@pytest.fixture(scope="module")
def county_of_views(postgres):
    with defined_county(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        await enter_in_log(connection)
        yield connection


def day(text):
    return date.fromisoformat(f"2026-{text}")


async def steps(views, today):
    return await Steps(views).of_cases([STREAM], day(today))


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────


def worked_on():
    """Accepted 3 March, survey 5 to 10 March; 承办 done on the 18th, 审核 on the 20th, 批准 begun on the 23rd."""
    return (
        *a_resumed_case(),
        deed(completing("CB"), "03-18 09:00", by=STATION),
        deed(completing("SH", "审核"), "03-20 09:00", by=county.REVIEWER_POST),
        deed(StartStep(step_code="PZ", step_title="批准"), "03-23 09:00", by=county.APPROVER_POST),
    )


async def test_a_step_that_nobody_began_began_with_the_acceptance_and_loses_the_days_of_the_survey(views):
    await record(views, *worked_on())
    handled, _, _ = await steps(views, "03-31")
    assert (handled.step_code, handled.started_by, handled.started_on) == ("CB", "acceptance", day("03-03"))
    assert (handled.completed_on, handled.result, handled.person) == (day("03-18"), "passed", "a-handler")
    # 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18 March; 6, 9 and 10 March were the survey's
    assert (handled.gross_days, handled.used_days) == (11, 8)
    # 4, 5, 11, 12, 13 March
    assert (handled.budget_days, handled.due, handled.over_days) == (5, day("03-13"), 3)


async def test_the_next_step_begins_when_the_previous_one_was_completed(views):
    await record(views, *worked_on())
    _, reviewed, _ = await steps(views, "03-31")
    assert (reviewed.started_by, reviewed.started_on) == ("previous step", day("03-18"))
    assert (reviewed.used_days, reviewed.due, reviewed.over_days) == (2, day("03-25"), 0)


async def test_an_open_step_runs_to_the_day_that_is_asked_for(views):
    await record(views, *worked_on())
    *_, approving = await steps(views, "03-30")
    assert (approving.started_by, approving.completed_on) == ("recorded", None)
    assert (approving.used_days, approving.due, approving.over_days) == (5, day("03-30"), 0)
    *_, approving = await steps(views, "03-31")
    assert (approving.used_days, approving.over_days) == (6, 1)


async def test_an_open_step_ends_with_the_case(views):
    await record(views, *worked_on(), deed(Approve(decision_no="2026-1"), "03-24 09:00"))
    *_, approving = await steps(views, "03-31")
    assert (approving.completed_on, approving.used_days, approving.over_days) == (None, 1, 0)


async def test_a_step_may_tell_with_its_completion_when_it_began(views):
    told = CompleteStep(step_code="CB", step_title="承办", started_at=at("03-11 09:00"))
    await record(views, *a_resumed_case(), deed(told, "03-18 09:00", by=STATION))
    (step,) = await steps(views, "03-31")
    assert (step.started_by, step.started_on, step.used_days, step.over_days) == ("told", day("03-11"), 5, 0)


async def test_a_step_done_again_counts_each_time_and_in_all(views):
    await record(
        views,
        *a_case_handled(),
        deed(completing("CB"), "03-11 09:00", by=STATION),
    )
    first, _, again = await steps(views, "03-31")
    assert (first.used_days, first.used_in_all) == (2, 2)
    assert (again.started_by, again.used_days, again.used_in_all, again.over_days) == (
        "previous step",
        3,
        5,
        0,
    )


async def test_a_step_without_a_published_budget_is_measured_and_not_judged(views):
    await record(
        views, *a_case_at_the_station(county.PERMIT), deed(completing("XX"), "03-30 09:00", by=STATION)
    )
    (step,) = await steps(views, "03-31")
    assert (step.used_days, step.budget_days, step.due, step.over_days) == (19, None, None, None)


async def test_a_legacy_step_begins_with_the_receipt_and_is_its_sources_persons(views):
    step = imported(completing("T02"), "03-05 09:00", unit="Group-1", person="Resource21")
    await record(views, *a_legacy_case(), step)
    (step,) = await steps(views, "03-31")
    assert (step.started_by, step.used_days, step.unit_code, step.person) == (
        "receipt",
        2,
        "Group-1",
        "Resource21",
    )


async def test_a_step_told_late_is_not_there_as_known_before(views):
    late = deed(completing("CB"), "03-06 09:00", by=STATION, recorded="03-18 09:00", backfill=EXPLAINED)
    await record(views, *a_case_at_the_station(), late)
    await look_back(views, known_at=at("03-17 18:00"))
    assert await steps(views, "03-17") == []
    await look_back(views, happened_by=at("03-17 18:00"))
    assert [step.used_days for step in await steps(views, "03-17")] == [3]


# ── legs ────────────────────────────────────────────────────────────────────────────────────────────────────


def answering(stance=Stance.agrees):
    return ReturnOpinion(stance=stance, opinion="同意")


def jointly_reviewed():
    """Asked on 4 March for the 20th: housing answers on the 12th, fire on the 24th."""
    return (
        *a_joint_case(),
        deed(answering(), "03-12 09:00", by=county.HOUSING_HANDLER_POST),
        deed(answering(Stance.agrees_with_conditions), "03-24 09:00", by=county.FIRE_HANDLER_POST),
        deed(ConsolidateJointReview(summary="同意"), "03-26 09:00", by=LEAD),
    )


async def legs(views, today):
    return await Legs(views).of_cases([STREAM], day(today))


async def path(views, today):
    parts = await Legs(views).path([STREAM], day(today))
    return [(part.waits_for, part.unit_code, part.net_days) for part in parts]


async def test_each_co_unit_has_its_own_clock_and_the_last_to_answer_is_critical(views):
    await record(views, *jointly_reviewed())
    housing, fire = await legs(views, "03-31")
    assert (housing.leg_kind, housing.unit_code, housing.asking_unit) == (
        "co_unit",
        county.HOUSING,
        county.LAND,
    )
    assert (housing.asked_on, housing.answered_on, housing.due) == (day("03-04"), day("03-12"), day("03-20"))
    # 5, 6, 9, 10, 11, 12 March
    assert (housing.used_days, housing.late_days, housing.is_critical) == (6, 0, False)
    assert (fire.unit_code, fire.answer, fire.is_critical) == (county.FIRE, "agrees_with_conditions", True)
    # 5 and 6, the weeks of the 9th and 16th, 23 and 24 March
    assert (fire.used_days, fire.late_days) == (14, 2)


async def test_the_path_of_a_joint_review_waits_for_the_last_and_adds_up_to_the_whole(views):
    await record(
        views,
        *jointly_reviewed(),
        deed(Approve(decision_no="2026-1"), "03-27 09:00", by=county.LAND_APPROVER_POST),
    )
    parts = await Legs(views).path([STREAM], day("03-31"))
    assert await path(views, "03-31") == [
        ("own", None, 1),
        ("co_unit", county.FIRE, 14),
        ("consolidation", county.LAND, 2),
        ("own", None, 1),
    ]
    assert [part.is_longest for part in parts] == [False, True, False, False]
    # 3 to 27 March
    assert sum(part.net_days for part in parts) == 18


async def test_what_nobody_has_answered_yet_is_waited_for_to_the_day(views):
    await record(views, *jointly_reviewed())
    await look_back(views, known_at=at("03-23 18:00"))
    housing, fire = await legs(views, "03-23")
    assert (housing.is_critical, fire.is_critical, fire.answered_on) == (False, True, None)
    assert (fire.used_days, fire.late_days) == (13, 1)
    assert await path(views, "03-23") == [("own", None, 1), ("co_unit", county.FIRE, 13)]


async def test_a_unit_that_kept_silent_is_taken_to_agree_when_the_lead_sums_up(views):
    await record(
        views,
        *jointly_reviewed()[:-2],
        deed(ConsolidateJointReview(summary="同意", silent_units=(county.FIRE,)), "03-25 09:00", by=LEAD),
    )
    _, fire = await legs(views, "03-31")
    assert (fire.is_silent, fire.answered_on, fire.late_days) == (True, None, 3)
    assert await path(views, "03-31") == [("own", None, 1), ("co_unit", county.FIRE, 15), ("own", None, 4)]


async def test_asked_again_before_its_answer_a_unit_has_one_leg_with_the_day_said_last(views):
    again = RequestOpinion(unit_code=county.FIRE, due=day("03-27"), question="请补充意见")
    before, after = jointly_reviewed()[:-2], jointly_reviewed()[-2:]
    await record(views, *before, deed(again, "03-16 09:00", by=LEAD), *after)
    _, fire = await legs(views, "03-31")
    assert (fire.asked_on, fire.due, fire.used_days, fire.late_days) == (day("03-04"), day("03-27"), 14, 0)


def reported(reply="06-24 09:00"):
    report = ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意上报", materials_complete=True)
    return (
        *a_received_case(county.REPORT_UP, "04-20 09:00"),
        deed(AcceptCase(), "04-20 09:30"),
        deed(ForwardToStation(to_unit=county.LAND_STATION, to_post=STATION), "04-20 09:40"),
        deed(SignStationReceipt(), "04-20 09:50", by=STATION),
        deed(report, "05-21 09:00", by=STATION),
        deed(SignSuperiorReceipt(), "05-25 09:00", by=county.PREFECTURE_POST),
        deed(ReceiveSuperiorDecision(is_approved=True), reply),
    )


async def test_the_superior_has_its_own_limit_from_its_signature_and_the_transit_is_the_senders(views):
    await record(views, *reported())
    review, leg = await legs(views, "06-30")
    assert (review.leg_kind, review.unit_code, review.answered_on) == (
        "first_review",
        county.LAND_STATION,
        day("05-21"),
    )
    # Art. 43: twenty working days from 20 April
    assert (review.due, review.used_days, review.late_days) == (day("05-20"), 21, 1)
    assert (leg.leg_kind, leg.unit_code, leg.asking_unit) == (
        "superior",
        county.PREFECTURE,
        county.LAND_STATION,
    )
    # 22 and 25 May; one working day is allowed
    assert (leg.transit_days, leg.signature_due) == (2, day("05-22"))
    # 19 June is the Dragon Boat Festival
    assert (leg.due, leg.used_days, leg.late_days, leg.answer) == (day("06-23"), 21, 1, "approved")


async def test_before_it_is_reported_the_first_review_runs_to_the_day(views):
    await record(views, *reported()[:4])
    (review,) = await legs(views, "05-19")
    assert (review.unit_code, review.answered_on, review.used_days, review.late_days) == (None, None, 19, 0)
    (review,) = await legs(views, "05-21")
    assert (review.used_days, review.late_days) == (21, 1)


async def test_the_path_of_a_reported_case_tells_own_work_transit_and_superior_apart(views):
    await record(views, *reported())
    assert await path(views, "06-24") == [
        ("own", None, 21),
        ("transit", county.LAND_STATION, 2),
        ("superior", county.PREFECTURE, 21),
        ("own", None, 0),
    ]


async def test_a_case_that_asked_nobody_waits_for_itself_alone(views):
    await record(views, *a_case_handled())
    assert await legs(views, "03-10") == []
    assert await path(views, "03-10") == [("own", None, 5)]
