"""Lists, cards, timelines and clocks over HTTP; and what every read refuses."""

from dataclasses import replace

import pytest

from api.projections import ViewStates
from domain.amendment import CorrectEvent, VoidEvent
from domain.case.decision.commands import Approve
from projections.custody import CUSTODY
from projections.registry import PROJECTIONS
from tests import county
from tests.contract.test_api_custody import who_sat_on_it
from tests.doors import Doorway
from tests.examples import VOUCHED, a_case_handled, a_received_case, an_accepted_case
from tests.projected import an_engine
from tests.reads import CASE_NO, OTHER_NO, a_read_county
from tests.spec import at, deed

CASE = f"/v1/cases/{CASE_NO}"
UNKNOWN = "61099910100020260521000171"


@pytest.fixture
async def read_county(database18):
    async with a_read_county(database18) as read_county:
        yield read_county


def problem(answer):
    return answer["type"].removeprefix("urn:jiandu:problem:")


async def numbers(read_county, **query):
    answer = await read_county.read("/v1/cases", **query)
    return [case["case_no"] for case in answer["cases"]], answer["next_after"]


async def test_cases_are_found_by_what_is_known_of_them_page_by_page(read_county):
    await read_county.record(*who_sat_on_it())
    await read_county.record(*a_received_case(county.PERMIT, "03-04 09:00"), case_no=OTHER_NO)
    both = [CASE_NO, OTHER_NO]
    assert await numbers(read_county) == (both, None)
    assert await numbers(read_county, limit=1) == ([CASE_NO], CASE_NO)
    assert await numbers(read_county, limit=1, after=CASE_NO) == ([OTHER_NO], OTHER_NO)
    assert await numbers(read_county, after=OTHER_NO) == ([], None)
    for query, found in (
        ({"status": "registered"}, [OTHER_NO]),
        ({"is_open": "true"}, both),
        ({"is_open": "false"}, []),
        ({"unit": county.TOWN_CENTRE, "window": county.TOWN_WINDOW}, both),
        ({"unit": county.LAND_STATION}, []),
        ({"item": county.PERMIT}, [OTHER_NO]),
        ({"kind": "instant"}, []),
        ({"holder": county.LAND_STATION}, [CASE_NO]),
        ({"holder": county.TOWN_CENTRE}, [OTHER_NO]),
        ({"received_from": "2026-03-04"}, [OTHER_NO]),
        ({"received_to": "2026-03-03"}, [CASE_NO]),
        ({"receipt_no": "SJ-1", "received_to": "2026-03-03"}, [CASE_NO]),
        ({"external_ref": "nobody's"}, []),
        ({"point": county.POINT_SHANG}, []),
        ({"known_at": "2026-03-03T12:00:00+08:00"}, [CASE_NO]),
    ):
        assert await numbers(read_county, **query) == (found, None), query


async def test_a_card_says_where_the_case_stood_then(read_county):
    await read_county.record(*who_sat_on_it())
    now = await read_county.read(f"{CASE}/card")
    assert (now["card"]["status"], now["card"]["hops"], now["card"]["pauses"]) == ("in_progress", 1, 1)
    then = await read_county.read(f"{CASE}/card", happened_by="2026-03-06T12:00:00+08:00")
    assert (then["card"]["status"], then["card"]["hops"]) == ("paused", 0)
    assert (then["basis"]["mode"], then["basis"]["day"], then["basis"]["position"]) == (
        "as_happened",
        "2026-03-06",
        6,
    )


def a_case_amended():
    """Received on the 3rd, accepted; on the 6th its receipt is moved to 08:30 and a step taken on the 5th is void."""
    return (
        *an_accepted_case(),
        *a_case_handled()[2:5],
        deed(
            CorrectEvent(
                target_version=1,
                field="receipt_no",
                was="SJ-1",
                should_be="SJ-7",
                reason="录入颠倒",
                approved_by="a-director",
            ),
            "03-09 09:00",
        ),
        deed(VoidEvent(target_version=5, reason="重复登记", approved_by="a-director"), "03-10 09:00"),
    )


async def test_a_timeline_shows_what_was_recorded_beside_what_became_of_it(read_county):
    await read_county.record(*a_case_amended())
    raw = await read_county.read(f"{CASE}/timeline", view="raw", order="recorded")
    assert [(event["version"], event["fate"], event["amended_by"]) for event in raw["events"]] == [
        (1, "corrected", [6]),
        (2, "as recorded", []),
        (3, "as recorded", []),
        (4, "as recorded", []),
        (5, "voided", [7]),
        (6, "amendment", []),
        (7, "amendment", []),
    ]
    assert raw["events"][0]["fact"]["receipt_no"] == "SJ-1"
    effective = await read_county.read(f"{CASE}/timeline")
    assert [event["version"] for event in effective["events"]] == [1, 2, 3, 4]
    assert effective["events"][0]["fact"]["receipt_no"] == "SJ-7"
    before = await read_county.read(f"{CASE}/timeline", known_at="2026-03-09T12:00:00+08:00")
    assert [event["version"] for event in before["events"]] == [1, 2, 3, 4, 5]


async def test_a_timeline_runs_as_things_happened_or_as_they_were_recorded_with_the_lag(read_county):
    """Approved on Friday 8 May, recorded on Friday 15 May: Saturday the 9th is worked, so six working days."""
    approval = deed(Approve(decision_no="2026-17"), "05-08 10:00", recorded="05-15 09:00", backfill=VOUCHED)
    await read_county.record(*a_case_handled(), approval)
    events = (await read_county.read(f"{CASE}/timeline"))["events"]
    assert (events[-1]["topic"], events[-1]["lag_days"]) == ("case.approved.v1", 6)
    assert {event["lag_days"] for event in events[:-1]} == {0}


async def test_a_clock_says_in_whose_hands_the_case_was_while_it_was_overdue(read_county):
    """Due on 27 March; by 10 April 30, 31, 1, 2, 3, 7, 8, 9, 10 are worked: nine days late, all at the station."""
    await read_county.record(*who_sat_on_it())
    late = await read_county.read(f"{CASE}/clock", day="2026-04-10")
    assert (late["clock"]["due"], late["clock"]["overdue_days"]) == ("2026-03-27", 9)
    assert [(share["holder_unit"], share["overdue_days"]) for share in late["overdue_by"]] == [
        (county.LAND_STATION, 9)
    ]
    assert [reading["name"] for reading in late["readings"]] == [
        "as ruled",
        "at face value",
        "up to the plan",
        "void",
    ]
    on_time = await read_county.read(f"{CASE}/clock", day="2026-03-27")
    assert (on_time["clock"]["overdue_days"], on_time["overdue_by"]) == (0, [])


async def test_equal_rows_have_equal_hashes_however_they_were_asked_for(read_county):
    await read_county.record(*who_sat_on_it())
    now = await read_county.read(f"{CASE}/custody", day="2026-03-20")
    then = await read_county.read(f"{CASE}/custody", day="2026-03-20", known_at="2026-03-20T18:00:00+08:00")
    other = await read_county.read(f"{CASE}/custody", day="2026-03-23")
    assert now["basis"]["rows_sha256"] == then["basis"]["rows_sha256"]
    assert now["basis"]["rows_sha256"] != other["basis"]["rows_sha256"]


async def test_what_no_view_holds_yet_is_told_of_one_case_and_waited_for_in_a_list(read_county, monkeypatch):
    monkeypatch.setattr("projections.reading.PATIENCE_SECONDS", 0.05)
    await read_county.insert(*who_sat_on_it())
    card = await read_county.read(f"{CASE}/card", min_position=6)
    assert card["card"]["status"] == "in_progress"
    behind = await read_county.refused("/v1/cases", min_position=6)
    assert (problem(behind), behind["status"]) == ("view-behind", 503)
    assert behind["details"] == {"view": "case_card", "position": 0, "wanted_position": 6}
    assert (await read_county.read("/v1/cases"))["basis"]["behind"] == 6
    await read_county.engine.catch_up()
    assert (await read_county.read("/v1/cases", min_position=6))["basis"]["behind"] == 0


async def test_what_cannot_be_asked_is_refused(read_county):
    await read_county.record(*who_sat_on_it())
    future, past = "2030-01-01T00:00:00Z", "2026-03-19T00:00:00Z"
    for path, query, name in (
        (f"/v1/cases/{UNKNOWN}/card", {}, "case-unknown"),
        ("/v1/cases/1/card", {}, "case-unknown"),
        (f"/v1/cases/{UNKNOWN}/clock", {"known_at": past}, "case-unknown"),
        (f"/v1/cases/{UNKNOWN}/clock", {"happened_by": past}, "case-unknown"),
        (f"{CASE}/card", {"known_at": future}, "as-of-in-future"),
        (f"{CASE}/card", {"happened_by": future}, "as-of-in-future"),
        (f"{CASE}/card", {"known_at": past, "min_position": 3}, "position-with-as-of"),
        (f"{CASE}/card", {"min_position": 7}, "position-beyond-log"),
        (f"{CASE}/card", {"min_position": "+1"}, "parameter-invalid"),
        (f"{CASE}/card", {"day": "20260319"}, "parameter-invalid"),
        (f"{CASE}/card", {"known_at": "2026-03-19T00:00:00"}, "parameter-invalid"),
        (f"{CASE}/card", {"happend_by": past}, "parameter-invalid"),
        (f"{CASE}/timeline", {"order": "random"}, "parameter-invalid"),
        ("/v1/cases", {"status": "lost"}, "parameter-invalid"),
        ("/v1/cases", {"limit": 0}, "parameter-invalid"),
        ("/v1/cases", {"limit": 1001}, "parameter-invalid"),
        ("/v1/cases", {"after": "%"}, "parameter-invalid"),
    ):
        assert problem(await read_county.refused(path, **query)) == name, (path, query)


RECEIVED_EARLIER = CorrectEvent(
    target_version=1,
    field="occurred_at",
    was=at("03-03 09:00").isoformat(),
    should_be=at("03-02 09:00").isoformat(),
    reason="录入日期有误",
    approved_by="a-director",
)
OF_A_CASE = ("card", "timeline", "custody", "clock", "steps", "legs", "replay", "signals")


@pytest.mark.parametrize("part", OF_A_CASE)
async def test_of_a_day_before_the_case_it_is_said_when_it_began(read_county, part):
    """As it was known at the time that was asked for: the correction came later."""
    await read_county.record(
        *who_sat_on_it(), deed(RECEIVED_EARLIER, "03-21 09:00", by=county.TOWN_CLERK_POST)
    )
    before = {"happened_by": "2026-03-01T00:00:00Z"}
    for query, expected in (
        (before, ("not-yet-begun", {"began_at": "2026-03-02T01:00:00Z"})),
        (
            before | {"known_at": "2026-03-20T00:00:00Z"},
            ("not-yet-begun", {"began_at": "2026-03-03T01:00:00Z"}),
        ),
        (
            {"day": "2026-03-01"},
            ("not-yet-begun", {"began_at": "2026-03-02T01:00:00Z"}),
        ),
        (
            {"known_at": "2026-03-01T00:00:00Z"},
            ("not-yet-known", {"known_since": "2026-03-03T01:00:00Z"}),
        ),
    ):
        told = await read_county.refused(f"{CASE}/{part}", **query)
        assert (problem(told), told["details"], told["status"]) == (*expected, 404)
    assert "basis" in await read_county.read(f"{CASE}/{part}", day="2026-03-02")


async def test_without_views_a_read_says_that_they_are_not_built():
    async with Doorway().entered() as client:
        answer = await client.get("/v1/cases")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert problem(answer.json()) == "view-not-built"


async def test_before_the_first_building_a_read_says_so(database18):
    async with a_read_county(database18) as read_county:
        await read_county.engine.desk.connection.execute("update projections set definition = null")
        assert problem(await read_county.refused("/v1/cases")) == "view-not-built"


async def test_a_server_whose_views_another_version_has_taken_over_says_so(read_county):
    """Lists of now are still told out of the tables; what its own definitions would have to answer is not."""
    await read_county.record(*who_sat_on_it())
    past = {"known_at": "2026-03-19T00:00:00Z"}
    told = await read_county.read(f"{CASE}/clock", **past)
    newer = replace(CUSTODY, view=CUSTODY.view + "\n-- as the next version has it")
    its_own = tuple(newer if each.name == "custody" else each for each in PROJECTIONS)
    async with an_engine(read_county.dsn, its_own) as engine:
        await engine.catch_up()
    for path in (f"{CASE}/clock", "/v1/watch", "/v1/statistics"):
        response = await read_county.client.get(path, params=past)
        assert (response.status_code, response.headers["retry-after"]) == (503, "5"), path
        assert problem(response.json()) == "views-taken-over"
        assert "另一版本" in response.json()["title"]
    assert (await read_county.read("/v1/cases"))["basis"]["behind"] == 0
    await read_county.engine.prepare()
    assert await read_county.read(f"{CASE}/clock", **past) == told


def poisoned():
    """The custody ledger by a definition that fails over every case."""
    bad = replace(
        CUSTODY,
        view=CUSTODY.view.replace(
            "position as from_position", "position / (position - position) as from_position"
        ),
    )
    return tuple(bad if projection.name == "custody" else projection for projection in PROJECTIONS)


async def test_a_failing_view_says_so_and_where_it_stands(database18):
    async with a_read_county(database18, poisoned()) as read_county:
        await read_county.record(*who_sat_on_it())
        failing = await read_county.refused("/v1/cases", holder=county.LAND_STATION)
        assert (problem(failing), failing["status"]) == ("view-failing", 503)
        assert failing["details"]["view"] == "custody"
        assert failing["details"]["position"] == 0
        assert (await read_county.read("/v1/cases"))["basis"]["failing"] == []


async def test_the_health_page_says_how_far_each_view_is_and_what_keeps_it(database18):
    async with a_read_county(database18, poisoned()) as read_county:
        await read_county.record(*who_sat_on_it())
        told = await read_county.read("/v1/projections")
        shown = ViewStates.model_validate(told)
        assert not shown.is_well
        by_name = {each.health.name: each.health for each in shown.views}
        assert list(by_name) == [projection.name for projection in PROJECTIONS]
        clock, custody = by_name["clock"], by_name["custody"]
        assert (clock.condition, clock.position, clock.behind, clock.failure) == ("live", 6, 0, None)
        assert (custody.condition, custody.position, custody.behind) == ("failing", 0, 6)
        failure = custody.failure
        assert (failure.after, failure.upto, failure.stream, failure.topic) == (
            0,
            1,
            f"case:{CASE_NO}",
            "case.received.v1",
        )
        assert failure.error == "DivisionByZero: division by zero"


async def test_a_rebuild_tells_its_progress(read_county):
    await read_county.record(*who_sat_on_it())
    await read_county.engine.desk.run("want_rebuild", {"name": "clock"})
    views = (await read_county.read("/v1/projections"))["views"]
    assert {view["health"]["name"]: view["label"] for view in views}["clock"] == "待重建，暂用原表"
    assert (await read_county.read(f"{CASE}/clock"))["clock"]["pauses"] == 1


async def test_a_server_whose_catalogue_stands_still_is_not_ready():
    is_fed = True
    async with Doorway(is_fed=lambda: is_fed).entered() as client:
        assert (await client.get("/readyz")).status_code == 200
        is_fed = False
        refused = await client.get("/readyz")
    assert (refused.status_code, problem(refused.json())) == (503, "catalogue-stopped")


async def test_a_plan_for_another_definitions_columns_is_refused_once_and_forgotten(read_county):
    await read_county.record(*who_sat_on_it())
    for _ in range(2):
        await read_county.read(f"{CASE}/clock")
    await read_county.engine.desk.connection.execute("alter table clock alter column pauses type bigint")
    assert problem(await read_county.refused(f"{CASE}/clock")) == "view-not-built"
    assert (await read_county.read(f"{CASE}/clock"))["clock"]["pauses"] == 1
