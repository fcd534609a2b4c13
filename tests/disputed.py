"""The disputes of 2026, each a case that a served county recorded: what happened, told deed by deed.

Q14's fifty-one cases were taken in at the county's window, all others at the town's window 3.
"""

from domain.case.acceptance.commands import AcceptCase
from domain.case.agency.commands import HandToHall, PickUpPapers, SignHallReceipt
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from domain.case.ending.commands import Conclude
from domain.case.pauses.commands import EndSpecialProcedure
from domain.case.superior.commands import ReportToSuperior, SignSuperiorReceipt
from domain.case.values import Mode
from domain.grammar import Channel, Device
from tests import county
from tests.examples import (
    EXPLAINED,
    VOUCHED,
    asking_for,
    completing,
    entrusting,
    receiving,
    supplying,
    surveying,
)
from tests.spec import deed

STATION = county.HANDLER_POST
APPROVE = Approve(decision_no="2026-17")
ON_TIME = 48
"""Cases of window A that were taken in on 16 March and approved on the 23rd."""


def accepted(item, when, by=county.TOWN_CLERK_POST):
    return (
        deed(receiving(item), f"{when} 09:00", by=by),
        deed(AcceptCase(), f"{when} 09:30", by=by),
    )


def at_the_station(when, by=county.TOWN_CLERK_POST):
    forward = ForwardToStation(to_unit=county.LAND_STATION, to_post=STATION)
    return (
        deed(forward, f"{when} 09:40", by=by),
        deed(SignStationReceipt(), f"{when} 09:50", by=STATION),
    )


def handled(when):
    return deed(completing("CB"), f"{when} 10:00", by=STATION)


def who_sat_on_it():
    return (
        *accepted(county.HOMESTEAD, "03-03"),
        deed(surveying(), "03-05 14:00"),
        deed(EndSpecialProcedure(result="四至清楚"), "03-10 16:00"),
        deed(ForwardToStation(to_unit=county.LAND_STATION, to_post=STATION), "03-18 16:40"),
        deed(SignStationReceipt(), "03-20 10:05", by=STATION),
    )


def called_overdue_by_the_spreadsheet():
    return (
        *accepted(county.SUBSIDY, "02-12"),
        deed(ForwardToStation(to_unit=county.CIVIL_STATION), "02-12 10:00"),
        deed(SignStationReceipt(), "02-12 11:00", by=county.CIVIL_HANDLER_POST),
        deed(completing("CB"), "02-25 09:00", by=county.CIVIL_HANDLER_POST),
        deed(Approve(decision_no="BT-1"), "02-26 10:00", by=county.CIVIL_APPROVER_POST),
    )


def asked_twice(*, arises_from=None):
    """`arises_from`: what the second notice says its material follows from."""
    second = asking_for("M9", no="GZ-2")
    if arises_from:
        (material,) = second.missing
        second = second.model_copy(
            update={"missing": (material.model_copy(update={"arises_from": arises_from}),)}
        )
    return (
        deed(receiving(county.PERMIT, materials=()), "03-04 09:00"),
        deed(asking_for("M1", "M2"), "03-04 10:00"),
        deed(supplying("M1", "M2"), "03-06 09:00"),
        deed(second, "03-09 09:00"),
        deed(supplying("M9"), "03-11 09:00"),
        deed(AcceptCase(), "03-11 10:00"),
        *at_the_station("03-12"),
        handled("03-20"),
        deed(Approve(decision_no="XK-1"), "03-23 09:00"),
    )


def through_the_agent(point=county.POINT_SHANG, agent=county.AGENT_POST):
    def offline(device_seq):
        device = Device(device_id=f"{point}-1", device_seq=device_seq, clock_offset_ms=2000)
        told = {"backfill": EXPLAINED, "channel": Channel.agent_point, "recorded": "04-09 18:20"}
        return {"device": device, **told}

    return (
        deed(entrusting(point, item_codes=(county.PERMIT,)), "04-03 09:30", by=agent, **offline(40)),
        deed(PickUpPapers(is_offline=True), "04-03 09:40", by=agent, **offline(41)),
        deed(HandToHall(to_unit=county.TOWN_CENTRE), "04-10 08:50", by=agent),
        deed(SignHallReceipt(), "04-10 09:00"),
        deed(receiving(county.PERMIT, mode=Mode.agent), "04-10 09:10"),
        deed(AcceptCase(), "04-10 09:20"),
        *at_the_station("04-10"),
        handled("04-13"),
        deed(Approve(decision_no="XK-5"), "04-14 09:00"),
        deed(Conclude(result="准予"), "04-14 09:30"),
    )


def entered_late():
    return (
        *accepted(county.PERMIT, "04-27"),
        *at_the_station("04-27"),
        handled("04-30"),
        deed(Approve(decision_no="XK-6"), "05-08 15:00", recorded="05-15 09:00", backfill=VOUCHED),
    )


def sent_up_late():
    report = ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意上报", materials_complete=True)
    return (
        *accepted(county.REPORT_UP, "04-20"),
        *at_the_station("04-20"),
        deed(report, "05-21 09:00", by=STATION),
        deed(SignSuperiorReceipt(), "05-25 09:00", by=county.PREFECTURE_POST),
    )


def at_the_years_end():
    return accepted(county.PERMIT, "12-10")


# ── Q14: the window whose bulletin is wrong ─────────────────────────────────────────────────────────────────


def at_window_a(item, taken_in, done_on, **told):
    """Approved and concluded on the day."""
    return (
        *accepted(item, taken_in, by=county.COUNTY_CLERK_POST),
        *at_the_station(taken_in, by=county.COUNTY_CLERK_POST),
        handled(taken_in),
        deed(APPROVE, f"{done_on} 10:00", **told),
        deed(Conclude(result="准予"), f"{done_on} 11:00", **told),
    )


def on_time():
    return at_window_a(county.PERMIT, "03-16", "03-23")


def really_overdue():
    """Due on 16 March, done on the 20th."""
    return at_window_a(county.PERMIT, "03-02", "03-20")


def cleared_later():
    """Due on 23 March, done on the 26th; the survey of 16 to 20 March, four days of it counted, told on 8 April."""
    told_late = {"recorded": "04-08 10:00", "backfill": VOUCHED}
    return (
        *at_window_a(county.HOMESTEAD, "03-02", "03-26"),
        deed(surveying(), "03-16 09:00", by=STATION, **told_late),
        deed(EndSpecialProcedure(result="四至清楚"), "03-20 16:00", by=STATION, **told_late),
    )


def concluded_but_not_told():
    return at_window_a(county.PERMIT, "03-25", "03-31", recorded="04-07 09:00", backfill=EXPLAINED)
