"""监察 watch: what each rule finds, from which day, and what it leaves alone; 2026 by the State Council's calendar."""

from contextlib import asynccontextmanager
from datetime import date

import psycopg
import pytest
from psycopg import sql

from domain.case.acceptance.commands import AcceptCase, DeemAccepted
from domain.case.agency.commands import HandToHall, PickUpPapers, SignHallReceipt
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from domain.case.ending.commands import LinkDuplicate, WithdrawCase
from domain.case.pauses.commands import EndSpecialProcedure
from domain.case.steps.commands import StartStep
from domain.case.superior.commands import ReportToSuperior, SignSuperiorReceipt
from domain.case.values import Mode
from domain.grammar import Channel, Device
from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.policy.values import DEFAULT
from domain.signal.values import signal_no
from projections.registry import PROJECTIONS
from projections.watch import WATCH, Watch
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
    supplying,
    surveying,
)
from tests.registers import enter_in_log
from tests.spec import at, deed, imported
from tests.views import CASE_NO, COUNTY, defined_county, in_views, look_back, record

STATION = county.HANDLER_POST
FORWARD = ForwardToStation(to_unit=county.LAND_STATION, to_post=STATION)
OTHER_NO = "61099910100020260303000025"


@pytest.fixture(scope="module")
def county_of_views(postgres):
    with defined_county(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


def day(text):
    return date.fromisoformat(f"2026-{text}")


async def found(views, today, *rules):
    """What these rules find on the day."""
    everything = await Watch(views).of_cases(day(today))
    return [each for each in everything if each.rule_code in rules]


async def lights(views, today, *rules):
    """(rule, light) of what is found on the day, of all rules or of these."""
    everything = await Watch(views).of_cases(day(today))
    return [(each.rule_code, each.light) for each in everything if not rules or each.rule_code in rules]


def accepted(item, when):
    return (*a_received_case(item, f"{when} 09:00"), deed(AcceptCase(), f"{when} 09:30"))


def at_the_station(when):
    return (deed(FORWARD, f"{when} 09:40"), deed(SignStationReceipt(), f"{when} 09:50", by=STATION))


def decided(when):
    """承办, 审核 and the approval on one day."""
    return (
        deed(completing("CB"), f"{when} 10:00", by=STATION),
        deed(completing("SH", "审核"), f"{when} 10:30", by=county.REVIEWER_POST),
        deed(Approve(decision_no="2026-1"), f"{when} 11:00"),
    )


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


@asynccontextmanager
async def told(views, *deeds, **how):
    """A course that the case might take; forgotten afterwards."""
    async with views.transaction(force_rollback=True):
        await record(views, *deeds, **how)
        yield


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


# ── P: process ──────────────────────────────────────────────────────────────────────────────────────────────


def asked_again(no="GZ-2", when="03-09 09:00", code="M3"):
    return deed(asking_for(code, no=no), when)


def asked_twice():
    """Q4: A and B on 4 March, supplied on the 6th; C on the 9th, which the list already had."""
    return (
        *a_received_case(county.PERMIT, "03-04 09:00", materials=()),
        deed(asking_for("M1", no="GZ-1"), "03-04 10:00"),
        deed(supplying("M1"), "03-06 09:00"),
        asked_again(code="M2"),
    )


async def test_q4_a_second_notice_of_what_could_be_known_is_yellow_a_third_red(views):
    async with told(views, *asked_twice()):
        (again,) = await found(views, "03-09", "P01")
        assert (again.light, again.state_on) == ("yellow", day("03-09"))
        assert (again.unit_code, again.person) == (county.TOWN_CENTRE, "a-town-clerk")
    supplied = deed(supplying("M2"), "03-11 09:00")
    await record(views, *asked_twice(), supplied, asked_again("GZ-3", "03-12 09:00", "M1"))
    assert await lights(views, "03-12", "P01") == [("P01", "yellow"), ("P01", "red")]


async def test_p01_the_acceptance_that_repeats_the_flag_is_no_further_finding(views):
    await record(
        views, *asked_twice(), deed(supplying("M2"), "03-11 09:00"), deed(AcceptCase(), "03-11 10:00")
    )
    assert await lights(views, "03-11", "P01") == [("P01", "yellow")]


async def test_p02_a_material_that_is_not_in_the_list(views):
    await record(views, *a_received_case(), deed(asking_for("X9"), "03-03 10:00"))
    assert await lights(views, "03-03", "P02") == [("P02", "yellow")]
    assert await lights(views, "03-02", "P02") == []


async def test_p03_a_procedure_without_written_notice_is_yellow_and_red_once_it_hides_an_overdue(views):
    """Its five days are counted: due 24 March. Whoever stopped the clock would say nothing is late."""
    pause = deed(surveying(notice_no=None), "03-05 14:00")
    await record(views, *an_accepted_case(), pause, deed(EndSpecialProcedure(result="好"), "03-12 09:00"))
    assert await lights(views, "03-05", "P03") == [("P03", "yellow")]
    assert await lights(views, "03-24", "P03") == [("P03", "yellow")]
    assert await lights(views, "03-25", "P03") == [("P03", "red")]


async def test_p03_a_procedure_longer_than_its_plan(views):
    """Planned until 12 March, ended on the 16th; due 31 March with the five days of the plan."""
    paused = (*an_accepted_case(), deed(surveying(), "03-05 14:00"))
    async with told(views, *paused):
        assert await lights(views, "03-12", "P03") == []
        (over,) = await found(views, "03-13", "P03")
        assert (over.light, over.due) == ("yellow", day("03-12"))
    await record(views, *paused, deed(EndSpecialProcedure(result="好"), "03-16 09:00"))
    (still,) = await found(views, "03-31", "P03")
    assert (still.light, still.due) == ("yellow", day("03-12"))
    assert await lights(views, "04-01", "P03") == [("P03", "red")]


async def test_p03_a_procedure_in_good_order_is_left_alone(views):
    await record(
        views,
        *an_accepted_case(),
        deed(surveying(), "03-05 14:00"),
        deed(EndSpecialProcedure(result="好"), "03-12 17:00"),
    )
    assert await lights(views, "04-20", "P03") == []


async def test_p05_what_the_record_flagged_as_out_of_order(views):
    """Papers signed over at the hall only later: 批准 without 承办 and 审核."""
    await record(
        views, *an_accepted_case(), *at_the_station("03-04"), deed(Approve(decision_no="1"), "03-05 09:00")
    )
    flagged = {each.rule_code for each in await Watch(views).of_cases(day("03-05"))}
    recorded = await views.execute(
        "select distinct code from events cross join lateral jsonb_array_elements_text("
        "convert_from(state, 'UTF8')::jsonb -> 'envelope' -> 'irregularities') as code where code ~ '^[A-Z][0-9]+$'"
    )
    assert flagged == {code for (code,) in await recorded.fetchall()}


async def test_p06_and_f01_stand_on_what_an_import_was_flagged_for(views):
    """The same person accepted and approved, as the old system says."""
    who = {"unit": "Group-1", "person": "Resource21"}
    await record(
        views,
        imported(receiving(), "03-03 09:00", **who),
        imported(AcceptCase(), "03-03 09:30", **who),
        imported(Approve(decision_no="2026-9"), "03-05 09:00", **who),
    )
    (own,) = await found(views, "03-05", "P06")
    assert (own.light, own.person, own.is_legacy) == ("yellow", "Resource21", True)


async def test_p08_recorded_late_is_yellow_where_nothing_hung_on_it(views):
    late = deed(FORWARD, "03-04 09:00", recorded="03-06 09:00", backfill=EXPLAINED)
    await record(views, *an_accepted_case(), late)
    await look_back(views, known_at=at("03-05 23:59"))
    assert await lights(views, "03-05", "P08") == []
    await look_back(views)
    (backfilled,) = await found(views, "03-06", "P08")
    assert (backfilled.light, backfilled.state_on) == ("yellow", day("03-06"))


async def test_p09_an_item_that_was_cancelled(views):
    """Cancelled on 1 July 2025."""
    await record(views, imported(receiving(county.CANCELLED), "03-03 09:00"))
    assert await lights(views, "03-03", "P09") == [("P09", "red")]


# ── two cases, and none ─────────────────────────────────────────────────────────────────────────────────────


def at_the_county(when="03-04"):
    there = {"by": county.COUNTY_CLERK_POST}
    return (
        deed(receiving(object_ref="ZD-12"), f"{when} 09:00", **there),
        deed(AcceptCase(), f"{when} 09:30", **there),
    )


def at_the_town():
    return (deed(receiving(object_ref="ZD-12"), "03-03 09:00"), deed(AcceptCase(), "03-03 09:30"))


async def test_p07_the_same_matter_accepted_at_two_places(views):
    await record(views, *at_the_town())
    assert await Watch(views).accepted_twice(day("03-04")) == []
    await record(views, *at_the_county(), case_no=OTHER_NO)
    assert await Watch(views).accepted_twice(day("03-03")) == []
    (twice,) = await Watch(views).accepted_twice(day("03-04"))
    assert (twice.case_no, twice.light, twice.unit_code) == (OTHER_NO, "yellow", county.CENTRE)
    assert len(twice.facts) == 2


async def test_p07_linking_the_two_makes_no_further_finding(views):
    link = deed(LinkDuplicate(other_case=OTHER_NO, governing_case=CASE_NO), "03-05 09:00")
    await record(views, *at_the_town(), link)
    assert await lights(views, "03-05", "P07") == [("P07", "yellow")]
    await record(views, *at_the_county(), case_no=OTHER_NO)
    assert await lights(views, "03-05", "P07") == []
    (twice,) = await Watch(views).accepted_twice(day("03-05"))
    assert twice.case_no == OTHER_NO


async def test_p07_a_link_to_a_case_that_was_not_accepted_stands_by_itself(views):
    link = deed(LinkDuplicate(other_case="X-2", governing_case="X-2"), "03-05 09:00")
    await record(views, *at_the_town(), link)
    assert await Watch(views).accepted_twice(day("03-05")) == []
    assert await lights(views, "03-05", "P07") == [("P07", "yellow")]


async def test_z01_a_window_that_accepts_nothing_for_twenty_two_days_is_noticed_once(views):
    """The town's window accepted a case on 3 March: the 22nd working day is Thursday 2 April."""
    catalogue = await enter_in_log(views)
    await record(views, *an_accepted_case(), catalogue=catalogue)

    async def idle(today):
        found = await Watch(views).idle_windows(day(today))
        return [each for each in found if each.window_id == county.TOWN_WINDOW]

    assert await idle("04-01") == []
    (first,) = await idle("04-02")
    assert (first.light, first.subject, first.state_on) == ("notice", "window:T-03", day("04-02"))
    assert (first.limit_days, first.used_days, first.unit_code) == (22, 22, county.TOWN_CENTRE)
    (later,) = await idle("06-02")
    assert later.signal_no == first.signal_no


# ── the number ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_number_of_a_finding_is_the_one_the_record_computes(views):
    catalogue = await enter_in_log(views)
    await record(views, *at_the_town(), catalogue=catalogue)
    await record(views, *at_the_county(), case_no=OTHER_NO, catalogue=catalogue)
    watch = Watch(views)
    everything = [
        *await watch.of_cases(day("06-01")),
        *await watch.accepted_twice(day("06-01")),
        *await watch.idle_windows(day("06-01")),
    ]
    assert {each.rule_code for each in everything} == {"T04", "P07", "Z01"}
    for each in everything:
        said = (each.rule_code, each.light, each.subject, tuple(each.facts), each.due)
        assert each.signal_no == signal_no(*said)


# ── beside the tables that it stands on ─────────────────────────────────────────────────────────────────────


def test_asked_for_some_cases_it_reads_their_rows_alone(county_of_views):
    """As the engine asks when a case has moved: what it needs stands in tables."""
    with psycopg.connect(county_of_views, autocommit=True) as connection:
        connection.execute(f"create schema kept; set search_path = kept, {COUNTY}")
        for projection in PROJECTIONS:
            if projection.name in {need.name for need in WATCH.needs}:
                name = sql.Identifier(projection.name)
                connection.execute(
                    sql.SQL("create table kept.{} as select * from views.{}").format(name, name)
                )
                connection.execute(projection.table)
        connection.execute(sql.SQL("create view kept.watch as ") + WATCH.definition, {})
        connection.execute("set enable_seqscan = off; set enable_bitmapscan = off")
        plan = connection.execute(
            "explain (format json) select * from watch where stream = any (%s)", [["case:1", "case:2"]]
        ).fetchone()[0][0]["Plan"]
    by_case = [node for node in nodes(plan) if node.get("Relation Name") in {"events", "clock", "steps"}]
    assert len(by_case) >= 5
    assert [node for node in by_case if "stream" not in node.get("Index Cond", "")] == []


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)
