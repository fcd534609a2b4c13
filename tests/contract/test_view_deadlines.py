"""时限看板: which light on which day, counted by hand. All days are of 2026; March has no holidays."""

from datetime import date

import pytest

from domain.case.decision.commands import Approve
from domain.case.pauses.commands import ApproveExtension
from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.policy.values import Policy
from projections.deadlines import DeadlineBoard, Wanted
from tests import county
from tests.examples import (
    a_case_at_the_station,
    a_case_handled,
    a_forwarded_case,
    a_legacy_case,
    a_paused_case,
    a_received_case,
    a_resumed_case,
    an_accepted_case,
)
from tests.registers import enter_in_log
from tests.spec import at, deed
from tests.views import CASE_NO, defined_county, in_views, look_back, record

OTHER_NO, THIRD_NO = CASE_NO[:-1] + "8", CASE_NO[:-1] + "9"


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


async def cases(views, today, **wanted):
    return await DeadlineBoard(views).cases(Wanted(**wanted), day(today))


async def the_case(views, today):
    (case,) = await cases(views, today)
    return case


@pytest.mark.parametrize(
    ("today", "light", "remaining", "over_promise", "over_legal"),
    [
        ("03-03", "green", 15, 0, 0),
        ("03-18", "green", 4, 0, 0),
        ("03-19", "prewarning", 3, 0, 0),
        ("03-24", "prewarning", 0, 0, 0),
        ("03-25", "yellow", 0, 1, 0),
        ("03-31", "yellow", 0, 5, 0),
        ("04-01", "red", 0, 6, 1),
    ],
)
async def test_promise_15_of_20_warned_three_days_ahead(
    views, today, light, remaining, over_promise, over_legal
):
    """Accepted on 3 March: promised for the 24th, by law for the 31st."""
    await record(views, *an_accepted_case())
    case = await the_case(views, today)
    assert (case.promise_due, case.legal_due) == (day("03-24"), day("03-31"))
    assert (case.light, case.remaining_days) == (light, remaining)
    assert (case.over_promise_days, case.over_legal_days) == (over_promise, over_legal)


@pytest.mark.parametrize(
    ("today", "light"), [("03-13", "green"), ("03-16", "prewarning"), ("03-18", "yellow")]
)
async def test_a_limit_of_ten_days_is_warned_of_one_day_ahead(views, today, light):
    """Promised for 17 March: on Friday 13th two working days remain, on Monday one."""
    await record(views, *an_accepted_case(county.PERMIT))
    assert (await the_case(views, today)).light == light


async def test_the_policy_of_the_day_says_how_far_ahead_is_warned(views):
    await enter_in_log(
        views,
        (POLICY, PublishPolicy(policy=Policy(version="2", valid_from=day("03-10"), prewarn_days_long=8))),
    )
    await record(views, *an_accepted_case())
    assert (await the_case(views, "03-09")).light == "green"
    assert (await the_case(views, "03-11")).light == "green"
    assert (await the_case(views, "03-12")).light == "prewarning"


async def test_an_open_special_procedure_moves_the_day_due_with_every_day_it_lasts(views):
    await record(views, *a_paused_case())
    first, later = await the_case(views, "03-06"), await the_case(views, "03-11")
    assert (first.is_paused, first.promise_due, first.used_days) == (True, day("03-25"), 2)
    # 6, 9, 10, 11 March
    assert (later.is_paused, later.promise_due, later.used_days) == (True, day("03-30"), 2)
    assert (first.listed_due, later.listed_due) == (day("03-24"), day("03-24"))


async def test_beyond_its_plan_a_special_procedure_stops_nothing(views):
    """Planned until 12 March: 5 days of credit, promised for the 31st, by law for 8 April."""
    await record(views, *a_paused_case())
    late = await the_case(views, "04-01")
    assert (late.is_paused, late.promise_due, late.light, late.over_promise_days) == (
        True,
        day("03-31"),
        "yellow",
        1,
    )


async def test_an_ended_special_procedure_and_an_extension_have_moved_both_days(views):
    """3 days of survey: 27 March and 3 April. 10 days more: 11 and 17 April, the 6th being Qingming."""
    await record(views, *a_resumed_case())
    case = await the_case(views, "03-20")
    assert (case.promise_due, case.legal_due, case.light) == (day("03-27"), day("04-03"), "green")
    await record(
        views,
        *a_resumed_case(),
        deed(ApproveExtension(days=10, reason="情况复杂"), "03-20 09:00"),
        case_no=OTHER_NO,
    )
    (_, extended) = await cases(views, "03-20")
    assert (extended.extension_days, extended.promise_due) == (10, day("04-13"))


async def test_what_is_done_is_on_the_board_no_more(views):
    await record(views, *a_case_handled(), deed(Approve(decision_no="1"), "03-09 09:00"))
    assert await cases(views, "03-31") == []
    await look_back(views, happened_by=at("03-06 18:00"))
    assert (await the_case(views, "03-06")).light == "green"


async def test_what_is_not_accepted_yet_has_no_deadline_and_is_not_on_the_board(views):
    await record(views, *a_received_case())
    assert await cases(views, "03-31") == []


async def test_the_board_says_who_holds_the_case_and_what_is_on_its_way(views):
    await enter_in_log(views)
    await record(views, *a_forwarded_case())
    case = await the_case(views, "03-04")
    assert (case.holder_unit, case.holder_window, case.holder_person) == (
        county.TOWN_CENTRE,
        county.TOWN_WINDOW,
        "a-town-clerk",
    )
    assert (case.is_in_transit, case.in_transit_to, case.held_since) == (
        True,
        county.LAND_STATION,
        day("03-03"),
    )
    assert (case.item_code, case.item_title) == (county.HOMESTEAD, f"测试事项{county.HOMESTEAD}")


async def test_a_legacy_case_is_judged_by_the_days_its_source_gave(views):
    """Planned for 20 March, by law for 1 April."""
    await record(views, *a_legacy_case())
    lights = [(await the_case(views, today)).light for today in ("03-16", "03-17", "03-23", "04-01", "04-02")]
    assert lights == ["green", "prewarning", "yellow", "yellow", "red"]


async def three_cases(views):
    """One at the window due on 24 March, one at the station due on the 17th, one paused at the station."""
    await record(views, *an_accepted_case())
    await record(views, *a_case_at_the_station(county.PERMIT), case_no=OTHER_NO)
    await record(views, *a_paused_case(), case_no=THIRD_NO)


async def test_the_board_is_filtered_by_holder_light_and_pause(views):
    await three_cases(views)
    numbers = lambda found: [case.case_no for case in found]  # noqa: E731
    assert numbers(await cases(views, "03-16")) == [OTHER_NO, CASE_NO, THIRD_NO]
    assert numbers(await cases(views, "03-16", unit=county.LAND_STATION)) == [OTHER_NO, THIRD_NO]
    assert numbers(await cases(views, "03-16", window=county.TOWN_WINDOW)) == [CASE_NO]
    assert numbers(await cases(views, "03-16", person="a-handler")) == [OTHER_NO, THIRD_NO]
    assert numbers(await cases(views, "03-16", light="prewarning")) == [OTHER_NO]
    assert numbers(await cases(views, "03-16", light="green")) == [CASE_NO, THIRD_NO]
    assert numbers(await cases(views, "03-16", is_paused=True)) == [THIRD_NO]
    assert numbers(await cases(views, "03-16", is_paused=False)) == [OTHER_NO, CASE_NO]


async def test_page_by_page_the_board_is_read_once(views):
    await three_cases(views)
    board, read = DeadlineBoard(views), []
    page = await board.cases(Wanted(), day("03-16"), limit=1)
    while page:
        read += [case.case_no for case in page]
        page = await board.cases(Wanted(), day("03-16"), after=page[-1].place, limit=1)
    assert read == [OTHER_NO, CASE_NO, THIRD_NO]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("unit", [(county.LAND_STATION, 2), (county.TOWN_CENTRE, 1)]),
        ("window", [(county.TOWN_WINDOW, 1), (None, 2)]),
        ("person", [("a-handler", 2), ("a-town-clerk", 1)]),
    ],
)
async def test_the_lights_add_up_by_unit_window_and_person(views, by, expected):
    await three_cases(views)
    lights = await DeadlineBoard(views).lights(Wanted(), day("03-18"), by=by)
    assert [(each.code, each.open_cases) for each in lights] == expected
    for each in lights:
        told = each.green + each.prewarning + each.yellow + each.red + each.without_limit
        assert told == each.open_cases
    assert (sum(each.yellow for each in lights), sum(each.paused for each in lights)) == (1, 1)
