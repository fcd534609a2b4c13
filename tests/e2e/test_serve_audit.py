"""The audit trail as an auditor takes it away: by the command, and from a running server, byte for byte."""

import json

import psycopg
import pytest

from tests import asking
from tests.serving import KEY, WITH_VIEWS, furnish_county, jiandu, serving
from tests.waiting import wait_until

HEADERS = KEY | {"X-Jiandu-Speaks-For": "a-auditor@P-SJ"}


@pytest.fixture
async def county(database18):
    await furnish_county(database18)
    return database18


def events_in(dsn):
    with psycopg.connect(dsn) as connection:
        return connection.execute("select count(*) from county.events").fetchone()[0]


def served(address, **query):
    def answered():
        answer = asking.get(f"{address}/v1/audit", params=query, headers=HEADERS)
        return None if answer.status_code == 503 else answer

    return wait_until(answered)


def test_the_trail_is_exported_without_a_server_and_the_same_with_one(county, tmp_path):
    settings = {"JIANDU_DATABASE_URL": county}
    target = tmp_path / "trail.jsonl"
    exported = jiandu("audit", "export", "--format", "jsonl", "-o", str(target), settings=settings)
    assert exported.returncode == 0, exported.stderr
    *rows, end = target.read_text(encoding="utf-8").splitlines()
    assert json.loads(end)["end"]["rows"] == len(rows) == events_in(county)
    assert [path.name for path in tmp_path.iterdir()] == ["trail.jsonl"]
    with serving(settings | WITH_VIEWS) as server:
        *served_rows, _ = served(server.address, format="jsonl").text.splitlines()
    assert served_rows == rows


def test_gaps_are_none_in_a_log_that_nobody_touched_and_a_filter_that_means_nothing_is_said(county):
    settings = {"JIANDU_DATABASE_URL": county}
    gaps = jiandu("audit", "gaps", settings=settings)
    assert gaps.returncode == 0, gaps.stderr
    refused = jiandu("audit", "export", "--mark", "P99", settings=settings)
    assert refused.returncode == 1
    assert "没有此标记" in refused.stderr
    assert refused.stdout == ""
