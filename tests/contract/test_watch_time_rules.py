"""监察 watch, the rules of time 时限: what each finds, from which day, and what it leaves alone; 2026 by the State Council's calendar."""

import pytest

from domain.case.acceptance.commands import AcceptCase, DeemAccepted
from domain.case.agency.commands import HandToHall, PickUpPapers, SignHallReceipt
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from domain.case.ending.commands import WithdrawCase
from domain.case.pauses.commands import EndSpecialProcedure
from domain.case.steps.commands import StartStep
from domain.case.superior.commands import ReportToSuperior, SignSuperiorReceipt
from domain.case.values import Mode
from domain.grammar import Channel, Device
from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.policy.values import DEFAULT
from projections.watch import Watch
from tests import county
from tests.examples import (
    EXPLAINED,
    VOUCHED,
    a_case_with_a_certificate,
    a_legacy_case,
    a_received_case,
    an_accepted_case,
    asking_for,
    completing,
    delivering,
    entrusting,
    receiving,
    surveying,
)
from tests.registers import enter_in_log
from tests.spec import at, deed, imported
from tests.views import CASE_NO, defined_county, in_views, look_back, record
from tests.watch_cases import FORWARD, STATION, accepted, at_the_station, day, decided, found, lights, told


@pytest.fixture(scope="module")
def county_of_views(postgres):
    with defined_county(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


# ── T01: no word in time ────────────────────────────────────────────────────────────────────────────────────


async def test_t01_is_found_from_the_day_after_the_fifth(views):
    """Received Tuesday 3 March: D5 is Tuesday 10 March."""
    await record(views, *a_received_case())
    assert await lights(views, "03-10", "T01") == []
    (late,) = await found(views, "03-11", "T01")
    assert (late.light, late.due, late.state_on) == ("red", day("03-10"), day("03-11"))
    assert (late.limit_days, late.used_days, late.over_days) == (5, 6, 1)
    assert (late.unit_code, late.window_id, late.person) == (
        county.TOWN_CENTRE,
        county.TOWN_WINDOW,
        "a-town-clerk",
    )


@pytest.mark.parametrize(
    "word",
    [
        deed(asking_for("M2"), "03-10 16:00"),
        deed(AcceptCase(), "03-10 16:00"),
        deed(WithdrawCase(reason="不办了"), "03-10 16:00"),
    ],
)
async def test_t01_a_word_on_the_fifth_day_is_in_time(views, word):
    await record(views, *a_received_case(materials=()), word)
    assert await lights(views, "04-01", "T01") == []


async def test_t01_a_word_that_came_late_does_not_make_it_undone(views):
    await record(views, *a_received_case(), deed(AcceptCase(), "03-11 09:00"))
    assert await lights(views, "04-01", "T01") == [("T01", "red")]


async def test_t01_deemed_acceptance_is_no_word_and_wants_no_second(views):
    async with told(views, *a_received_case()):
        assert await Watch(views).silent(day("03-10")) == []
        assert await Watch(views).silent(day("03-11")) == [CASE_NO]
    async with told(views, *a_received_case(), deed(DeemAccepted(), "03-11 00:10")):
        assert await lights(views, "03-12", "T01") == [("T01", "red")]
        assert await Watch(views).silent(day("03-12")) == []


async def test_t01_nobody_says_what_an_old_system_told_the_applicant(views):
    await record(views, imported(receiving(), "03-03 09:00"))
    assert await lights(views, "11-20", "T01") == []
    assert await Watch(views).silent(day("11-20")) == []


# ── T02, T03, T04: the case's own time ──────────────────────────────────────────────────────────────────────


async def test_t02_a_long_limit_is_warned_of_three_days_before(views):
    """Accepted 3 March, 15 days: due Tuesday 24 March; three are left behind Thursday the 19th."""
    await record(views, *an_accepted_case())
    assert await lights(views, "03-18", "T02") == []
    (soon,) = await found(views, "03-19", "T02")
    assert (soon.light, soon.due, soon.state_on) == ("prewarning", day("03-24"), day("03-19"))
    assert await lights(views, "03-24") == [("T02", "prewarning")]
    assert await lights(views, "03-25") == [("T03", "yellow")]


async def test_t02_a_short_limit_is_warned_of_one_day_before(views):
    """Ten days from 3 March: due Tuesday 17 March; one is left behind Monday the 16th."""
    await record(views, *an_accepted_case(county.PERMIT))
    assert await lights(views, "03-15", "T02") == []
    assert await lights(views, "03-16", "T02") == [("T02", "prewarning")]


async def test_t02_nobody_is_warned_of_what_is_done(views):
    await record(views, *an_accepted_case(), *at_the_station("03-04"), *decided("03-19"))
    assert await lights(views, "03-20", "T02", "T03", "T04") == []


async def test_t02_a_day_without_time_left_to_warn_of_is_not_warned_of(views):
    """即办: due on the day of acceptance."""
    await record(views, *an_accepted_case(county.PROOF))
    assert await lights(views, "03-03", "T02", "T03") == []
    assert await lights(views, "03-04", "T02", "T03") == [("T03", "yellow")]


async def test_t03_over_the_promise_is_yellow_and_t04_over_the_law_red(views):
    """15 days end on 24 March, 20 on 31 March."""
    await record(views, *an_accepted_case())
    assert await lights(views, "03-24", "T03", "T04") == []
    assert await lights(views, "03-25", "T03", "T04") == [("T03", "yellow")]
    assert await lights(views, "03-31", "T03", "T04") == [("T03", "yellow")]
    (late,) = await found(views, "04-01", "T03", "T04")
    assert (late.rule_code, late.light, late.due, late.state_on) == ("T04", "red", day("03-31"), day("04-01"))
    assert (late.limit_days, late.used_days, late.over_days) == (20, 21, 1)


async def test_t03_done_on_the_last_day_is_in_time_and_done_the_day_after_late_for_ever(views):
    begun = (*an_accepted_case(), *at_the_station("03-04"))
    async with told(views, *begun, *decided("03-24")):
        assert await lights(views, "06-01", "T03", "T04") == []
    async with told(views, *begun, *decided("03-25")):
        assert await lights(views, "06-01", "T03", "T04") == [("T03", "yellow")]


async def test_a_finding_is_the_same_however_many_days_pass(views):
    await record(views, *an_accepted_case())
    (first,) = await found(views, "04-01", "T04")
    (later,) = await found(views, "06-01", "T04")
    assert first.signal_no == later.signal_no
    assert (first.used_days, later.used_days) == (21, 61)


async def test_a_special_procedure_moves_the_day_and_makes_it_another_finding(views):
    """Survey from 5 March, planned until the 12th: an open one counts up to its plan, five days: due 31 March."""
    paused = (*an_accepted_case(), deed(surveying(), "03-05 14:00"))
    async with told(views, *paused):
        assert await lights(views, "03-31", "T03") == []
        (open_,) = await found(views, "04-01", "T03")
        assert open_.due == day("03-31")
    async with told(views, *paused, deed(EndSpecialProcedure(result="四至清楚"), "03-10 16:00")):
        (closed,) = await found(views, "03-30", "T03")
    assert (closed.due, closed.state_on) == (day("03-27"), day("03-30"))
    assert closed.signal_no != open_.signal_no


async def test_q3_what_the_office_counted_as_overdue_was_in_time(views):
    """Accepted 12 February, five days: 13, 14 (a Saturday that is worked), 24, 25, 26 February."""
    station = county.CIVIL_HANDLER_POST
    forward = ForwardToStation(to_unit=county.CIVIL_STATION, to_post=station)
    approve = deed(Approve(decision_no="2026-2"), "02-26 16:00", by=county.CIVIL_APPROVER_POST)
    await record(
        views,
        *accepted(county.SUBSIDY, "02-12"),
        deed(forward, "02-12 10:00"),
        deed(SignStationReceipt(), "02-12 11:00", by=station),
        approve,
    )
    assert await lights(views, "02-20", "T02", "T03", "T04") == []
    assert await lights(views, "02-26", "T03", "T04") == []
    assert await lights(views, "12-01", "T03", "T04") == []


async def test_q6_as_known_on_14_may_it_was_overdue_and_as_it_happened_it_was_not(views):
    """Accepted 27 April, ten days: due 13 May. Approved on 8 May, recorded on 15 May."""
    late = deed(Approve(decision_no="2026-6"), "05-08 16:00", recorded="05-15 09:00", backfill=VOUCHED)
    await record(views, *accepted(county.PERMIT, "04-27"), *at_the_station("04-27"), late)
    await look_back(views, known_at=at("05-13 23:59"))
    assert await lights(views, "05-13", "T03") == []
    await look_back(views, known_at=at("05-14 09:00"))
    (overdue,) = await found(views, "05-14", "T03")
    assert (overdue.due, overdue.state_on) == (day("05-13"), day("05-14"))
    assert (overdue.unit_code, overdue.person) == (county.LAND_STATION, "a-handler")
    await look_back(views)
    assert await lights(views, "05-15", "T03", "P08") == [("P08", "red")]


async def test_limits_that_an_old_system_gave_are_kept_or_broken_like_ours(views):
    """Planned for 20 March, at the latest 1 April: nobody is told to have done it."""
    await record(views, *a_legacy_case())
    assert await lights(views, "03-20", "T03", "T04") == []
    assert await lights(views, "03-23", "T03", "T04") == [("T03", "yellow")]
    (late,) = await found(views, "04-02", "T03", "T04")
    assert (late.rule_code, late.due, late.is_legacy) == ("T04", day("04-01"), True)
    assert (late.unit_code, late.person) == ("Group-1", "Resource21")


# ── T05: steps ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_t05_a_step_over_its_published_time(views):
    """承办 begun on 4 March, five days: due 11 March."""
    catalogue = await enter_in_log(views)
    begun = (
        *an_accepted_case(),
        *at_the_station("03-04"),
        deed(StartStep(step_code="CB", step_title="承办"), "03-04 10:00", by=STATION),
    )
    await record(views, *begun, catalogue=catalogue)
    assert await lights(views, "03-11", "T05") == []
    (late,) = await found(views, "03-12", "T05")
    assert (late.light, late.due, late.limit_days, late.used_days) == ("yellow", day("03-11"), 5, 6)
    assert (late.unit_code, late.person) == (county.LAND_STATION, "a-handler")


async def test_t05_a_step_done_on_its_last_day_is_in_time(views):
    catalogue = await enter_in_log(views)
    begun = (
        *an_accepted_case(),
        *at_the_station("03-04"),
        deed(StartStep(step_code="CB", step_title="承办"), "03-04 10:00", by=STATION),
    )
    await record(views, *begun, deed(completing("CB"), "03-11 17:00", by=STATION), catalogue=catalogue)
    assert await lights(views, "03-18", "T05") == []


# ── T06: delivery ───────────────────────────────────────────────────────────────────────────────────────────


async def test_t06_a_licence_not_delivered_in_ten_days_breaks_the_law(views):
    """Approved on 9 March: ten days end on Monday 23 March. Class 01 行政许可: red."""
    catalogue = await enter_in_log(views)
    await record(views, *a_case_with_a_certificate(), catalogue=catalogue)
    assert await lights(views, "03-23", "T06") == []
    (late,) = await found(views, "03-24", "T06")
    assert (late.light, late.due, late.limit_days, late.used_days) == ("red", day("03-23"), 10, 11)


async def test_t06_a_county_that_promises_less_gives_a_yellow_light_first(views):
    stricter = DEFAULT.model_copy(update={"version": "qx-1", "valid_from": day("01-01"), "delivery_days": 5})
    catalogue = await enter_in_log(views, (POLICY, PublishPolicy(policy=stricter)))
    await record(views, *a_case_with_a_certificate(), catalogue=catalogue)
    assert await lights(views, "03-16", "T06") == []
    assert await lights(views, "03-17", "T06") == [("T06", "yellow")]
    assert await lights(views, "03-23", "T06") == [("T06", "yellow")]
    assert await lights(views, "03-24", "T06") == [("T06", "red")]


async def test_t06_what_is_no_licence_is_not_the_laws(views):
    await record(views, *a_case_with_a_certificate())
    assert await lights(views, "03-24", "T06") == [("T06", "yellow")]


async def test_t06_delivered_on_the_tenth_day_is_in_time(views):
    await record(views, *a_case_with_a_certificate(), deed(delivering(), "03-23 17:00"))
    assert await lights(views, "04-23", "T06") == []


# ── T07: reporting up ───────────────────────────────────────────────────────────────────────────────────────


async def test_q8_the_town_reported_up_a_day_late_and_left_it_lying_two_days_on_the_way(views):
    """Accepted 20 April: first review until 20 May. Sent up on the 21st, signed for on the 25th."""
    report = ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意上报", materials_complete=True)
    await record(
        views,
        *accepted(county.REPORT_UP, "04-20"),
        *at_the_station("04-20"),
        deed(report, "05-21 09:00", by=STATION),
        deed(SignSuperiorReceipt(receipt_no="SJ-9"), "05-25 09:00", by=county.PREFECTURE_POST),
    )
    assert await lights(views, "05-20", "T07") == []
    (late,) = await found(views, "05-21", "T07")
    assert (late.light, late.due, late.used_days, late.over_days) == ("red", day("05-20"), 21, 1)
    assert late.unit_code == county.LAND_STATION
    (stuck,) = await found(views, "05-25", "T08")
    assert (stuck.due, stuck.used_days, stuck.unit_code) == (day("05-22"), 2, county.LAND_STATION)
    # the prefecture's own twenty days end on 23 June: 19 June is the Dragon Boat Festival
    assert await lights(views, "06-23", "T03", "T04") == []
    (superior,) = await found(views, "06-24", "T03", "T04")
    assert (superior.rule_code, superior.due, superior.unit_code) == ("T04", day("06-23"), county.PREFECTURE)


async def test_t07_reported_on_the_last_day_is_in_time(views):
    report = ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意上报", materials_complete=True)
    await record(
        views,
        *accepted(county.REPORT_UP, "04-20"),
        *at_the_station("04-20"),
        deed(report, "05-20 17:00", by=STATION),
    )
    assert await lights(views, "05-21", "T02", "T03", "T04", "T07") == []


# ── T08: handing over ───────────────────────────────────────────────────────────────────────────────────────


async def test_q1_the_window_left_the_case_lying_on_its_way_for_two_days(views):
    """Sent on 18 March at 16:40, signed for on the 20th."""
    await record(
        views,
        *an_accepted_case(),
        deed(FORWARD, "03-18 16:40"),
        deed(SignStationReceipt(), "03-20 10:05", by=STATION),
    )
    assert await lights(views, "03-19", "T08") == []
    (stuck,) = await found(views, "03-20", "T08")
    assert (stuck.light, stuck.due, stuck.used_days, stuck.over_days) == ("yellow", day("03-19"), 2, 1)
    assert (stuck.unit_code, stuck.window_id, stuck.person) == (
        county.TOWN_CENTRE,
        county.TOWN_WINDOW,
        "a-town-clerk",
    )


async def test_t08_signed_for_the_next_working_day_is_in_time(views):
    await record(
        views,
        *an_accepted_case(),
        deed(FORWARD, "03-06 16:40"),
        deed(SignStationReceipt(), "03-09 17:00", by=STATION),
    )
    assert await lights(views, "03-20", "T08") == []


def by_an_agent(signed):
    offline = {
        "channel": Channel.agent_point,
        "device": Device(device_id="D-7", device_seq=41, clock_offset_ms=2000),
        "backfill": EXPLAINED,
    }
    return (
        deed(entrusting(), "04-03 09:00", recorded="04-09 18:20", **offline),
        deed(PickUpPapers(), "04-03 09:30", recorded="04-09 18:20", **offline),
        deed(HandToHall(to_unit=county.TOWN_CENTRE), f"{signed} 08:30"),
        deed(SignHallReceipt(), f"{signed} 08:45"),
        deed(receiving(mode=Mode.agent), f"{signed} 09:00"),
    )


async def test_q5_the_village_agent_handed_in_a_day_late(views):
    """Picked up on Friday 3 April: three days end on 9 April, for 4 to 6 April is the festival."""
    await record(views, *by_an_agent("04-10"))
    assert await lights(views, "04-09", "T08") == []
    (late,) = await found(views, "04-10", "T08")
    assert (late.due, late.limit_days, late.used_days, late.over_days) == (day("04-09"), 3, 4, 1)
    assert (late.unit_code, late.person) == (county.TOWN_CENTRE, "a-agent")
