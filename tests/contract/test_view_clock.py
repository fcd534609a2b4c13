"""时限: what moves the days due, told from the record alone. Source: 行政许可法 Arts. 32, 42, 45."""

from datetime import date

import pytest

from domain.amendment import CorrectEvent
from domain.case.acceptance.commands import DeemAccepted
from domain.case.ending.commands import Reopen
from domain.case.pauses.commands import (
    ApproveExtension,
    EndSpecialProcedure,
    InvalidateSpecialProcedure,
)
from projections.clock import Clocks
from tests import county
from tests.examples import (
    a_concluded_case,
    a_paused_case,
    a_received_case,
    a_resumed_case,
    an_accepted_case,
    an_entrusted_case,
)
from tests.spec import at, deed
from tests.views import STREAM, defined_county, in_views, look_back, record


@pytest.fixture(scope="module")
def county_of_views(postgres18):
    with defined_county(postgres18.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


def day(text):
    return date.fromisoformat(f"2026-{text}")


async def standing(views, today):
    (standing,) = await Clocks(views).standing([STREAM], day(today))
    return standing


async def test_a_case_that_only_the_agent_has_has_no_clock(views):
    await record(views, *an_entrusted_case())
    assert await Clocks(views).standing([STREAM], day("03-20")) == []


async def test_nothing_runs_before_acceptance(views):
    await record(views, *a_received_case())
    clock = await standing(views, "03-20")
    assert (clock.basis, clock.due, clock.used_days, clock.overdue_days) == (None, None, None, None)


async def test_what_nobody_answered_is_accepted_by_law_from_the_day_of_receipt(views):
    await record(views, *a_received_case(), deed(DeemAccepted(), "03-12 09:00"))
    clock = await standing(views, "03-12")
    assert (clock.basis, clock.accepted_on, clock.promise_due) == ("deemed", day("03-03"), day("03-24"))


async def test_while_a_special_procedure_is_open_the_clock_stands_still(views):
    await record(views, *a_paused_case())
    clock = await standing(views, "03-10")
    assert (clock.is_paused, clock.used_days, clock.due) == (True, 2, day("03-27"))
    clock = await standing(views, "03-11")
    assert (clock.used_days, clock.due, clock.remaining_days) == (2, day("03-30"), 13)


async def test_after_its_plan_an_open_procedure_stops_nothing(views):
    """Planned for five working days from 5 March: until 12 March."""
    await record(views, *a_paused_case())
    clock = await standing(views, "04-01")
    assert (clock.due, clock.overdue_days) == (day("03-31"), 1)


async def test_a_procedure_longer_than_its_plan_is_read_in_three_ways(views):
    await record(views, *a_paused_case(), deed(EndSpecialProcedure(result="四至清楚"), "03-20 09:00"))
    readings = await Clocks(views).readings([STREAM], day("04-01"))
    assert [(each.name, each.excluded_days, each.promise_due, each.overdue_days) for each in readings] == [
        ("as ruled", 5, day("03-31"), 1),
        ("at face value", 11, day("04-09"), 0),
        ("up to the plan", 5, day("03-31"), 1),
        ("void", 0, day("03-24"), 6),
    ]


async def test_an_invalidated_procedure_stopped_nothing(views):
    found = InvalidateSpecialProcedure(procedure_no=1, grounds="未到现场")
    await record(views, *a_resumed_case(), deed(found, "03-11 09:00"))
    clock = await standing(views, "03-25")
    assert (clock.void_pauses, clock.promise_due, clock.overdue_days) == (1, day("03-24"), 1)


async def test_as_known_before_it_was_invalidated_the_procedure_still_counts(views):
    found = InvalidateSpecialProcedure(procedure_no=1, grounds="未到现场")
    await record(views, *a_resumed_case(), deed(found, "03-11 09:00"))
    await look_back(views, known_at=at("03-10 18:00"))
    assert (await standing(views, "03-10")).promise_due == day("03-27")


async def test_an_extension_moves_both_days_due(views):
    extension = ApproveExtension(days=10, reason="案情复杂", notified_at=at("03-05 10:00"))
    await record(views, *an_accepted_case(), deed(extension, "03-05 10:00"))
    clock = await standing(views, "03-10")
    assert (clock.promise_due, clock.legal_due) == (day("04-08"), day("04-15"))


async def test_a_corrected_acceptance_moves_the_days_due_by_itself(views):
    correction = CorrectEvent(
        target_version=2,
        field="acceptance_date",
        was="2026-03-03",
        should_be="2026-03-02",
        reason="误录",
        approved_by="a-director",
    )
    await record(views, *an_accepted_case(), deed(correction, "03-04 09:00"))
    clock = await standing(views, "03-10")
    assert (clock.accepted_on, clock.promise_due) == (day("03-02"), day("03-23"))


async def test_a_document_that_reopens_a_case_may_set_its_day(views):
    reopen = Reopen(basis_document="行复〔2026〕1号", decide_by=day("05-08"))
    await record(views, *a_concluded_case(), deed(reopen, "04-20 09:00", by=county.ORGAN_HEAD_POST))
    clock = await standing(views, "05-11")
    assert (clock.basis, clock.promise_due, clock.legal_due) == ("ordered", None, day("05-08"))
    assert (clock.done_on, clock.overdue_days) == (None, 2)
