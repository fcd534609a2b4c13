"""`jiandu replay`, as an investigator runs it."""

import asyncio
import json

import pytest

from tests.contract.test_api_custody import who_sat_on_it
from tests.reads import CASE_NO, OTHER_NO, a_read_county
from tests.servers import fresh_database
from tests.serving import jiandu

DAY = ("--day", "2026-03-20")


@pytest.fixture(scope="module")
def settings(postgres18):
    with fresh_database(postgres18.dsn) as dsn:
        asyncio.run(_recorded(dsn))
        yield {"JIANDU_DATABASE_URL": dsn}


async def _recorded(dsn):
    async with a_read_county(dsn) as read_county:
        await read_county.record(*who_sat_on_it())


def test_a_replay_is_printed_with_its_answer(settings):
    told = jiandu("replay", CASE_NO, *DAY, settings=settings | {"COLUMNS": "200"})
    assert told.returncode == 0, told.stderr
    assert "转交站所" in told.stdout or "Case forwarded to station" in told.stdout
    assert "T08 交接滞留" in told.stdout
    assert "handoff_days, policy default-1" in told.stdout


def test_a_replay_as_json_is_the_one_over_http(settings):
    told = json.loads(jiandu("replay", CASE_NO, *DAY, "--json", settings=settings).stdout)
    assert told["verdict"]["total"]["gross_days"] == 13
    assert [step["hands"]["is_in_transit"] for step in told["steps"]][-2:] == [True, False]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((CASE_NO, "--known-at", "yesterday"), "known_at"),
        ((OTHER_NO, "--what-if-policy", "default-1"), "There is no case with this number."),
    ],
)
def test_what_cannot_be_replayed_is_said_in_a_sentence(settings, words, said):
    told = jiandu("replay", *words, settings=settings)
    assert told.returncode == 1
    assert said in told.stderr
    assert "Traceback" not in told.stderr
