"""Exports over HTTP: a file of what the views hold, as of any day."""

import sqlite3
import tempfile
from contextlib import closing

import orjson
import pytest
from structlog.testing import capture_logs

from api import exporting
from tests import county
from tests.disks import a_disk_of
from tests.exported import a_surveyed_case, accepted
from tests.reads import CASE_NO, OTHER_NO, a_read_county
from tests.xml_tree import breaches, tree


async def the_xes(read, **query):
    response = await read.client.get("/v1/exports/xes", params=query)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/xml"
    log = tree(response.content)
    assert list(breaches(log)) == []
    return log


async def test_xes_holds_what_the_views_hold(database18):
    async with a_read_county(database18) as read:
        await read.record(*a_surveyed_case())
        await read.record(*accepted(county.PERMIT, "03-09"), case_no=OTHER_NO)
        log = await the_xes(read, day="2026-03-20")
        assert [trace.attributes["concept:name"] for trace in log.all("trace")] == [CASE_NO, OTHER_NO]
        assert [len(trace.all("event")) for trace in log.all("trace")] == [6, 2]
        assert log.attributes["jiandu:mode"] == "live"
        assert log.attributes["jiandu:position"] == 8
        (one,) = (await the_xes(read, item_code=county.PERMIT)).all("trace")
        assert one.attributes["jiandu:item_code"] == county.PERMIT


async def test_xes_as_of_another_day(database18):
    async with a_read_county(database18) as read:
        await read.record(*a_surveyed_case())
        (trace,) = (await the_xes(read, known_at="2026-03-06T00:00:00+08:00")).all("trace")
        assert [event.attributes["concept:name"] for event in trace.all("event")] == [
            "收件登记",
            "受理",
            "特别程序",
        ]
        assert trace.attributes["jiandu:is_paused"] is True


async def test_what_views_do_not_hold_yet_is_not_half_exported(database18):
    async with a_read_county(database18) as read:
        await read.record(*accepted(county.PERMIT, "03-03"))
        await read.insert(*accepted(county.PERMIT, "03-09"), case_no=OTHER_NO)
        assert len((await the_xes(read)).all("trace")) == 1


async def test_a_bad_parameter_is_a_problem_and_no_file(database18):
    async with a_read_county(database18) as read:
        for query, code in (
            ({"since": "yesterday"}, "parameter-invalid"),
            ({"language": "la"}, "parameter-invalid"),
            ({"item": county.PERMIT}, "parameter-invalid"),
            ({"known_at": "2099-01-01T00:00:00+08:00"}, "as-of-in-future"),
        ):
            problem = await read.refused("/v1/exports/xes", **query)
            assert problem["type"] == f"urn:jiandu:problem:{code}"


async def test_a_reader_who_leaves_gives_the_seat_back(database18):
    async with a_read_county(database18) as read:
        await read.record(*a_surveyed_case())
        for path in ("/v1/exports/xes", "/v1/exports/ocel"):
            for _ in range(exporting.AT_ONCE + 1):
                head = await read.client.head(path)
                assert (head.status_code, head.content) == (200, b"")
            assert (await read.client.get(path)).status_code == 200


async def test_ocel_holds_the_same_cases_in_both_forms(database18, tmp_path):
    async with a_read_county(database18) as read:
        await read.record(*a_surveyed_case())
        in_json = await read.client.get("/v1/exports/ocel", params={"day": "2026-03-20"})
        in_sqlite = await read.client.get("/v1/exports/ocel", params={"format": "sqlite"})
    assert in_json.headers["content-type"] == "application/json"
    log = in_json.json()
    (case,) = (each for each in log["objects"] if each["type"] == "办件")
    assert {"name": "used_days", "value": 10, "time": "1970-01-01T00:00:00.000Z"} in case["attributes"]
    assert in_sqlite.headers["content-type"] == "application/vnd.sqlite3"
    path = tmp_path / "cases.sqlite"
    path.write_bytes(in_sqlite.content)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select count(*) from event").fetchone() == (len(log["events"]),) == (6,)


@pytest.mark.parametrize("found_full", ["as it is written", "before it is begun"])
async def test_a_file_for_which_there_is_no_room_is_a_problem_and_no_half_of_one(
    database18, monkeypatch, found_full
):
    """As often as it is asked for: no seat is lost over it."""
    async with a_read_county(database18) as read:
        await read.record(*a_surveyed_case())
        if found_full == "before it is begun":
            monkeypatch.setattr(tempfile, "tempdir", None)
        with capture_logs() as logged, a_disk_of(0):
            refused = [await read.client.get("/v1/exports/ocel") for _ in range(exporting.AT_ONCE + 1)]
        for each in refused:
            assert (each.status_code, each.headers["retry-after"]) == (503, "30")
            assert each.json()["type"] == "urn:jiandu:problem:file-lacks-room"
        assert [line["event"] for line in logged if line["log_level"] == "error"] == [
            "file_lacks_room"
        ] * len(refused)
        assert (await read.client.get("/v1/exports/ocel")).status_code == 200


async def test_every_export_says_on_what_it_stands(database18):
    async with a_read_county(database18) as read:
        await read.record(*a_surveyed_case())
        for path in ("/v1/exports/xes", "/v1/exports/ocel"):
            basis = orjson.loads((await read.client.get(path)).headers["jiandu-basis"])
            assert (basis["mode"], basis["position"]) == ("live", 6)
            assert set(basis["definitions"]) >= {"clock", "custody", "case_card", "calendar"}
