"""What an investigator asks, end to end: recorded over HTTP at its time, asked over HTTP, every figure of the answer."""

from datetime import date
from functools import partial
from types import SimpleNamespace

import pytest
import pytest_asyncio

from domain.workdays import CALENDAR
from domain.workdays.commands import PublishCalendar
from domain.workdays.values import CalendarException, YearCalendar
from tests import county, disputed
from tests.examples import EXPLAINED, asking_for
from tests.playing import named, posted
from tests.servers import fresh_database
from tests.spec import at, deed
from tests.told_time import a_served_county, numbered, play
from tests.watched import Hall, a_watchman

pytestmark = pytest.mark.asyncio(loop_scope="module")

STORIES = {
    "q1": disputed.who_sat_on_it(),
    "q3": disputed.called_overdue_by_the_spreadsheet(),
    "q4": disputed.asked_twice(),
    "q4_arisen": disputed.asked_twice(arises_from="M1"),
    "q5": disputed.through_the_agent(),
    "q5_point": disputed.through_the_agent(county.POINT_XIA, county.OTHER_AGENT_POST),
    "q6": disputed.entered_late(),
    "q8": disputed.sent_up_late(),
    "q14_overdue": disputed.really_overdue(),
    "q14_cleared": disputed.cleared_later(),
    "q14_untold": disputed.concluded_but_not_told(),
    "e1": disputed.at_the_years_end(),
}


NEXT_YEAR = YearCalendar(
    year=2027,
    version="2027-1",
    source="国务院办公厅通知",
    exceptions=(
        CalendarException(day=date(2027, 1, 1), is_working=False, label="元旦"),
        CalendarException(day=date(2027, 1, 4), is_working=False, label="元旦"),
    ),
)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def year(postgres18):
    """The year 2026, all disputes in it; `no` is the case number of each."""
    with fresh_database(postgres18.dsn) as dsn:
        async with a_served_county(dsn) as served, a_watchman(served) as watchman:
            cases = numbered(*STORIES.values(), *[disputed.on_time()] * disputed.ON_TIME)
            no = SimpleNamespace(**dict(zip(STORIES, cases, strict=False)))
            supervision = Supervision(Hall(served, watchman), no)
            await play(served, cases, supervision.year())
            served.time.set(at("12-20 09:00"))
            await served.publish(CALENDAR, PublishCalendar(calendar=NEXT_YEAR))
            yield SimpleNamespace(
                read=served.read,
                county=served,
                no=no,
                asked_again=supervision.asked_again,
                unvouched=supervision.unvouched,
            )


class Supervision:
    """What supervision does in that year; a station that would approve late by itself; and a clerk whom the superior organ
    tells to ask the applicant again."""

    def __init__(self, hall, no):
        self._hall, self._no = hall, no
        self.asked_again = self.unvouched = None

    def year(self):
        """What is done, and when."""
        return (
            (at("02-20 17:00"), self._spreadsheet_says_overdue),
            (at("02-27 09:00"), self._withdraws_for_the_calendar),
            (at("05-14 18:00"), partial(self._hall.look, "05-14 18:00")),
            (at("05-15 08:00"), self._approve_late_without_a_second_person),
            (at("05-16 09:00"), partial(self._hall.look, "05-16 09:00")),
            (at("05-18 09:00"), self._upholds_what_was_recorded_late),
            (at("05-26 09:00"), self._ask_the_applicant_again),
        )

    async def _spreadsheet_says_overdue(self):
        """By its own count, Monday to Friday: due on 19 February."""
        told = await self._hall.read(f"/v1/cases/{self._no.q3}/timeline")
        accepted = only(told["events"], topic="case.accepted.v1")
        action = {
            "type": "raise_signal",
            "rule_code": "T03",
            "light": "yellow",
            "subject": f"case:{self._no.q3}",
            "case_no": self._no.q3,
            "facts": [accepted["position"]],
            "due": "2026-02-19",
            "state_on": "2026-02-20",
            "unit_code": county.TOWN_CENTRE,
        }
        who = {"X-Jiandu-Speaks-For": named(county.actor_at(county.SUPERVISION_POST))}
        raised = await self._hall.served.client.post("/v1/signals", json={"action": action}, headers=who)
        assert raised.status_code == 201, raised.text
        self._hall.served.position = raised.json()["events"][-1]["position"]

    async def _withdraws_for_the_calendar(self):
        (signal,) = await self._hall.signals(case=self._no.q3)
        action = {"type": "withdraw_signal", "reason": "calendar", "explanation": "春节放假不计入工作日"}
        withdrawn = await self._hall.act(signal["signal_no"], action, county.SUPERVISION_POST)
        assert withdrawn.status_code == 201, withdrawn.text

    async def _approve_late_without_a_second_person(self):
        told_late = deed(disputed.APPROVE, "05-08 15:00", recorded="05-15 08:00", backfill=EXPLAINED)
        request = posted(told_late, self._no.q6, is_first=False)
        self.unvouched = await self._hall.served.client.post(
            request.path, content=request.content, headers=request.headers
        )

    async def _upholds_what_was_recorded_late(self):
        (signal,) = await self._hall.signals(case=self._no.q6, rule="T03")
        action = {"type": "uphold_signal", "findings": "办结未及时录入"}
        upheld = await self._hall.act(signal["signal_no"], action, county.SUPERVISION_POST)
        assert upheld.status_code == 201, upheld.text

    async def _ask_the_applicant_again(self):
        notice = deed(asking_for("M1"), "05-26 09:00")
        request = posted(notice, self._no.q8, is_first=False)
        self.asked_again = await self._hall.served.client.post(
            request.path, content=request.content, headers=request.headers
        )


def only(rows, **wanted):
    """The one row of which this is so."""
    (found,) = [row for row in rows if wanted.items() <= row.items()]
    return found


def of(row, *names):
    return tuple(row[name] for name in names)


async def findings(year, name, **as_of):
    """What the watch finds in the case."""
    answer = await year.read("/v1/watch", limit=1000, **as_of)
    return [each for each in answer["findings"] if each["case_no"] == getattr(year.no, name)]


def rules(found):
    return {each["rule_code"]: each["light"] for each in found}


# ── Q1: who sat on it? ──────────────────────────────────────────────────────────────────────────────────────


async def test_q1_the_window_held_it_thirteen_days_ten_of_them_counted_the_station_none(year):
    answer = await year.read(f"/v1/cases/{year.no.q1}/custody", day="2026-03-20")
    window = only(answer["by_unit"], holder_unit=county.TOWN_CENTRE)
    station = only(answer["by_unit"], holder_unit=county.LAND_STATION)
    figures = ("held_days", "transit_days", "gross_days", "excluded_days", "net_days")
    assert of(window, *figures) == (11, 2, 13, 3, 10)
    assert of(station, *figures) == (0, 0, 0, 0, 0)
    held, transit, signed = answer["spells"]
    assert of(held, "from_day", "to_day", "gross_days", "net_days") == ("2026-03-03", "2026-03-18", 11, 8)
    assert of(transit, "from_day", "to_day", "gross_days") == ("2026-03-18", "2026-03-20", 2)
    assert of(transit, "is_in_transit", "holder_window") == (True, county.TOWN_WINDOW)
    assert of(signed, "from_day", "to_day", "holder_unit") == ("2026-03-20", None, county.LAND_STATION)


async def test_q1_both_limits_moved_by_the_survey_and_five_days_of_the_promise_remain(year):
    answer = await year.read(f"/v1/cases/{year.no.q1}/clock", day="2026-03-20")
    assert of(answer["clock"], "promise_due", "legal_due") == ("2026-03-27", "2026-04-03")
    assert of(answer["clock"], "used_days", "remaining_days", "overdue_days") == (10, 5, 0)
    assert answer["overdue_by"] == []
    without = only(answer["readings"], name="void")
    assert of(without, "promise_due", "legal_due") == ("2026-03-24", "2026-03-31")


async def test_q1_the_replay_charges_the_window_with_the_day_too_long_on_the_way(year):
    verdict = (await year.read(f"/v1/cases/{year.no.q1}/replay", day="2026-03-20"))["verdict"]
    assert of(verdict["total"], "gross_days", "excluded_days", "net_days") == (13, 3, 10)
    (late,) = verdict["late"]
    assert of(late, "rule", "holder_unit", "late_days") == ("T08", county.TOWN_CENTRE, 1)
    assert of(late, "limit_days", "used_days", "basis") == (1, 2, "handoff_days, policy default-1")


async def test_q1_the_watch_finds_the_handoff_stuck_at_the_window(year):
    (finding,) = await findings(year, "q1", known_at="2026-03-20T18:00:00+08:00")
    assert of(finding, "rule_code", "light", "unit_code") == ("T08", "yellow", county.TOWN_CENTRE)


# ── Q3: false overdue ───────────────────────────────────────────────────────────────────────────────────────


async def test_q3_five_of_five_days_over_the_spring_festival_are_on_time(year):
    answer = await year.read(f"/v1/cases/{year.no.q3}/clock")
    figures = ("promise_days", "promise_due", "done_on", "used_days", "overdue_days")
    assert of(answer["clock"], *figures) == (5, "2026-02-26", "2026-02-26", 5, 0)


async def test_q3_by_the_spreadsheet_it_was_due_on_the_nineteenth_and_overdue_from_the_twentieth(year):
    for day, overdue in (("2026-02-19", 0), ("2026-02-20", 1)):
        then = {"known_at": f"{day}T18:00:00+08:00", "what_if_calendar": "weekdays"}
        clock = (await year.read(f"/v1/cases/{year.no.q3}/clock", **then))["clock"]
        assert of(clock, "promise_due", "overdue_days") == ("2026-02-19", overdue)


async def test_q3_there_is_nothing_overdue_to_find(year):
    assert rules(await findings(year, "q3", known_at="2026-02-27T09:00:00+08:00")) == {}


async def test_q3_the_signal_that_the_spreadsheet_had_raised_was_withdrawn_for_the_calendar_and_stays(year):
    then = await year.read(f"/v1/cases/{year.no.q3}/signals", known_at="2026-02-20T18:00:00+08:00")
    (signal,) = then["signals"]
    assert of(signal, "rule_code", "state", "due") == ("T03", "raised", "2026-02-19")
    now = (await year.read(f"/v1/cases/{year.no.q3}/signals"))["signals"]
    assert of(only(now, rule_code="T03"), "state", "withdrawal_reason") == ("withdrawn", "calendar")


# ── Q4: second notice ───────────────────────────────────────────────────────────────────────────────────────


async def test_q4_a_second_notice_that_could_have_come_first_does_not_move_acceptance(year):
    clock = (await year.read(f"/v1/cases/{year.no.q4}/clock"))["clock"]
    assert of(clock, "accepted_on", "promise_due", "done_on") == ("2026-03-06", "2026-03-20", "2026-03-23")
    assert of(clock, "used_days", "overdue_days") == (11, 1)


async def test_q4_the_windows_own_count_stands_beside_the_rules_and_is_eight_days(year):
    readings = (await year.read(f"/v1/cases/{year.no.q4}/clock"))["readings"]
    figures = ("accepted_on", "promise_due", "used_days", "overdue_days")
    assert of(only(readings, name="as ruled"), *figures) == ("2026-03-06", "2026-03-20", 11, 1)
    assert of(only(readings, name="as declared"), *figures) == ("2026-03-11", "2026-03-25", 8, 0)


async def test_q4_where_the_second_notice_arose_from_the_first_there_is_no_other_count(year):
    readings = (await year.read(f"/v1/cases/{year.no.q4_arisen}/clock"))["readings"]
    assert {(each["accepted_on"], each["used_days"]) for each in readings} == {("2026-03-11", 8)}
    assert "as declared" not in {each["name"] for each in readings}


async def test_q4_what_arose_from_the_first_notices_material_moves_it(year):
    clock = (await year.read(f"/v1/cases/{year.no.q4_arisen}/clock"))["clock"]
    assert of(clock, "accepted_on", "promise_due") == ("2026-03-11", "2026-03-25")
    assert of(clock, "used_days", "overdue_days") == (8, 0)


async def test_q4_asking_twice_is_what_the_watch_finds_unless_the_second_arose_from_the_first(year):
    assert rules(await findings(year, "q4"))["P01"] == "yellow"
    assert "P01" not in rules(await findings(year, "q4_arisen"))
    raised = only((await year.read(f"/v1/cases/{year.no.q4}/signals"))["signals"], rule_code="P01")
    assert of(raised, "light", "basis") == ("yellow", "行政许可法 Art. 32(4), 72")


# ── Q5: village agent handoff ───────────────────────────────────────────────────────────────────────────────


async def test_q5_the_agents_leg_was_a_day_late_and_the_lag_of_the_upload_stands_apart(year):
    answer = await year.read(f"/v1/cases/{year.no.q5}/custody")
    (leg,) = answer["agent_legs"]
    assert of(leg, "picked_up_on", "signed_on", "due") == ("2026-04-03", "2026-04-10", "2026-04-09")
    assert of(leg, "used_days", "late_days", "recording_lag_days") == (4, 1, 3)


async def test_q5_the_legal_clock_starts_at_the_hall_but_at_an_authorised_point_with_the_agent(year):
    at_the_hall = (await year.read(f"/v1/cases/{year.no.q5}/clock"))["clock"]
    at_the_point = (await year.read(f"/v1/cases/{year.no.q5_point}/clock"))["clock"]
    assert (at_the_hall["accepted_on"], at_the_point["accepted_on"]) == ("2026-04-10", "2026-04-03")


async def test_q5_before_the_upload_nobody_knew_of_the_case(year):
    known_at = {"known_at": "2026-04-09T18:00:00+08:00"}
    answer = await year.county.client.get(f"/v1/cases/{year.no.q5}/custody", params=known_at)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:jiandu:problem:not-yet-known")
    assert answer.json()["details"] == {"known_since": "2026-04-09T10:20:00Z"}
    told = await year.read(f"/v1/cases/{year.no.q5}/timeline")
    assert [event["lag_days"] for event in told["events"][:2]] == [3, 3]


async def test_q5_the_upload_says_why_it_is_late_and_from_which_device_and_nobody_vouches_for_it(year):
    _, picked_up = (await year.read("/v1/audit", case_no=year.no.q5, limit=2))["entries"]
    device = f"{county.POINT_SHANG}-1"
    assert of(picked_up["where"], "device_id", "device_seq", "clock_offset_ms") == (device, 41, 2000)
    assert (picked_up["backfill"]["reason"], picked_up["approvers"]) == (EXPLAINED.reason, [])
    gaps = await year.read("/v1/audit/gaps")
    assert gaps["device_gaps"] == gaps["device_repeats"] == []


async def test_q5_the_watch_finds_the_agents_leg_and_the_late_record_and_no_more_than_yellow(year):
    found = await findings(year, "q5")
    leg = only(found, rule_code="T08")
    assert of(leg, "due", "used_days", "over_days", "light") == ("2026-04-09", 4, 1, "yellow")
    assert rules(found) == {"T08": "yellow", "P08": "yellow"}


async def test_q5_the_villager_made_no_trip(year):
    asked = {"from": "2026-04-01", "to": "2026-04-30", "point": county.POINT_SHANG}
    (figure,) = (await year.read("/v1/statistics", **asked))["figures"]
    assert of(figure["counts"], "received", "done", "trips") == (1, 1, 0)


# ── Q6: back-entered approval ───────────────────────────────────────────────────────────────────────────────

EVENING_OF_THE_14TH = "2026-05-14T18:00:00+08:00"


async def test_q6_as_known_on_14_may_it_was_open_and_overdue_since_that_day(year):
    path = f"/v1/cases/{year.no.q6}"
    answer = await year.read(f"{path}/clock", known_at=EVENING_OF_THE_14TH)
    assert of(answer["basis"], "mode", "day") == ("as_known", "2026-05-14")
    assert of(answer["clock"], "promise_due", "done_on", "overdue_days") == ("2026-05-13", None, 1)
    (late,) = answer["overdue_by"]
    assert of(late, "holder_unit", "overdue_days") == (county.LAND_STATION, 1)
    card = (await year.read(f"{path}/card", known_at=EVENING_OF_THE_14TH))["card"]
    assert of(card, "status", "decided_on") == ("in_progress", None)


async def test_q6_by_monday_to_friday_it_would_have_been_due_on_the_eleventh(year):
    asked = {"known_at": EVENING_OF_THE_14TH, "what_if_calendar": "weekdays"}
    clock = (await year.read(f"/v1/cases/{year.no.q6}/clock", **asked))["clock"]
    assert clock["promise_due"] == "2026-05-11"


async def test_q6_without_a_second_person_the_late_approval_is_refused_and_the_case_counts_overdue(year):
    assert year.unvouched.status_code == 422, year.unvouched.text
    assert year.unvouched.json()["type"] == "urn:jiandu:problem:late-without-second-person"
    clock = (await year.read(f"/v1/cases/{year.no.q6}/clock", known_at="2026-05-15T08:30:00+08:00"))["clock"]
    assert of(clock, "done_on", "overdue_days") == (None, 2)


async def test_q6_as_happened_it_was_approved_on_the_sixth_day_of_ten(year):
    path = f"/v1/cases/{year.no.q6}"
    answer = await year.read(f"{path}/clock", happened_by=EVENING_OF_THE_14TH)
    assert answer["basis"]["mode"] == "as_happened"
    assert of(answer["clock"], "done_on", "used_days", "overdue_days") == ("2026-05-08", 6, 0)
    card = (await year.read(f"{path}/card", happened_by=EVENING_OF_THE_14TH))["card"]
    assert of(card, "status", "decided_on", "backfilled_events") == ("approved", "2026-05-08", 1)


async def test_q6_the_record_came_six_working_days_late(year):
    told = await year.read(f"/v1/cases/{year.no.q6}/timeline")
    approval = only(told["events"], topic="case.approved.v1")
    assert approval["lag_days"] == 6
    assert approval["envelope"]["circumstances"]["backfill"]["approved_by"] == "a-director"


async def test_q6_the_watch_would_have_said_overdue_by_what_was_known_and_nothing_by_what_happened(year):
    assert rules(await findings(year, "q6", known_at=EVENING_OF_THE_14TH)) == {"T03": "yellow"}
    assert rules(await findings(year, "q6", happened_by=EVENING_OF_THE_14TH)) == {}


async def test_q6_the_signal_of_14_may_stands_and_was_upheld_though_the_approval_came_to_light(year):
    then = await year.read(f"/v1/cases/{year.no.q6}/signals", known_at=EVENING_OF_THE_14TH)
    assert [of(each, "rule_code", "light", "state") for each in then["signals"]] == [
        ("T03", "yellow", "raised")
    ]
    now = (await year.read(f"/v1/cases/{year.no.q6}/signals"))["signals"]
    assert [of(each, "rule_code", "state") for each in now] == [("T03", "upheld"), ("P08", "raised")]
    ledger = await year.read("/v1/ledgers/signals", limit=1000)
    assert year.no.q6 in str(ledger)


# ── Q8: report-up ───────────────────────────────────────────────────────────────────────────────────────────


async def test_q8_the_first_review_was_a_day_late_and_the_superior_has_twenty_days_of_its_own(year):
    clock = (await year.read(f"/v1/cases/{year.no.q8}/clock", day="2026-05-25"))["clock"]
    figures = ("first_review_due", "first_review_days", "first_review_overdue_days")
    assert of(clock, *figures) == ("2026-05-20", 21, 1)
    assert of(clock, "superior_signed_on", "superior_due") == ("2026-05-25", "2026-06-23")


async def test_q8_two_days_on_the_way_are_the_towns(year):
    answer = await year.read(f"/v1/cases/{year.no.q8}/custody", day="2026-05-25")
    transit = only(answer["spells"], is_in_transit=True, to_day="2026-05-25")
    assert of(transit, "holder_unit", "gross_days") == (county.LAND_STATION, 2)


async def test_q8_the_watch_finds_the_towns_review_late(year):
    late = only(await findings(year, "q8", day="2026-05-25"), rule_code="T07")
    assert of(late, "light", "unit_code", "used_days", "over_days") == ("red", county.LAND_STATION, 21, 1)


async def test_q8_asking_the_applicant_again_for_what_went_up_is_against_article_35(year):
    assert year.asked_again.status_code == 409
    problem = year.asked_again.json()
    assert problem["type"] == "urn:jiandu:problem:asked-for-again"
    assert (problem["rule"], problem["basis"]) == ("P01", "行政许可法 Art. 35")
    told = await year.read(f"/v1/cases/{year.no.q8}/timeline")
    assert "case.correction_notice_issued.v1" not in [event["topic"] for event in told["events"]]


# ── Q14: the bulletin is wrong ──────────────────────────────────────────────────────────────────────────────

BULLETIN = "2026-04-03T09:00:00+08:00"
MARCH = {"from": "2026-03-01", "to": "2026-03-31", "window": county.COUNTY_WINDOW}


async def window_a(year, **as_of):
    answer = await year.read("/v1/statistics", **MARCH, **as_of)
    (figure,) = answer["figures"]
    on_time = of(figure["rates"]["on_time"], "numerator", "denominator", "per_10000")
    return on_time, figure["counts"]["done"], answer["basis"]


async def test_q14_the_bulletin_said_forty_eight_of_fifty_and_its_hash_comes_out_again(year):
    published, done, basis = await window_a(year, known_at=BULLETIN)
    assert (published, done, basis["mode"]) == ((48, 50, 9600), 50, "as_known")
    _, _, again = await window_a(year, known_at=BULLETIN)
    assert again["rows_sha256"] == basis["rows_sha256"]


async def test_q14_as_it_happened_it_was_fifty_of_fifty_one(year):
    happened, done, basis = await window_a(year, happened_by=BULLETIN)
    assert (happened, done, basis["mode"]) == ((50, 51, 9804), 51, "as_happened")
    today, _, _ = await window_a(year)
    assert today == (50, 51, 9804)


async def test_q14_two_cases_make_the_difference_told_four_and_twelve_days_late(year):
    answer = await year.read("/v1/differences", known_at=BULLETIN, and_happened_by=BULLETIN)
    told = {each["case_no"]: each["records"] for each in answer["differences"]}
    assert told.keys() == {year.no.q14_cleared, year.no.q14_untold}
    approval = only(told[year.no.q14_untold], topic="case.approved.v1")
    assert of(approval, "lag_days", "recorded_by", "topic") == (4, "a-approver", "case.approved.v1")
    ended = only(told[year.no.q14_cleared], topic="case.special_procedure_ended.v1")
    assert of(ended, "lag_days", "recorded_by", "is_backfill") == (12, "a-handler", True)


# ── E1: year end ────────────────────────────────────────────────────────────────────────────────────────────


async def test_e1_an_answer_in_a_year_that_is_not_published_is_provisional(year):
    known_at = "2026-12-10T18:00:00+08:00"
    clock = (await year.read(f"/v1/cases/{year.no.e1}/clock", known_at=known_at))["clock"]
    assert of(clock, "legal_due", "is_provisional") == ("2027-01-08", True)


async def test_e1_it_is_counted_anew_once_the_year_is_published(year):
    """This 2027 takes the Monday after New Year off too."""
    clock = (await year.read(f"/v1/cases/{year.no.e1}/clock", day="2026-12-20"))["clock"]
    assert of(clock, "legal_due", "is_provisional") == ("2027-01-11", False)
