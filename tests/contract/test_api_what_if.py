"""假设: the same history under another calendar or another policy."""

from datetime import date

import pytest

from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from domain.case.pauses.commands import EndSpecialProcedure
from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.policy.values import Policy
from tests import county
from tests.examples import a_paused_case, a_received_case, completing
from tests.reads import CASE_NO, a_read_county
from tests.spec import deed

CLOCK = f"/v1/cases/{CASE_NO}/clock"
GENEROUS = Policy(version="2026-1", valid_from=date(2026, 6, 1), pause_capped_at_plan=False)


@pytest.fixture
async def read_county(database18):
    async with a_read_county(database18) as read_county:
        yield read_county


def false_overdue():
    return (
        *a_received_case(county.SUBSIDY, "02-12 09:00"),
        deed(AcceptCase(), "02-12 09:30"),
        deed(ForwardToStation(to_unit=county.CIVIL_STATION), "02-12 10:00"),
        deed(SignStationReceipt(), "02-12 11:00", by=county.CIVIL_HANDLER_POST),
        deed(completing("CB"), "02-25 09:00", by=county.CIVIL_HANDLER_POST),
        deed(Approve(decision_no="BT-1"), "02-26 10:00", by=county.CIVIL_APPROVER_POST),
    )


async def test_q3_the_offices_spreadsheet_counts_weekdays_and_finds_the_case_overdue(read_county):
    """Promised 5 days from 12 February: by weekdays 13, 16, 17, 18, 19; done on the 26th, five weekdays late."""
    await read_county.record(*false_overdue())
    ruled = await read_county.read(CLOCK)
    assert (ruled["clock"]["due"], ruled["clock"]["used_days"], ruled["clock"]["overdue_days"]) == (
        "2026-02-26",
        5,
        0,
    )
    sheet = await read_county.read(CLOCK, what_if_calendar="weekdays")
    assert (sheet["clock"]["due"], sheet["clock"]["used_days"], sheet["clock"]["overdue_days"]) == (
        "2026-02-19",
        10,
        5,
    )
    assert sheet["basis"]["what_if"] == {"calendar": "weekdays"}
    assert sheet["basis"]["calendars"] != ruled["basis"]["calendars"]


async def test_a_calendar_version_of_an_answer_brings_its_figures_again(read_county):
    await read_county.record(*false_overdue())
    ruled = await read_county.read(CLOCK)
    (version,) = ruled["basis"]["calendars"]
    for name in (version, "shipped"):
        again = await read_county.read(CLOCK, what_if_calendar=name)
        assert again["basis"]["rows_sha256"] == ruled["basis"]["rows_sha256"]


async def test_a_policy_can_be_tried_on_days_before_it_began(read_county):
    """Planned for five working days from 5 March, ended on the 20th: six days beyond the plan count if it says so."""
    end = deed(EndSpecialProcedure(result="四至清楚"), "03-20 09:00")
    await read_county.record(*a_paused_case(), end)
    await read_county.tell(POLICY, PublishPolicy(policy=GENEROUS), "11-20 09:00")
    assert (await read_county.read(CLOCK))["clock"]["promise_due"] == "2026-03-31"
    tried = await read_county.read(CLOCK, what_if_policy="2026-1", known_at="2026-03-25T00:00:00+08:00")
    assert tried["clock"]["promise_due"] == "2026-04-09"
    assert tried["basis"]["policies"] == ["2026-1"]
    default = await read_county.read(CLOCK, what_if_policy="default-1")
    assert default["clock"]["promise_due"] == "2026-03-31"


async def test_a_version_that_nobody_published_is_unknown(read_county):
    await read_county.record(*false_overdue())
    for query in ({"what_if_policy": "2031-9"}, {"what_if_calendar": "2026-000000000000"}):
        refused = await read_county.refused(CLOCK, **query)
        assert (refused["status"], refused["type"]) == (422, "urn:jiandu:problem:version-unknown")
