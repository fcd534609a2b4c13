"""差异 over HTTP: which figures of a published answer have changed since, by which records, how late, by whom."""

from datetime import date

import psycopg
import pytest

from domain.amendment import CorrectEvent
from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from domain.numbers import CaseNumber
from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.workdays import CALENDAR
from domain.workdays.commands import PublishCalendar
from domain.workdays.seed import shipped
from domain.workdays.values import YearCalendar
from tests import county
from tests.contract.test_api_custody import who_sat_on_it
from tests.contract.test_api_what_if import GENEROUS
from tests.examples import VOUCHED, a_received_case, completing
from tests.projected import SCHEMA
from tests.reads import CASE_NO, OTHER_NO, a_read_county
from tests.spec import at, deed

PATH = "/v1/differences"
THIRD_NO = str(CaseNumber("610999101000", date(2026, 3, 3), 3))
STATION = county.HANDLER_POST
PUBLISHED = "2026-04-03T09:00:00+08:00"


def day(month_and_day):
    return f"2026-{month_and_day}T12:00:00+08:00"


@pytest.fixture
async def read_county(database18):
    async with a_read_county(database18) as read_county:
        yield read_county


def worked_on(when="03-18"):
    return (
        *a_received_case(county.PERMIT, f"{when} 09:00"),
        deed(AcceptCase(), f"{when} 09:30"),
        deed(ForwardToStation(to_unit=county.LAND_STATION, to_post=STATION), f"{when} 09:40"),
        deed(SignStationReceipt(), f"{when} 09:50", by=STATION),
        deed(completing("CB"), f"{when} 10:30", by=STATION),
    )


def approved_late_in_the_record():
    """Due on 1 April: approved on 31 March, which was recorded on 7 April, four working days later."""
    approval = deed(Approve(decision_no="XK-1"), "03-31 15:00", recorded="04-07 09:00", backfill=VOUCHED)
    return (*worked_on(), approval)


def put_right():
    """Due on 23 March; approved on the 26th, as was recorded; on 8 April that is corrected to the 23rd."""
    correction = CorrectEvent(
        target_version=6,
        field="occurred_at",
        was=at("03-26 10:00").isoformat(),
        should_be=at("03-23 16:00").isoformat(),
        reason="录入日期有误",
        approved_by="a-director",
    )
    return (
        *worked_on("03-09"),
        deed(Approve(decision_no="XK-2"), "03-26 10:00"),
        deed(correction, "04-08 09:00"),
    )


def told(answer):
    return {
        each["case_no"]: {change["figure"]: (change["first"], change["second"]) for change in each["changes"]}
        for each in answer["differences"]
    }


async def test_a_bulletin_differs_from_what_is_known_today_by_two_records(read_county):
    await read_county.record_all(
        {CASE_NO: approved_late_in_the_record(), OTHER_NO: put_right(), THIRD_NO: who_sat_on_it()}
    )
    answer = await read_county.read(PATH, known_at=PUBLISHED, and_happened_by=PUBLISHED)
    assert told(answer) == {
        CASE_NO: {
            "status": ("in_progress", "approved"),
            "decision": (None, "approved"),
            "done_on": (None, "2026-03-31"),
            "used_days": (12, 9),
            "remaining_days": (0, 1),
            "overdue_days": (2, 0),
        },
        OTHER_NO: {"done_on": ("2026-03-26", "2026-03-23"), "used_days": (13, 10), "overdue_days": (3, 0)},
    }
    late, corrected = answer["differences"]
    assert [(record["topic"], record["lag_days"], record["is_backfill"]) for record in late["records"]] == [
        ("case.approved.v1", 4, True)
    ]
    assert late["records"][0]["recorded_by"] == county.actor_at(county.APPROVER_POST).staff_id
    assert [(record["topic"], record["target_version"]) for record in corrected["records"]] == [
        ("event.corrected.v1", 6)
    ]
    assert (answer["basis"]["day"], answer["and_basis"]["mode"]) == ("2026-04-03", "as_happened")
    assert answer["compared"] == 2


async def test_what_differs_is_told_page_by_page(read_county):
    await read_county.record_all({CASE_NO: approved_late_in_the_record(), OTHER_NO: put_right()})
    query = {"known_at": PUBLISHED, "and_happened_by": PUBLISHED, "limit": 1}
    first = await read_county.read(PATH, **query)
    assert (list(told(first)), first["next_after"]) == ([CASE_NO], CASE_NO)
    second = await read_county.read(PATH, **query, after=CASE_NO)
    assert (list(told(second)), second["next_after"]) == ([OTHER_NO], None)


async def test_two_times_of_knowing_differ_by_what_was_recorded_between_them(read_county):
    await read_county.record(*who_sat_on_it())
    march = {"known_at": "2026-03-18T12:00:00+08:00", "and_known_at": "2026-03-19T00:00:00+08:00"}
    answer = await read_county.read(PATH, **march)
    assert told(answer) == {CASE_NO: {"is_in_transit": (False, True)}}
    assert [record["position"] for record in answer["differences"][0]["records"]] == [5]
    quiet = {"known_at": "2026-03-11T12:00:00+08:00", "and_known_at": "2026-03-18T00:00:00+08:00"}
    answer = await read_county.read(PATH, **quiet)
    assert (answer["differences"], answer["compared"]) == ([], 0)


async def test_a_case_that_was_not_known_yet_is_a_difference(read_county):
    await read_county.record(*who_sat_on_it())
    answer = await read_county.read(PATH, known_at="2026-03-01T00:00:00+08:00", day="2026-03-20")
    changes = told(answer)[CASE_NO]
    assert changes["status"] == (None, "in_progress")
    assert changes["used_days"] == (None, 10)
    assert len(answer["differences"][0]["records"]) == 6


async def test_a_corrected_time_moves_an_event_into_the_answer_or_out_of_it(read_county):
    """Approved on the 26th, corrected to the 23rd: by the 24th it had happened, but not as it was first recorded."""
    await read_county.record(*put_right(), case_no=OTHER_NO)
    by = "2026-03-24T12:00:00+08:00"
    query = {"happened_by": by, "and_happened_by": by, "known_at": PUBLISHED}
    answer = await read_county.read(PATH, **query)
    assert told(answer)[OTHER_NO]["done_on"] == (None, "2026-03-23")
    assert [record["topic"] for record in answer["differences"][0]["records"]] == [
        "case.approved.v1",
        "event.corrected.v1",
    ]


PAIRS_OF_TIMES = [
    {"happened_by": day("03-09"), "and_happened_by": day("03-18")},
    {"happened_by": day("03-24"), "and_happened_by": day("03-20")},
    {"happened_by": day("03-31"), "and_happened_by": day("04-02"), "known_at": day("04-03")},
    {"known_at": day("04-07"), "and_happened_by": day("04-01")},
    {"happened_by": day("02-01"), "and_happened_by": day("03-12")},
    {"happened_by": day("03-30"), "and_happened_by": day("05-01")},
    {"happened_by": day("03-10"), "known_at": day("03-20"), "and_known_at": day("03-20")},
]


async def test_the_spans_of_cases_leave_out_none_that_differs(read_county):
    """Two cases in the tables, a third behind them; and all again where every event is looked at instead."""
    await read_county.record_all({CASE_NO: approved_late_in_the_record(), OTHER_NO: put_right()})
    await read_county.insert(*who_sat_on_it(), case_no=THIRD_NO)
    by_spans = [(await read_county.read(PATH, **times))["differences"] for times in PAIRS_OF_TIMES]
    async with await psycopg.AsyncConnection.connect(read_county.dsn) as connection:
        await connection.execute(f"set search_path = {SCHEMA}_views")
        await connection.execute("update projections set definition = 'another' where name = 'case_spans'")
    by_events = [(await read_county.read(PATH, **times))["differences"] for times in PAIRS_OF_TIMES]
    assert by_spans == by_events
    assert [len(differences) for differences in by_spans] == [2, 1, 2, 1, 2, 1, 2]


def a_holiday_more(day):
    """2026 as it is published, and one day off besides."""
    year = shipped()[2026].model_dump()
    off = {"day": day, "is_working": False, "label": "临时放假"}
    exceptions = sorted([*year["exceptions"], off], key=lambda exception: exception["day"])
    return YearCalendar.model_validate(year | {"version": "2026-2", "exceptions": tuple(exceptions)})


async def test_a_published_year_moves_cases_that_it_does_not_name(read_county):
    """Accepted on Tuesday 17 November for ten days: due on 1 December; with the 18th off, on the 2nd."""
    await read_county.record(
        *a_received_case(county.PERMIT, "11-17 09:00"), deed(AcceptCase(), "11-17 09:30")
    )
    calendar = PublishCalendar(calendar=a_holiday_more(date(2026, 11, 18)))
    await read_county.tell(CALENDAR, calendar, "11-20 09:00")
    answer = await read_county.read(PATH, known_at="2026-11-19T00:00:00+08:00", day="2026-11-17")
    assert told(answer)[CASE_NO]["due"] == ("2026-12-01", "2026-12-02")
    assert answer["differences"][0]["records"] == []
    assert [record["topic"] for record in answer["master_records"]] == ["calendar.published.v1"]
    assert answer["basis"]["calendars"] != answer["and_basis"]["calendars"]


async def test_a_policy_that_moves_nothing_changes_no_case(read_county):
    await read_county.record(*who_sat_on_it())
    await read_county.tell(POLICY, PublishPolicy(policy=GENEROUS), "11-20 09:00")
    answer = await read_county.read(PATH, known_at="2026-11-19T00:00:00+08:00", day="2026-03-20")
    assert (answer["differences"], answer["compared"], len(answer["master_records"])) == ([], 1, 1)


async def test_what_cannot_be_compared_is_refused(read_county):
    for query, name in (
        ({"and_known_at": "2030-01-01T00:00:00Z"}, "as-of-in-future"),
        ({"and_happened_by": "yesterday"}, "parameter-invalid"),
        ({"after": "x y"}, "parameter-invalid"),
    ):
        assert (await read_county.refused(PATH, **query))["type"] == f"urn:jiandu:problem:{name}"
