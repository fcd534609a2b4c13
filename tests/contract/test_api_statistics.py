"""统计 over HTTP: figures that can be produced again, of now, as known and as happened."""

import re
from datetime import date
from pathlib import Path

import pytest

from api.statistics import HoldersAnswer, RecordingsAnswer, StatisticsAnswer
from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve, CloseAsInstant
from domain.case.ending.commands import Conclude
from domain.case.pauses.commands import EndSpecialProcedure
from domain.numbers import CaseNumber
from projections.case_figures.rates import FORMULAS
from tests import county
from tests.examples import VOUCHED, a_received_case, completing, surveying
from tests.reads import a_read_county
from tests.spec import deed

ROOT = Path(__file__).resolve().parents[2]
PATH = "/v1/statistics"
STATION = county.HANDLER_POST


def number(serial):
    return str(CaseNumber("610999101000", date(2026, 3, 2), serial))


def an_instant_case(day="03-03"):
    return (
        *a_received_case(county.PROOF, f"{day} 09:00"),
        deed(AcceptCase(), f"{day} 09:30"),
        deed(CloseAsInstant(decision_no="ZM-1"), f"{day} 10:00"),
    )


def at_the_station(item):
    """Accepted on Monday 2 March, ready to be decided on 4 March."""
    return (
        *a_received_case(item, "03-02 09:00"),
        deed(AcceptCase(), "03-02 09:30"),
        deed(ForwardToStation(to_unit=county.LAND_STATION, to_post=STATION), "03-02 10:00"),
        deed(SignStationReceipt(), "03-02 11:00", by=STATION),
        deed(completing("CB"), "03-04 09:00", by=STATION),
    )


def decided(item, day):
    return (
        *at_the_station(item),
        deed(Approve(decision_no="XK-1"), f"{day} 09:00"),
        deed(Conclude(result="准予"), f"{day} 10:00"),
    )


# ── Q14: your bulletin is wrong ─────────────────────────────────────────────────────────────────────────────

LATE = {"recorded": "04-08 09:00", "backfill": VOUCHED}
CLEARED, CONCLUDED_LATE = number(50), number(51)


def the_bulletin():
    """March at window T-03: 48 in time; one decided a day late; one that a survey, told late, clears; one told late."""
    # 15 days promised: due 23 March; the survey of 18 to 20 March moves it to 26 March
    cleared = (
        *decided(county.HOMESTEAD, "03-24"),
        deed(surveying(), "03-17 14:00", **LATE),
        deed(EndSpecialProcedure(result="四至清楚"), "03-20 16:00", **LATE),
    )
    *earlier, approve, conclude = decided(county.REPORT_UP, "03-24")
    told_late = (
        *earlier,
        deed(approve.command, "03-24 09:00", recorded="04-07 09:00", backfill=VOUCHED),
        deed(conclude.command, "03-31 10:00", recorded="04-07 10:00", backfill=VOUCHED),
    )
    in_time = {number(serial): an_instant_case() for serial in range(1, 49)}
    return in_time | {
        number(49): decided(county.PERMIT, "03-17"),
        CLEARED: cleared,
        CONCLUDED_LATE: told_late,
    }


@pytest.fixture
async def read_county(database):
    async with a_read_county(database) as read_county:
        yield read_county


MARCH = {"from": "2026-03-01", "to": "2026-03-31", "by": "window"}


async def test_q14_the_published_figure_and_the_true_one_both_come_out_again(read_county):
    await read_county.record_all(the_bulletin())
    published = await read_county.read(PATH, known_at="2026-04-03T09:00:00+08:00", **MARCH)
    StatisticsAnswer.model_validate(published)
    (window,) = published["figures"]
    assert window["key"] == county.TOWN_WINDOW
    assert (window["counts"]["done"], window["counts"]["on_time"]) == (50, 48)
    assert (window["rates"]["on_time"]["numerator"], window["rates"]["on_time"]["denominator"]) == (48, 50)
    assert window["rates"]["on_time"]["per_10000"] == 9600

    today = await read_county.read(PATH, happened_by="2026-04-03T09:00:00+08:00", **MARCH)
    (window,) = today["figures"]
    assert (window["rates"]["on_time"]["numerator"], window["rates"]["on_time"]["denominator"]) == (50, 51)
    assert window["rates"]["on_time"]["per_10000"] == 9804

    again = await read_county.read(PATH, known_at="2026-04-03T09:00:00+08:00", **MARCH)
    assert again == published
    assert published["basis"]["rows_sha256"] != today["basis"]["rows_sha256"]


async def test_bad_questions_get_a_clear_problem(read_county):
    async def code(**query):
        return (await read_county.refused(PATH, **query))["type"].rpartition(":")[2]

    assert await code(**{"from": "2026-03-02", "to": "2026-03-01"}) == "parameter-invalid"
    assert await code(by="colour") == "parameter-invalid"
    assert await code(period="fortnight") == "parameter-invalid"


async def test_late_records_and_days_inside_a_unit_are_told_month_by_month(read_county):
    await read_county.record_all(the_bulletin())
    quarter = {"from": "2026-03-01", "to": "2026-05-31", "period": "month"}
    told = await read_county.read(f"{PATH}/recordings", by="item", **quarter)
    RecordingsAnswer.model_validate(told)
    late = {(each["key"], each["first_day"]): each["backfilled"] for each in told["recorders"]}
    assert late[county.HOMESTEAD, "2026-03-01"] == 0
    # the survey's start and end; the approval and the conclusion
    assert (late[county.HOMESTEAD, "2026-04-01"], late[county.REPORT_UP, "2026-04-01"]) == (2, 2)
    assert {first_day for _, first_day in late} == {"2026-03-01", "2026-04-01"}

    told = await read_county.read(f"{PATH}/holders", by="unit", **quarter)
    HoldersAnswer.model_validate(told)
    assert {each["first_day"] for each in told["holders"]} == {"2026-03-01"}


@pytest.mark.parametrize("path", [PATH, f"{PATH}/holders", f"{PATH}/recordings"])
async def test_days_one_by_one_are_at_most_four_hundred(read_county, path):
    years = {"from": "2020-01-01", "to": "2026-01-01", "period": "day"}
    refused = await read_county.refused(path, **years)
    assert refused["type"] == "urn:jiandu:problem:too-many-periods"


@pytest.mark.parametrize("guide", ["reporting.md", "reporting.zh-CN.md"])
def test_the_guide_tells_every_rate_by_its_formula(guide):
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (1 − )?(\w+) / (\w+) \|$", text, re.MULTILINE)
    assert rows == [
        (name, formula.term, "1 − " * formula.is_complement, formula.numerator, formula.denominator)
        for name, formula in FORMULAS.items()
    ]
