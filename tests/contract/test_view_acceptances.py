"""零办件 and 两头受理: idle windows, and one matter accepted at two places. All days are of 2026."""

from datetime import date

import pytest

from domain.case.acceptance.commands import AcceptCase, DeemAccepted
from domain.case.ending.commands import LinkDuplicate, WithdrawCase
from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.policy.values import Policy
from domain.window import WINDOW
from domain.window.commands import CloseWindow, OpenWindow
from domain.window.values import Window
from projections.acceptances import Acceptances
from tests import county
from tests.examples import NEIGHBOUR, VILLAGER, a_received_case, an_accepted_case, receiving
from tests.registers import enter_in_log
from tests.spec import at, deed
from tests.views import CASE_NO, defined_county, in_views, look_back, record

OTHER_NO = CASE_NO[:-1] + "8"


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


# ── 零办件 ──────────────────────────────────────────────────────────────────────────────────────────────────


async def idle(views, today, unit=None):
    windows = await Acceptances(views).idle_windows(day(today), unit=unit)
    return {window.window_id: window for window in windows}


async def test_after_22_working_days_without_a_case_a_window_is_idle(views):
    """From 4 March on the 22nd working day is 2 April."""
    await enter_in_log(views)
    await record(views, *an_accepted_case())
    assert county.TOWN_WINDOW not in await idle(views, "04-01")
    window = (await idle(views, "04-02"))[county.TOWN_WINDOW]
    assert (window.last_accepted_on, window.idle_days, window.limit_days) == (day("03-03"), 22, 22)
    assert (window.title, window.unit_code, window.window_kind) == (
        "3号综合窗口",
        county.TOWN_CENTRE,
        "permanent",
    )


async def test_a_window_that_never_accepted_is_idle_since_it_opened(views):
    fresh = Window(window_id="T-09", unit_code=county.TOWN_CENTRE, title="9号窗口", opened_on=day("03-04"))
    await enter_in_log(views, (WINDOW, OpenWindow(window=fresh)))
    assert "T-09" not in await idle(views, "04-01")
    window = (await idle(views, "04-02"))["T-09"]
    assert (window.last_accepted_on, window.idle_days) == (None, 22)


async def test_a_closed_window_is_not_idle(views):
    closed = CloseWindow(window_id=county.PROXY_WINDOW, closed_on=day("03-16"), reason="撤并")
    await enter_in_log(views, (WINDOW, closed))
    assert county.PROXY_WINDOW in await idle(views, "03-15")
    assert county.PROXY_WINDOW not in await idle(views, "03-16")


async def test_the_policy_of_the_day_says_how_long_is_idle_and_a_unit_can_be_asked_alone(views):
    published = PublishPolicy(policy=Policy(version="2", valid_from=day("03-10"), zero_activity_days=5))
    await enter_in_log(views, (POLICY, published))
    await record(views, *an_accepted_case())
    assert county.TOWN_WINDOW not in await idle(views, "03-09")
    assert (await idle(views, "03-10"))[county.TOWN_WINDOW].idle_days == 5
    assert set(await idle(views, "03-10", county.CENTRE)) == {county.COUNTY_WINDOW}


async def test_what_was_deemed_accepted_is_the_receiving_windows(views):
    await enter_in_log(views)
    await record(views, *a_received_case(), deed(DeemAccepted(), "03-11 09:00"))
    window = (await idle(views, "04-30"))[county.TOWN_WINDOW]
    assert window.last_accepted_on == day("03-11")


# ── 两头受理 ────────────────────────────────────────────────────────────────────────────────────────────────


def accepted_at(post, when, **different):
    different = {"object_ref": "DK-1"} | different
    return (
        deed(receiving(county.PERMIT, **different), f"{when} 09:00", by=post),
        deed(AcceptCase(), f"{when} 09:30", by=post),
    )


HERE = accepted_at(county.TOWN_CLERK_POST, "03-03")
THERE = accepted_at(county.COUNTY_CLERK_POST, "03-05")


async def pairs(views, today="03-31", **wanted):
    return await Acceptances(views).accepted_twice(day(today), **wanted)


async def test_one_matter_accepted_at_two_windows_is_found_with_both_places(views):
    await record(views, *HERE)
    await record(views, *THERE, case_no=OTHER_NO)
    (pair,) = await pairs(views)
    assert (pair.case_no, pair.window_id, pair.other_case_no, pair.other_window_id) == (
        CASE_NO,
        county.TOWN_WINDOW,
        OTHER_NO,
        county.COUNTY_WINDOW,
    )
    assert (pair.applicant_ref, pair.item_code, pair.object_ref, pair.is_linked) == (
        VILLAGER,
        county.PERMIT,
        "DK-1",
        False,
    )
    assert await pairs(views, "03-04") == []
    assert len(await pairs(views, unit=county.CENTRE)) == 1
    assert await pairs(views, unit=county.LAND) == []
    assert await pairs(views, after=pair.place) == []


@pytest.mark.parametrize("from_the_other", [False, True])
async def test_what_the_centre_has_linked_says_so_from_whichever_side(views, from_the_other):
    numbers = (OTHER_NO, CASE_NO) if from_the_other else (CASE_NO, OTHER_NO)
    link = deed(LinkDuplicate(other_case=numbers[1], governing_case=CASE_NO), "03-06 09:00")
    await record(views, *HERE, *(() if from_the_other else (link,)))
    await record(views, *THERE, *((link,) if from_the_other else ()), case_no=OTHER_NO)
    (pair,) = await pairs(views)
    assert pair.is_linked


@pytest.mark.parametrize(
    "second",
    [
        accepted_at(county.TOWN_CLERK_POST, "03-05"),
        accepted_at(county.COUNTY_CLERK_POST, "03-05", object_ref="DK-2"),
        accepted_at(county.COUNTY_CLERK_POST, "03-05", object_ref=None),
        accepted_at(county.COUNTY_CLERK_POST, "03-05", applicant_ref=NEIGHBOUR),
    ],
    ids=["the same window", "another object", "no object", "another person"],
)
async def test_what_differs_or_lies_at_one_window_is_no_dual_acceptance(views, second):
    await record(views, *HERE)
    await record(views, *second, case_no=OTHER_NO)
    assert await pairs(views) == []


async def test_once_the_first_has_ended_the_second_is_a_case_of_its_own(views):
    withdrawn = deed(WithdrawCase(reason="改在县中心办理"), "03-04 09:00")
    await record(views, *HERE, withdrawn)
    await record(views, *THERE, case_no=OTHER_NO)
    assert await pairs(views) == []


async def test_what_the_centre_linked_is_told_though_the_first_had_ended(views):
    withdrawn = deed(WithdrawCase(reason="改在县中心办理"), "03-04 09:00")
    link = deed(LinkDuplicate(other_case=CASE_NO, governing_case=OTHER_NO), "03-06 09:00")
    await record(views, *HERE, withdrawn)
    await record(views, *THERE, link, case_no=OTHER_NO)
    (pair,) = await pairs(views)
    assert (pair.both_lived, pair.is_linked) == (False, True)


async def test_a_case_lives_from_its_receipt_though_it_was_accepted_later(views):
    """Received on 3 March and accepted on the 9th; the other came and was withdrawn in between."""
    first = (HERE[0], deed(AcceptCase(), "03-09 09:30"))
    await record(views, *first)
    await record(views, *THERE, deed(WithdrawCase(reason="重复"), "03-06 09:00"), case_no=OTHER_NO)
    (pair,) = await pairs(views)
    assert (pair.case_no, pair.other_case_no, pair.both_lived) == (OTHER_NO, CASE_NO, True)


async def test_withdrawn_after_the_second_acceptance_it_was_accepted_twice_nevertheless(views):
    await record(views, *HERE, deed(WithdrawCase(reason="重复"), "03-09 09:00"))
    await record(views, *THERE, case_no=OTHER_NO)
    assert len(await pairs(views)) == 1
    await look_back(views, known_at=at("03-04 18:00"))
    assert await pairs(views) == []
