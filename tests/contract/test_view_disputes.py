"""The questions an investigator puts, asked of custody 持件, clock 时限 and case card: every figure of the answers."""

from datetime import date

import pytest

from domain.case.acceptance.commands import AcceptCase
from domain.case.agency.commands import HandToHall, PickUpPapers, SignHallReceipt
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from domain.case.pauses.commands import EndSpecialProcedure
from domain.case.superior.commands import ReportToSuperior, SignSuperiorReceipt
from domain.case.values import Mode
from domain.grammar import Channel, Device
from projections.case_card import CaseCards
from projections.clock import Clocks
from projections.custody import CustodyLedger
from tests import county
from tests.examples import (
    EXPLAINED,
    VOUCHED,
    a_received_case,
    asking_for,
    completing,
    entrusting,
    receiving,
    supplying,
    surveying,
)
from tests.spec import at, deed
from tests.views import STREAM, defined_county, in_views, look_back, record

STATION = county.HANDLER_POST
FORWARD = ForwardToStation(to_unit=county.LAND_STATION, to_post=STATION)


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


def accepted(item, when):
    return (*a_received_case(item, f"{when} 09:00"), deed(AcceptCase(), f"{when} 09:30"))


def at_the_station(when):
    return (deed(FORWARD, f"{when} 09:40"), deed(SignStationReceipt(), f"{when} 09:50", by=STATION))


async def the_clock(views, today):
    (standing,) = await Clocks(views).standing([STREAM], today)
    return standing


# ── Q1: who sat on it? ──────────────────────────────────────────────────────────────────────────────────────


def who_sat_on_it():
    return (
        *accepted(county.HOMESTEAD, "03-03"),
        deed(surveying(), "03-05 14:00"),
        deed(EndSpecialProcedure(result="四至清楚"), "03-10 16:00"),
        deed(FORWARD, "03-18 16:40"),
        deed(SignStationReceipt(), "03-20 10:05", by=STATION),
    )


async def test_q1_the_window_held_the_case_for_thirteen_days_ten_of_them_counted(views):
    await record(views, *who_sat_on_it())
    window, station = await CustodyLedger(views).by_unit([STREAM], day("03-20"))
    assert window.holder_unit == county.TOWN_CENTRE
    assert (window.held_days, window.transit_days, window.gross_days) == (11, 2, 13)
    assert (window.excluded_days, window.net_days) == (3, 10)
    assert station.holder_unit == county.LAND_STATION
    assert (station.gross_days, station.net_days) == (0, 0)


async def test_q1_what_was_on_its_way_stands_in_a_spell_of_its_own(views):
    await record(views, *who_sat_on_it())
    held, transit, signed = await CustodyLedger(views).spells([STREAM], day("03-20"))
    assert (held.from_day, held.to_day, held.gross_days, held.net_days) == (day("03-03"), day("03-18"), 11, 8)
    assert (transit.from_day, transit.to_day, transit.gross_days) == (day("03-18"), day("03-20"), 2)
    assert (transit.holder_unit, transit.in_transit_to) == (county.TOWN_CENTRE, county.LAND_STATION)
    assert transit.is_in_transit
    assert (transit.holder_window, transit.holder_person) == (county.TOWN_WINDOW, "a-town-clerk")
    assert (signed.from_day, signed.to_day, signed.holder_person) == (day("03-20"), None, "a-handler")


async def test_q1_the_survey_moved_both_days_due_and_nothing_is_overdue(views):
    await record(views, *who_sat_on_it())
    clock = await the_clock(views, day("03-20"))
    assert (clock.promise_due, clock.legal_due) == (day("03-27"), day("04-03"))
    assert (clock.gross_days, clock.used_days, clock.remaining_days, clock.overdue_days) == (13, 10, 5, 0)


async def test_q1_each_reading_of_the_survey_stands_beside_the_rules(views):
    await record(views, *who_sat_on_it())
    readings = await Clocks(views).readings([STREAM], day("03-20"))
    assert {each.name: (each.excluded_days, each.promise_due, each.legal_due) for each in readings} == {
        "as ruled": (3, day("03-27"), day("04-03")),
        "at face value": (3, day("03-27"), day("04-03")),
        "up to the plan": (3, day("03-27"), day("04-03")),
        "void": (0, day("03-24"), day("03-31")),
    }


# ── Q3: false overdue ───────────────────────────────────────────────────────────────────────────────────────


async def test_q3_the_days_of_the_spring_festival_are_not_counted(views):
    await record(
        views,
        *accepted(county.SUBSIDY, "02-12"),
        deed(ForwardToStation(to_unit=county.CIVIL_STATION), "02-12 10:00"),
        deed(SignStationReceipt(), "02-12 11:00", by=county.CIVIL_HANDLER_POST),
        deed(completing("CB"), "02-25 09:00", by=county.CIVIL_HANDLER_POST),
        deed(Approve(decision_no="BT-1"), "02-26 10:00", by=county.CIVIL_APPROVER_POST),
    )
    clock = await the_clock(views, day("11-20"))
    assert (clock.promise_days, clock.promise_due, clock.done_on) == (5, day("02-26"), day("02-26"))
    assert (clock.used_days, clock.overdue_days) == (5, 0)


# ── Q4: second notice ───────────────────────────────────────────────────────────────────────────────────────


async def test_q4_a_second_notice_that_could_have_come_first_does_not_move_acceptance(views):
    await record(
        views,
        *a_received_case(county.PERMIT, "03-04 09:00", materials=()),
        deed(asking_for("M1", "M2"), "03-04 10:00"),
        deed(supplying("M1", "M2"), "03-06 09:00"),
        deed(asking_for("M9", no="GZ-2"), "03-09 09:00"),
        deed(supplying("M9"), "03-11 09:00"),
        deed(AcceptCase(), "03-11 10:00"),
        *at_the_station("03-12"),
        deed(completing("CB"), "03-20 09:00", by=STATION),
        deed(Approve(decision_no="XK-1"), "03-23 09:00"),
    )
    clock = await the_clock(views, day("11-20"))
    assert (clock.accepted_on, clock.promise_due) == (day("03-06"), day("03-20"))
    assert (clock.used_days, clock.overdue_days) == (11, 1)
    (card,) = await CaseCards(views).cards([STREAM])
    assert (card.notices, card.accepted_on, card.decided_on) == (2, day("03-06"), day("03-23"))
    assert card.irregular_events >= 1


# ── Q5: village agent handoff ───────────────────────────────────────────────────────────────────────────────


def through_the_agent(point=county.POINT_SHANG, agent=county.AGENT_POST):
    device = {"device": Device(device_id="DB-1", device_seq=41, clock_offset_ms=2000), "backfill": EXPLAINED}
    offline = device | {"channel": Channel.agent_point}
    return (
        deed(
            entrusting(point, item_codes=(county.PERMIT,)),
            "04-03 09:00",
            by=agent,
            recorded="04-09 18:20",
            **offline,
        ),
        deed(PickUpPapers(is_offline=True), "04-03 09:10", by=agent, recorded="04-09 18:20", **offline),
        deed(HandToHall(to_unit=county.TOWN_CENTRE), "04-10 08:50", by=agent),
        deed(SignHallReceipt(), "04-10 09:00"),
        deed(receiving(county.PERMIT, mode=Mode.agent), "04-10 09:10"),
        deed(AcceptCase(), "04-10 09:20"),
    )


async def test_q5_the_agents_leg_was_a_day_late_and_the_lag_of_the_upload_stands_apart(views):
    await record(views, *through_the_agent())
    (leg,) = await CustodyLedger(views).agent_legs([STREAM], day("04-10"))
    assert (leg.picked_up_on, leg.signed_on, leg.due) == (day("04-03"), day("04-10"), day("04-09"))
    assert (leg.used_days, leg.late_days, leg.recording_lag_days) == (4, 1, 3)


async def test_q5_the_legal_clock_starts_when_the_hall_receives_it(views):
    await record(views, *through_the_agent())
    assert (await the_clock(views, day("04-10"))).accepted_on == day("04-10")


async def test_q5_at_an_authorised_point_the_legal_clock_starts_with_the_agent(views):
    await record(views, *through_the_agent(county.POINT_XIA, county.OTHER_AGENT_POST))
    assert (await the_clock(views, day("04-10"))).accepted_on == day("04-03")


# ── Q6: back-entered approval ───────────────────────────────────────────────────────────────────────────────


def entered_late():
    return (
        *accepted(county.PERMIT, "04-27"),
        *at_the_station("04-27"),
        deed(completing("CB"), "04-30 09:00", by=STATION),
        deed(Approve(decision_no="XK-6"), "05-08 15:00", recorded="05-15 09:00", backfill=VOUCHED),
    )


async def test_q6_as_known_on_14_may_the_case_is_open_and_overdue(views):
    await record(views, *entered_late())
    await look_back(views, known_at=at("05-14 18:00"), happened_by=at("05-14 18:00"))
    clock = await the_clock(views, day("05-14"))
    assert (clock.promise_due, clock.done_on, clock.overdue_days) == (day("05-13"), None, 1)
    (card,) = await CaseCards(views).cards([STREAM])
    assert (card.status, card.decided_on) == ("in_progress", None)


async def test_q6_as_happened_it_was_approved_on_the_sixth_day_of_ten(views):
    await record(views, *entered_late())
    await look_back(views, happened_by=at("05-14 18:00"))
    clock = await the_clock(views, day("05-14"))
    assert (clock.done_on, clock.used_days, clock.overdue_days) == (day("05-08"), 6, 0)
    (card,) = await CaseCards(views).cards([STREAM])
    assert (card.status, card.decided_on, card.backfilled_events) == ("approved", day("05-08"), 1)


# ── Q8: report-up ───────────────────────────────────────────────────────────────────────────────────────────


async def test_q8_the_first_review_was_a_day_late_and_the_superior_has_its_own_limit(views):
    await record(
        views,
        *accepted(county.REPORT_UP, "04-20"),
        *at_the_station("04-20"),
        deed(
            ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意上报", materials_complete=True),
            "05-21 09:00",
            by=STATION,
        ),
        deed(SignSuperiorReceipt(), "05-25 09:00", by=county.PREFECTURE_POST),
    )
    clock = await the_clock(views, day("05-25"))
    assert (clock.first_review_due, clock.first_review_days) == (day("05-20"), 21)
    assert clock.first_review_overdue_days == 1
    assert (clock.superior_signed_on, clock.superior_due) == (day("05-25"), day("06-23"))
    transit = next(
        spell
        for spell in await CustodyLedger(views).spells([STREAM], day("05-25"))
        if spell.to_day == day("05-25")
    )
    assert (transit.is_in_transit, transit.gross_days, transit.holder_unit) == (True, 2, county.LAND_STATION)


# ── E1: year end ────────────────────────────────────────────────────────────────────────────────────────────


async def test_e1_an_answer_in_a_year_that_is_not_published_is_provisional(views):
    await record(views, *accepted(county.PERMIT, "12-10"))
    clock = await the_clock(views, day("12-10"))
    assert (clock.legal_due, clock.is_provisional) == (date(2027, 1, 8), True)
