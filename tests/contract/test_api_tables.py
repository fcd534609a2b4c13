"""Every list and every set of figures can be taken away as a table: its rows those of the answer, headed in Chinese."""

import csv
import io
import json

import openpyxl
import pytest
from fastapi.routing import APIRoute

from api.exporting import Format
from projections.registry import PROJECTIONS
from tests.audited import a_told_county, supervised
from tests.doors import Doorway
from tests.reads import CASE_NO, OTHER_NO


def is_table(route):
    names = {
        name
        for parameter in route.dependant.query_params
        for name in getattr(parameter.field_info.annotation, "model_fields", {})
    }
    media_types = route.responses.get(200, {}).get("content", {})
    assert (
        ("format" in names) == ("text/csv" in media_types) or "exchange" in route.path or "ocel" in route.path
    )
    return "{" not in route.path and "format" in names and "text/csv" in media_types


TABLES = [
    route.path
    for route in Doorway().app.routes
    if isinstance(route, APIRoute) and "GET" in route.methods and is_table(route)
]


@pytest.fixture(scope="module")
def told_county(postgres18):
    with a_told_county(postgres18.dsn, PROJECTIONS) as dsn:
        yield dsn


@pytest.fixture
async def door(told_county):
    """Read only."""
    async with supervised(told_county, PROJECTIONS) as read_county:
        yield read_county


async def file(door, path, form, **query):
    response = await door.client.get(path, params={"format": form, **query})
    assert response.status_code == 200, response.text
    return response


async def listed(door, path, **query):
    told = await door.read(path, **query)
    return next(value for name, value in told.items() if isinstance(value, list) and name != "silent")


def test_the_lists_and_figures_of_the_county_are_tables():
    assert {
        "/v1/audit",
        "/v1/cases",
        "/v1/certificates",
        "/v1/data-quality",
        "/v1/data-quality/tallies",
        "/v1/deadlines",
        "/v1/deadlines/lights",
        "/v1/dual-acceptance",
        "/v1/ledgers/agents",
        "/v1/ledgers/agents/points",
        "/v1/ledgers/signals",
        "/v1/signals",
        "/v1/statistics",
        "/v1/statistics/handovers",
        "/v1/statistics/recordings",
        "/v1/statistics/signals",
        "/v1/statistics/steps",
        "/v1/watch",
        "/v1/zero-activity",
    } <= set(TABLES)


@pytest.mark.parametrize("path", TABLES)
async def test_the_rows_of_the_file_are_those_of_the_answer(door, path):
    *lines, end = (await file(door, path, "jsonl", day="2026-05-20")).text.splitlines()
    assert [json.loads(line) for line in lines] == await listed(door, path, day="2026-05-20")
    told = json.loads(end)["end"]
    assert (told["rows"], told["basis"]["day"]) == (len(lines), "2026-05-20")


@pytest.mark.parametrize("path", TABLES)
async def test_every_column_is_headed_in_chinese(door, path):
    response = await file(door, path, "csv", day="2026-05-20")
    heading, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
    assert [word for word in heading if word.isascii()] == []
    assert len(set(heading)) == len(heading)
    assert {len(row) for row in rows} == {len(heading)}


@pytest.mark.parametrize("path", TABLES)
async def test_the_workbook_opens_and_holds_as_many_rows(door, path):
    workbook = openpyxl.load_workbook(io.BytesIO((await file(door, path, "xlsx", day="2026-05-20")).content))
    told = await listed(door, path, day="2026-05-20")
    assert workbook.worksheets[0].max_row == 1 + len(told)
    assert workbook.sheetnames[-1] == "依据 basis"


async def test_a_list_is_taken_away_whole_whatever_its_limit_says(door):
    *lines, _ = (await file(door, "/v1/cases", Format.jsonl, limit=1)).text.splitlines()
    assert [json.loads(line)["case_no"] for line in lines] == sorted([CASE_NO, OTHER_NO])


async def test_filters_hold_in_files_as_in_answers_and_stand_in_their_end(door):
    response = await file(door, "/v1/data-quality", Format.jsonl, code="P08", case_no=CASE_NO)
    *lines, end = response.text.splitlines()
    assert [json.loads(line)["position"] for line in lines] == [1, 2]
    assert json.loads(end)["end"]["basis"]["asked"] == {"case_no": CASE_NO, "code": "P08"}
    heading = "attachment; filename=\"data-quality.jsonl\"; filename*=UTF-8''"
    assert response.headers["content-disposition"].startswith(heading)


async def test_a_file_of_a_past_day_is_of_that_day(door):
    known = {"known_at": "2026-05-14T18:00:00+08:00", "happened_by": "2026-05-14T18:00:00+08:00"}
    *lines, end = (await file(door, "/v1/deadlines", Format.jsonl, **known)).text.splitlines()
    assert [json.loads(line)["case_no"] for line in lines] == [OTHER_NO]
    assert json.loads(end)["end"]["basis"]["mode"] == "both"


async def test_a_page_that_cannot_be_read_on_from_is_a_problem_of_the_file_too(door):
    problem = await door.refused("/v1/certificates", format="csv", after="AAAA")
    assert problem["status"] == 422
