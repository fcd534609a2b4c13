"""Disputes an investigator puts, as far as the record itself answers: dates, deadlines, flags. All dates are 2026."""

from datetime import date

from domain.calendar import due, used
from domain.case.acceptance.commands import AcceptCase
from domain.case.acceptance.events import CaseAccepted
from domain.case.agency.commands import HandToHall, PickUpPapers, SignHallReceipt
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from domain.case.decision.events import CaseApproved
from domain.case.intake.rejections import KnowableBefore
from domain.case.pauses.commands import EndSpecialProcedure
from domain.case.rejections import LateWithoutSecondPerson
from domain.case.superior.commands import ReportToSuperior, SignSuperiorReceipt
from domain.case.values import Mode
from domain.grammar import Backfill, Device, local_day
from tests import county
from tests.examples import (
    EXPLAINED,
    VOUCHED,
    a_received_case,
    asking_for,
    entrusting,
    receiving,
    supplying,
    surveying,
)
from tests.spec import at, deed, given, the_county

CALENDAR = the_county().working_days()


def accepted(item, when):
    return (*a_received_case(item, when=f"{when} 09:00"), deed(AcceptCase(), f"{when} 09:30"))


def days_between(after, upto):
    """Working days from one recorded moment to another, by the days in China on which they fall."""
    return used(local_day(after), local_day(upto), CALENDAR)


def test_q1_who_sat_on_it():
    """Accepted on 3 March, survey 5 → 10 March, forwarded on the 18th, signed on the 20th."""
    history = (
        *accepted(county.HOMESTEAD, "03-03"),
        deed(surveying(), "03-05 14:00"),
        deed(EndSpecialProcedure(result="四至清楚"), "03-10 16:00"),
        deed(ForwardToStation(to_unit=county.LAND_STATION), "03-18 16:40"),
    )
    on_its_way = given(*history)
    custody, clock = on_its_way.state.custody, on_its_way.state.clock
    assert (clock.promise_due, clock.legal_due) == (date(2026, 3, 27), date(2026, 4, 3))
    assert (custody.holder.unit_code, custody.transfer.from_unit) == (county.TOWN_CENTRE,) * 2
    signed = on_its_way.when(SignStationReceipt(), "03-20 10:05", by=county.HANDLER_POST).state.custody
    assert days_between(clock.accepted_at, custody.transfer.sent_at) == 11
    assert days_between(custody.transfer.sent_at, signed.holder.since) == 2
    assert days_between(clock.accepted_at, signed.holder.since) == 13
    assert days_between(signed.holder.since, at("03-27 17:00")) == 5


def test_q3_a_false_overdue():
    """Promise of 5, accepted on 12 February: due on the 26th, not on the 19th as Monday to Friday would say."""
    case = given(*accepted(county.SUBSIDY, "02-12"))
    assert case.state.clock.promise_due == date(2026, 2, 26)
    done = case.when(Approve(decision_no="1"), "02-26 16:00", by=county.CIVIL_APPROVER_POST).state
    assert used(done.clock.accepted_on, done.decision.decided_on, CALENDAR) == 5


def told_a_second_time(second):
    return (
        *a_received_case(county.PERMIT, when="03-04 09:00", materials=()),
        deed(asking_for("M1"), "03-04 10:00"),
        deed(supplying("M1"), "03-06 09:00"),
        deed(second, "03-09 09:00"),
        deed(supplying("M2"), "03-11 09:00"),
    )


def test_q4_a_second_notice_of_what_was_knowable_moves_nothing():
    told = told_a_second_time(asking_for("M2", no="GZ-2"))
    _, (_, second) = given(*told).history[1], given(*told).history[3]
    assert second.irregularities == (KnowableBefore.code(),) == ("P01",)
    case = given(*told).when(AcceptCase(), "03-11 10:00")
    case.then_recorded(CaseAccepted, acceptance_date=date(2026, 3, 6), promise_due=date(2026, 3, 20))
    done = date(2026, 3, 23)
    assert used(date(2026, 3, 6), done, CALENDAR) == 11
    assert used(case.state.clock.due, done, CALENDAR) == 1


def test_q4_what_a_supplied_paper_brought_up_moves_it():
    need = asking_for("M2", no="GZ-2").missing[0].model_copy(update={"arises_from": "M1"})
    second = asking_for("M2", no="GZ-2").model_copy(update={"missing": (need,)})
    accepted_late = given(*told_a_second_time(second)).when(AcceptCase(), "03-11 10:00")
    accepted_late.then_flagged().then_recorded(
        CaseAccepted, acceptance_date=date(2026, 3, 11), promise_due=date(2026, 3, 25)
    )


OFFLINE = {
    "recorded": "04-09 18:20",
    "backfill": Backfill(reason="村里没有网络"),
    "device": Device(device_id="D-7", device_seq=41, clock_offset_ms=2000),
}


def carried_by_the_agent(point):
    """Given to the agent on Friday 3 April, written offline, uploaded on the 9th, signed by the hall on the 10th."""
    return (
        deed(entrusting(point, item_codes=(county.PERMIT,)), "04-03 09:00", **OFFLINE),
        deed(PickUpPapers(is_offline=True), "04-03 09:30", **OFFLINE),
        deed(HandToHall(to_unit=county.TOWN_CENTRE), "04-10 08:30"),
        deed(SignHallReceipt(), "04-10 09:00"),
        deed(receiving(county.PERMIT, mode=Mode.agent), "04-10 09:10"),
    )


def test_q5_the_agents_leg_and_the_upload_are_told_apart():
    case = given(*carried_by_the_agent(county.POINT_SHANG))
    errand, picked_up = case.state.entrustment, case.history[1][1]
    assert days_between(errand.picked_up_at, errand.signed_at) == 4
    assert CALENDAR.add(local_day(errand.picked_up_at), 3) == date(2026, 4, 9)
    assert days_between(picked_up.occurred_at, at(OFFLINE["recorded"])) == 3
    assert picked_up.irregularities == ("P08",)
    assert picked_up.circumstances.device.device_seq == 41


def test_q5_the_legal_clock_starts_at_the_hall_unless_the_point_may_accept():
    for point, day in ((county.POINT_SHANG, date(2026, 4, 10)), (county.POINT_XIA, date(2026, 4, 3))):
        given(*carried_by_the_agent(point)).when(AcceptCase(), "04-10 09:30").then_recorded(
            CaseAccepted, acceptance_date=day
        )


def test_q6_a_back_entered_approval():
    """Accepted on 27 April, promise of 10: due on 13 May. Recorded on 15 May: approved on the 8th."""
    case = given(*accepted(county.PERMIT, "04-27"))
    as_known = case.state
    assert (as_known.clock.due, as_known.decision) == (date(2026, 5, 13), None)
    told = {"happened": "05-08 16:00", "recorded": "05-15 09:00"}
    case.when(Approve(decision_no="1"), **told, backfill=EXPLAINED).then_rejected(LateWithoutSecondPerson)
    entered = case.when(Approve(decision_no="1"), **told, backfill=VOUCHED)
    entered.then_recorded(CaseApproved).then_flagged("P08")
    as_happened = entered.state
    assert used(as_happened.clock.accepted_on, as_happened.decision.decided_on, CALENDAR) == 6
    assert as_happened.decision.decided_on <= as_happened.clock.due
    assert days_between(at("05-08 16:00"), at("05-15 09:00")) == 6


def test_q8_reported_up_a_day_late():
    """Accepted on 20 April, sent up on 21 May, signed by the superior on the 25th."""
    report = ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意上报", materials_complete=True)
    history = (
        *accepted(county.REPORT_UP, "04-20"),
        deed(ForwardToStation(to_unit=county.LAND_STATION), "04-20 10:00"),
        deed(SignStationReceipt(), "04-20 15:00", by=county.HANDLER_POST),
        deed(report, "05-21 09:00"),
        deed(SignSuperiorReceipt(receipt_no="SJ-9"), "05-25 09:00", by=county.PREFECTURE_POST),
    )
    case = given(*history).state
    first_review_due = due(
        case.clock.accepted_on, the_county().policy(date(2026, 4, 20)).first_review_days, CALENDAR
    )
    assert first_review_due == date(2026, 5, 20)
    assert used(case.clock.accepted_on, local_day(case.report.sent_at), CALENDAR) == 21
    assert days_between(case.report.sent_at, case.report.signed_at) == 2
    assert case.custody.holder.unit_code == county.PREFECTURE
    assert due(local_day(case.report.signed_at), 20, CALENDAR) == date(2026, 6, 23)


def test_e1_the_year_end():
    """Accepted on 10 December, legal limit of 20: 8 January 2027, until the year is published."""
    clock = given(*accepted(county.PERMIT, "12-10")).state.clock
    assert (clock.legal_due, clock.is_provisional) == (date(2027, 1, 8), True)
