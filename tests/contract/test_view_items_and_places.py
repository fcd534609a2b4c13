"""事项 items and 登记簿 places: what the registers' views say is what the catalogue says."""

from datetime import date, timedelta

import pytest
from psycopg.rows import dict_row

from domain.grammar import Duty
from domain.item import ITEM
from domain.item.commands import CancelItem, PublishItemVersion, StationItem, WithdrawItem
from domain.item.values import Stationing
from domain.point import POINT
from domain.point.commands import ClosePoint
from domain.staff import STAFF
from domain.unit import UNIT
from domain.unit.commands import CloseUnit, RegisterUnit
from domain.unit.values import Unit, UnitKind
from domain.window import POST, WINDOW
from domain.window.commands import CloseWindow, OpenWindow
from domain.window.posts import AssignPost, RelievePost
from domain.window.values import Assignment, Window
from tests import county
from tests.registers import enter_in_log
from tests.spec import at
from tests.views import defined_county, in_views, look_back

PUBLISH_SECOND = (
    ITEM,
    PublishItemVersion(item=county.an_item(county.PERMIT, version="2", valid_from=date(2026, 7, 1))),
)
HANDLER_FROM_MAY = Assignment(staff_id="a-civil-handler", duty=Duty.a, valid_from=date(2026, 5, 1))


@pytest.fixture(scope="module")
def county_of_views(postgres):
    with defined_county(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


async def rows(views, statement, *parameters):
    async with views.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, parameters)
        return await cursor.fetchall()


async def place(views, kind, code):
    (row,) = await rows(views, "select * from places where place_kind = %s and code = %s", kind, code)
    return row


async def test_on_every_day_the_version_in_force_is_the_catalogues(views):
    catalogue = await enter_in_log(views, PUBLISH_SECOND)
    in_force = """
        select item_code, item_version from items
        where valid_from <= %(day)s and %(day)s <= coalesce(valid_to, 'infinity')
            and %(day)s < coalesce(cancelled_on, 'infinity')
    """
    codes = catalogue.entries(ITEM)
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2025, 6, 30), date(2025, 7, 1), date(2025, 12, 31)]
    for day in (*days, date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)):
        cursor = await views.execute(in_force, {"day": day})
        expected = {code: item.version for code in codes if (item := catalogue.item(code, day))}
        assert dict(await cursor.fetchall()) == expected


async def test_an_open_version_ends_on_the_eve_of_the_next(views):
    await enter_in_log(views, PUBLISH_SECOND)
    versions = await rows(
        views,
        "select item_version, valid_from, valid_to from items where item_code = %s order by valid_from",
        county.PERMIT,
    )
    assert [tuple(version.values()) for version in versions] == [
        ("1", date(2020, 1, 1), date(2026, 6, 30)),
        ("2", date(2026, 7, 1), None),
    ]


async def test_a_version_tells_limits_budgets_papers_fees_and_procedures(views):
    await enter_in_log(views)
    (item,) = await rows(views, "select * from items where item_code = %s", county.HOMESTEAD)
    assert (item["legal_days"], item["promise_days"], item["kind"], item["routing"]) == (
        20,
        15,
        "promised",
        "single",
    )
    assert [(step["step_code"], step["working_days"]) for step in item["step_budgets"]] == [
        ("CB", 5),
        ("SH", 5),
        ("PZ", 5),
    ]
    assert item["material_codes"] == ["M1", "M2"]
    assert [(fee["standard_id"], fee["at_most_fen"]) for fee in item["fee_standards"]] == [(county.FEE, 1000)]
    assert item["special_procedures"] == ["site_survey", "public_notice", "testing"]
    assert (item["unit_code"], item["single_officer_ok"], item["is_supervised"]) == (
        county.LAND_STATION,
        False,
        True,
    )
    (joint,) = await rows(views, "select * from items where item_code = %s", county.JOINT)
    assert (joint["joint_units"], joint["routing"]) == ([county.HOUSING, county.FIRE], "joint")


async def test_a_cancelled_item_says_from_when(views):
    await enter_in_log(
        views, (ITEM, CancelItem(item_code=county.PERMIT, cancelled_on=date(2026, 9, 1), basis="文件"))
    )
    cancelled = await rows(
        views, "select item_code, cancelled_on from items where cancelled_on is not null order by 1"
    )
    assert [tuple(row.values()) for row in cancelled] == [
        (county.CANCELLED, date(2025, 7, 1)),
        (county.PERMIT, date(2026, 9, 1)),
    ]


async def test_an_item_withdrawn_from_a_window_was_stationed_there_until_its_last_day(views):
    item, window = county.PROOF, county.MARKET_DAY_WINDOW
    catalogue = await enter_in_log(
        views,
        (
            ITEM,
            StationItem(item_code=item, stationing=Stationing(window_id=window, valid_from=date(2026, 1, 1))),
        ),
        (ITEM, WithdrawItem(item_code=item, window_id=window, last_day=date(2026, 2, 28))),
        (
            ITEM,
            StationItem(item_code=item, stationing=Stationing(window_id=window, valid_from=date(2026, 6, 1))),
        ),
        (
            ITEM,
            WithdrawItem(item_code=county.PERMIT, window_id=county.TOWN_WINDOW, last_day=date(2026, 3, 31)),
        ),
    )
    stationings = {row["item_code"]: row["stationings"] for row in await rows(views, "select * from items")}
    for code, entry in catalogue.entries(ITEM).items():
        expected = sorted(
            (place.window_id, str(place.valid_from), place.valid_to and str(place.valid_to))
            for place in entry.stationings
        )
        told = [
            tuple(place[name] for name in ("window_id", "valid_from", "valid_to"))
            for place in stationings[code]
        ]
        assert sorted(told, key=lambda each: each[:2]) == expected
    assert (county.MARKET_DAY_WINDOW, "2026-01-01", "2026-02-28") in {
        tuple(place[name] for name in ("window_id", "valid_from", "valid_to")) for place in stationings[item]
    }


async def test_every_entry_of_the_registers_is_a_place(views):
    catalogue = await enter_in_log(views)
    told = {
        (row["place_kind"], row["code"]) for row in await rows(views, "select place_kind, code from places")
    }
    assert told == {
        (aggregate.name, code)
        for aggregate in (UNIT, WINDOW, POST, POINT, STAFF)
        for code in catalogue.entries(aggregate)
    }
    point = await place(views, "point", county.POINT_XIA)
    assert (point["unit_code"], point["is_acceptance_point"]) == (county.TOWN_CENTRE, True)
    assert point["division_code"] == county.OTHER_VILLAGE_DIVISION
    post = await place(views, "post", county.TOWN_CLERK_POST)
    assert (post["unit_code"], post["window_id"], post["sort"]) == (
        county.TOWN_CENTRE,
        county.TOWN_WINDOW,
        "window_clerk",
    )
    station = await place(views, "unit", county.LAND_STATION)
    assert (station["title"], station["unit_code"], station["sort"]) == (
        "白鹤镇国土所",
        county.LAND,
        "station",
    )


async def test_each_register_says_the_first_day_on_which_an_entry_is_no_more(views):
    window, last_day = county.MARKET_DAY_WINDOW, date(2026, 5, 31)
    await enter_in_log(
        views,
        (WINDOW, CloseWindow(window_id=window, closed_on=date(2026, 6, 1), reason="撤并")),
        (POINT, ClosePoint(point_code=county.POINT_SHANG, last_day=last_day, reason="撤并")),
        (UNIT, CloseUnit(unit_code=county.FIRE, last_day=last_day, reason="改制")),
    )
    for kind, code in (("window", window), ("point", county.POINT_SHANG), ("unit", county.FIRE)):
        entry = await place(views, kind, code)
        assert (entry["opened_on"], entry["closed_on"]) == (date(2020, 1, 1), last_day + timedelta(days=1))
    assert (await place(views, "window", county.TOWN_WINDOW))["closed_on"] is None


async def test_an_entry_brought_up_to_date_reads_as_it_was_last_told(views):
    moved = Window(
        window_id=county.TOWN_WINDOW,
        unit_code=county.TOWN_CENTRE,
        title="3号窗口（迁址）",
        opened_on=date(2020, 1, 1),
    )
    ending = Unit(
        unit_code=county.FIRE,
        title="县消防救援局",
        kind=UnitKind.organ,
        division_code=county.COUNTY_DIVISION,
        parent_code=county.COUNTY,
        valid_from=date(2020, 1, 1),
        valid_to=date(2026, 12, 31),
    )
    await enter_in_log(
        views,
        (WINDOW, OpenWindow(window=moved)),
        (UNIT, CloseUnit(unit_code=county.FIRE, last_day=date(2026, 6, 30), reason="改制")),
        (UNIT, RegisterUnit(unit=ending)),
    )
    assert (await place(views, "window", county.TOWN_WINDOW))["title"] == "3号窗口（迁址）"
    fire = await place(views, "unit", county.FIRE)
    assert (fire["title"], fire["closed_on"]) == ("县消防救援局", date(2027, 1, 1))


async def test_the_holders_of_a_post_are_the_catalogues_with_their_days(views):
    post_id = county.CIVIL_HANDLER_POST
    catalogue = await enter_in_log(
        views,
        (
            POST,
            RelievePost(post_id=post_id, staff_id="a-civil-handler", duty=Duty.a, last_day=date(2026, 3, 31)),
        ),
        (POST, AssignPost(post_id=post_id, assignment=HANDLER_FROM_MAY)),
        (
            POST,
            RelievePost(post_id=post_id, staff_id="a-civil-handler", duty=Duty.a, last_day=date(2026, 6, 30)),
        ),
    )
    holders = (await place(views, "post", post_id))["holders"]
    assert [
        tuple(holder[name] for name in ("staff_id", "duty", "valid_from", "valid_to")) for holder in holders
    ] == [
        ("a-civil-handler", "A", "2020-01-01", "2026-03-31"),
        ("a-civil-handler", "A", "2026-05-01", "2026-06-30"),
        ("b-civil-handler", "B", "2020-01-01", None),
    ]
    assert len(holders) == len(catalogue.entries(POST)[post_id].assignments)


async def test_no_persons_reference_stands_in_a_place(views):
    await enter_in_log(views)
    told = await rows(views, "select places::text as said from places")
    assert not [row for row in told if "p-" in row["said"] and "person" in row["said"]]
    assert not [row for row in told if county.person_ref("a-handler") in row["said"]]


async def test_as_happened_the_registers_stand_whole_and_as_known_they_do_not(views):
    """They were entered on 5 January 2026 for the days since 2020."""
    await enter_in_log(views)
    await look_back(views, happened_by=at("01-01 00:00"))
    assert len(await rows(views, "select * from items where item_code = %s", county.PERMIT)) == 1
    assert (await place(views, "window", county.TOWN_WINDOW))["opened_on"] == date(2020, 1, 1)
    await look_back(views, known_at=at("01-01 00:00"))
    assert await rows(views, "select * from items") == []
    assert await rows(views, "select * from places") == []
