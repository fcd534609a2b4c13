"""A served county watches itself: signals within moments, none twice after a restart, and a look at a past day."""

import time

import pytest

from domain.aggregates import AGGREGATES
from domain.application import Keeper
from domain.case import CASE
from domain.store.county import Store
from tests import asking, county
from tests.examples import a_received_case, an_accepted_case
from tests.playing import number_for
from tests.serving import KEY, SCHEMA, WITH_VIEWS, furnish_county, jiandu, serving
from tests.waiting import wait_until

ACCEPTED = number_for(an_accepted_case()[0], 101)
SILENT = number_for(a_received_case()[0], 102)
WHO = KEY | {"X-Jiandu-Speaks-For": f"a-supervision@{county.SUPERVISION_POST}"}


@pytest.fixture
async def settled(database18):
    """Two cases of March: one accepted and left lying, one that nobody ever said a word about."""
    await furnish_county(database18)
    async with Store.open(database18, SCHEMA, AGGREGATES) as store:
        keeper = Keeper(store.log, store.catalogue)
        for case_no, deeds in ((ACCEPTED, an_accepted_case()), (SILENT, a_received_case())):
            for each in deeds:
                await keeper.handle(CASE, case_no, each.command, each.occasion, key=None, digest=bytes(32))
    return database18


def signals(address):
    answer = asking.get(f"{address}/v1/signals", headers=WHO, params={"limit": 1000})
    return answer.json()["signals"] if answer.status_code == 200 else []


def of_cases(address):
    return sorted((each["case_no"], each["rule_code"]) for each in signals(address) if each["case_no"])


def metrics(address):
    return asking.get(f"{address}/metrics").text


TWO_OVER_THE_LAW = 'jiandu_watch_signals_raised_total{county="county",rule="T04"} 2.0'
ONE_DEEMED = 'jiandu_watch_deemed_accepted_total{county="county"} 1.0'
EXPECTED = sorted([(ACCEPTED, "T04"), (SILENT, "T01"), (SILENT, "T04")])
"""Silence was turned into acceptance from the day of receipt, and so that case is over the law's time too."""


def test_a_served_county_raises_each_signal_once_and_restarts_without_a_second(settled):
    settings = {"JIANDU_DATABASE_URL": settled, "JIANDU_WATCH_SECONDS": "1"} | WITH_VIEWS
    with serving(settings) as server:
        wait_until(lambda: of_cases(server.address) == EXPECTED)
        raised = len(signals(server.address))
        case = asking.get(f"{server.address}/v1/cases/{SILENT}", headers=WHO).json()
        assert case["state"]["clock"]["is_deemed"] is True
        # a round is counted when it has ended
        wait_until(lambda: {TWO_OVER_THE_LAW, ONE_DEEMED} <= set(metrics(server.address).splitlines()))
    with serving(settings) as server:
        wait_until(lambda: "watch" in asking.get(f"{server.address}/v1/projections", headers=WHO).text)
        time.sleep(3)
        assert len(signals(server.address)) == raised

    settings["JIANDU_WATCH_SECONDS"] = "0"
    looked = jiandu("watch", "run", "--dry-run", "--day", "2026-03-25", settings=settings)
    assert looked.returncode == 0, looked.stderr
    said = [line for line in looked.stdout.splitlines() if ACCEPTED in line]
    assert [line for line in said if "T03 承诺超期" in line and "yellow" in line]
    assert not [line for line in said if "T04" in line]
    again = jiandu("watch", "run", settings=settings)
    assert again.returncode == 0, again.stderr
    assert "deemed accepted: 0" in again.stdout
    assert "T0" not in again.stdout


@pytest.mark.parametrize(
    ("words", "ends_with", "said"),
    [
        (["--day", "2026-03-25"], 1, "--dry-run"),
        (["--day", "25 March", "--dry-run"], 2, "YYYY-MM-DD"),
        (["--known-at", "2026-03-25T09:00", "--dry-run"], 2, "RFC 3339"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(words, ends_with, said):
    refused = jiandu("watch", "run", *words, settings={})
    assert refused.returncode == ends_with
    assert said in refused.stderr
