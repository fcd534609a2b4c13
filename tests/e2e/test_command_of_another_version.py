"""A command that reads, of another version than the server beside it: the server goes on answering."""

import asyncio
from dataclasses import replace

import psycopg
import pytest

from projections.custody import CUSTODY
from projections.engine_views import hash_of
from projections.registry import PROJECTIONS
from tests.contract.test_api_custody import who_sat_on_it
from tests.reads import CASE_NO, a_read_county
from tests.servers import fresh_database
from tests.serving import jiandu

OTHERS = tuple(
    replace(CUSTODY, view=CUSTODY.view + "\n-- as the other version has it")
    if each.name == "custody"
    else each
    for each in PROJECTIONS
)


@pytest.fixture(scope="module")
def county(postgres18):
    """Served by the other version."""
    with fresh_database(postgres18.dsn) as dsn:
        asyncio.run(_recorded(dsn))
        yield dsn


async def _recorded(dsn):
    async with a_read_county(dsn, OTHERS) as read_county:
        await read_county.record(*who_sat_on_it())


def standing(dsn):
    with psycopg.connect(dsn) as connection:
        return connection.execute("select hash from county_views.standing_texts").fetchall()


@pytest.mark.parametrize(
    "words",
    [
        ("replay", CASE_NO),
        ("export", "xes", "--known-at", "2026-03-20T00:00:00+08:00"),
        ("audit", "gaps"),
        ("projections", "check"),
        ("watch", "run", "--dry-run", "--day", "2026-03-20"),
    ],
    ids=lambda words: words[0],
)
def test_it_says_whose_the_views_are_and_leaves_them(county, words):
    told = jiandu(*words, settings={"JIANDU_DATABASE_URL": county})
    assert told.returncode == 1
    assert "Another version of the programme keeps the views" in told.stderr
    assert "Traceback" not in told.stderr
    assert standing(county) == [(hash_of(OTHERS),)]
