"""重演 over HTTP: the disputes' questions, and every step of the way to their answers."""

from datetime import date

import pytest

from domain.amendment import VoidEvent
from domain.case.acceptance.commands import AcceptCase
from domain.case.agency.commands import HandToHall, PickUpPapers, SignHallReceipt
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from domain.case.superior.commands import ReportToSuperior, SignSuperiorReceipt
from domain.case.values import Mode
from domain.grammar import Channel, Device
from domain.signal import SIGNAL
from domain.signal.commands import RaiseSignal
from domain.signal.values import Light, RuleCode
from tests import county
from tests.contract.test_api_custody import who_sat_on_it
from tests.contract.test_api_what_if import false_overdue
from tests.examples import EXPLAINED, VOUCHED, a_received_case, completing, entrusting, receiving
from tests.reads import CASE_NO, a_read_county
from tests.spec import CLOCK, deed

REPLAY = f"/v1/cases/{CASE_NO}/replay"
STATION = county.HANDLER_POST


@pytest.fixture
async def read_county(database18):
    async with a_read_county(database18) as read_county:
        yield read_county


def at_the_station(item, when):
    return (
        *a_received_case(item, f"{when} 09:00"),
        deed(AcceptCase(), f"{when} 09:30"),
        deed(ForwardToStation(to_unit=county.LAND_STATION, to_post=STATION), f"{when} 09:40"),
        deed(SignStationReceipt(), f"{when} 09:50", by=STATION),
    )


def late_of(replay):
    return [
        (late["rule"], late["holder_unit"], late["limit_days"], late["used_days"], late["late_days"])
        for late in replay["verdict"]["late"]
    ]


async def test_q1_the_window_held_it_for_thirteen_days_and_sent_it_a_day_too_slowly(read_county):
    await read_county.record(*who_sat_on_it())
    replay = await read_county.read(REPLAY, day="2026-03-20")
    hands = [(step["hands"]["holder_unit"], step["hands"]["is_in_transit"]) for step in replay["steps"]]
    assert hands == [
        *[(county.TOWN_CENTRE, False)] * 4,
        (county.TOWN_CENTRE, True),
        (county.LAND_STATION, False),
    ]
    clocks = [(step["clock"]["used_days"], step["clock"]["is_paused"]) for step in replay["steps"][1:]]
    assert clocks == [(0, False), (2, True), (2, False), (8, False), (10, False)]
    window, station = replay["verdict"]["holders"]
    assert (window["held_days"], window["transit_days"], window["gross_days"], window["net_days"]) == (
        11,
        2,
        13,
        10,
    )
    assert (station["gross_days"], station["net_days"]) == (0, 0)
    assert replay["verdict"]["total"] == {
        "held_days": 11,
        "transit_days": 2,
        "gross_days": 13,
        "excluded_days": 3,
        "net_days": 10,
    }
    assert (replay["verdict"]["clock"]["promise_due"], replay["verdict"]["clock"]["remaining_days"]) == (
        "2026-03-27",
        5,
    )
    assert late_of(replay) == [("T08", county.TOWN_CENTRE, 1, 2, 1)]
    assert replay["verdict"]["late"][0]["holder_person"] == "a-town-clerk"


async def test_q3_by_weekdays_the_office_would_have_been_late(read_county):
    await read_county.record(*false_overdue())
    assert late_of(await read_county.read(REPLAY, day="2026-02-26")) == []
    sheet = await read_county.read(REPLAY, what_if_calendar="weekdays")
    assert late_of(sheet)[0] == ("T03", county.CIVIL_STATION, 5, 10, 5)
    assert sheet["verdict"]["late"][0]["due"] == "2026-02-19"


async def test_q5_the_agent_was_a_day_late_by_the_rule_of_three_days(read_county):
    device = {"device": Device(device_id="DB-1", device_seq=41, clock_offset_ms=2000), "backfill": EXPLAINED}
    offline = device | {"channel": Channel.agent_point}
    agent = county.AGENT_POST
    mandate = entrusting(county.POINT_SHANG, item_codes=(county.PERMIT,))
    await read_county.record(
        deed(mandate, "04-03 09:00", by=agent, recorded="04-09 18:20", **offline),
        deed(PickUpPapers(is_offline=True), "04-03 09:10", by=agent, recorded="04-09 18:20", **offline),
        deed(HandToHall(to_unit=county.TOWN_CENTRE), "04-10 08:50", by=agent),
        deed(SignHallReceipt(), "04-10 09:00"),
        deed(receiving(county.PERMIT, mode=Mode.agent), "04-10 09:10"),
        deed(AcceptCase(), "04-10 09:20"),
    )
    replay = await read_county.read(REPLAY, day="2026-04-10")
    (late,) = replay["verdict"]["late"]
    assert (late["rule"], late["is_agent"], late["due"], late["used_days"], late["late_days"]) == (
        "T08",
        True,
        "2026-04-09",
        4,
        1,
    )
    assert late["basis"] == "agent_leg_days, policy default-1"
    assert replay["steps"][1]["event"]["lag_days"] == 3


async def test_q6_as_known_the_case_ran_late_and_as_happened_it_never_did(read_county):
    """Due on 13 May; approved on the 8th, recorded on the 15th, when two days seemed to be lost: the 14th and 15th."""
    await read_county.record(
        *at_the_station(county.PERMIT, "04-27"),
        deed(completing("CB"), "04-30 09:00", by=STATION),
        deed(Approve(decision_no="XK-6"), "05-08 15:00", recorded="05-15 09:00", backfill=VOUCHED),
    )
    known = await read_county.read(REPLAY, course="known", known_at="2026-05-14T18:00:00+08:00")
    assert known["steps"][-1]["event"]["topic"] == "case.step_completed.v1"
    assert (known["verdict"]["clock"]["done_on"], known["verdict"]["clock"]["overdue_days"]) == (None, 1)
    assert late_of(known) == [("T03", county.LAND_STATION, 10, 11, 1)]

    told = await read_county.read(REPLAY, course="known")
    assert [step["day"] for step in told["steps"]][-1] == "2026-05-15"
    assert told["steps"][-1]["clock"]["used_days"] == 6

    happened = await read_county.read(REPLAY, happened_by="2026-05-14T18:00:00+08:00")
    assert (happened["steps"][-1]["day"], happened["steps"][-1]["clock"]["used_days"]) == ("2026-05-08", 6)
    assert late_of(happened) == []


async def test_q8_the_town_was_late_with_its_review_and_slow_in_sending(read_county):
    await read_county.record(
        *at_the_station(county.REPORT_UP, "04-20"),
        deed(
            ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意上报", materials_complete=True),
            "05-21 09:00",
            by=STATION,
        ),
        deed(SignSuperiorReceipt(), "05-25 09:00", by=county.PREFECTURE_POST),
    )
    replay = await read_county.read(REPLAY, day="2026-05-25")
    review = next(late for late in replay["verdict"]["late"] if late["rule"] == "T07")
    assert (review["holder_unit"], review["due"], review["used_days"], review["late_days"]) == (
        county.LAND_STATION,
        "2026-05-20",
        21,
        1,
    )
    assert review["basis"] == "行政许可法 Art. 43"
    assert ("T08", county.LAND_STATION, 1, 2, 1) in late_of(replay)
    assert replay["steps"][-1]["hands"]["holder_unit"] == county.PREFECTURE


async def test_as_known_a_void_is_a_step_and_as_happened_what_it_is_about_never_was(read_county):
    *before, signed = who_sat_on_it()
    void = deed(VoidEvent(target_version=6, reason="误签", approved_by="a-director"), "03-23 09:00")
    await read_county.record(*before, signed, void)
    known = await read_county.read(REPLAY, course="known")
    assert [step["event"]["fate"] for step in known["steps"]][4:] == ["as recorded", "voided", "amendment"]
    assert [step["hands"]["holder_unit"] for step in known["steps"]][4:] == [
        county.TOWN_CENTRE,
        county.LAND_STATION,
        county.TOWN_CENTRE,
    ]
    happened = await read_county.read(REPLAY)
    assert [step["event"]["version"] for step in happened["steps"]] == [1, 2, 3, 4, 5]


async def test_what_the_watch_had_raised_stands_beside_the_steps_that_followed(read_county):
    """Sent on the 18th at 16:40, a signal on Friday the 20th at 08:00, signed for at 10:05 the same day."""
    *before, signed = who_sat_on_it()
    stuck = RaiseSignal(
        rule_code=RuleCode.handoff_stuck,
        light=Light.yellow,
        subject=f"case:{CASE_NO}",
        case_no=CASE_NO,
        facts=(5,),
        state_on=date(2026, 3, 20),
        unit_code=county.TOWN_CENTRE,
        person="a-town-clerk",
    )
    await read_county.record(*before)
    await read_county.tell(SIGNAL, stuck, "03-20 08:00", by=CLOCK, identity=stuck.signal_no)
    await read_county.go_on(before, signed)
    replay = await read_county.read(REPLAY, course="known")
    assert [[signal["rule_code"] for signal in step["signals"]] for step in replay["steps"]] == [
        *[[]] * 5,
        ["T08"],
    ]
    (signal,) = replay["verdict"]["signals"]
    assert (signal["light"], signal["state"], signal["unit_code"]) == ("yellow", "raised", county.TOWN_CENTRE)
    then = await read_county.read(REPLAY, known_at="2026-03-20T07:00:00+08:00")
    assert then["verdict"]["signals"] == []


async def test_a_step_over_its_budget_and_a_result_that_comes_late_are_somebodys_too(read_county):
    """承办 has 5 days, took 4 to 12 March; approved on the 13th, the result is due on the 27th, lies still on the 31st."""
    await read_county.enter_registers()
    await read_county.record(
        *at_the_station(county.HOMESTEAD, "03-03"),
        deed(completing("CB"), "03-12 09:00", by=STATION),
        deed(Approve(decision_no="XK-1"), "03-13 09:00"),
    )
    replay = await read_county.read(REPLAY, day="2026-03-31")
    station = county.LAND_STATION
    assert late_of(replay) == [("T05", station, 5, 7, 2), ("T06", station, 10, 12, 2)]
    step, delivery = replay["verdict"]["late"]
    assert (step["due"], step["holder_person"]) == ("2026-03-10", "a-handler")
    assert (delivery["due"], delivery["basis"]) == ("2026-03-27", "行政许可法 Art. 44")
    assert late_of(await read_county.read(REPLAY, day="2026-03-10")) == []


async def test_a_replay_refuses_what_it_does_not_know(read_county):
    await read_county.record(*who_sat_on_it())
    for query, status in (({"course": "dreamt"}, 422), ({"known_at": "2026-03-01T00:00:00Z"}, 404)):
        assert (await read_county.refused(REPLAY, **query))["status"] == status
