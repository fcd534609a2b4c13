"""`jiandu demo`, as a newcomer meets it: fills an empty county, prints what to look at, serves it; never twice."""

import re
from datetime import UTC, date, datetime

import httpx
import pytest

from domain.application import Keeper
from domain.case import CASE
from domain.case.intake.commands import ReceiveCase
from domain.grammar import Actor, Circumstances, Occasion
from domain.numbers import CaseNumber
from ops.catalogue_files import load
from ops.county import opened_store
from ops.demo.command import prepare
from ops.demo.filling import Edition
from ops.importing.mapping import SHIPPED
from ops.people import opened_people
from ops.settings import Settings
from tests.servers import fresh_database
from tests.serving import launched

WORDS = ("demo", "--cases", "150", "--until", "2026-11-20")
CASE_OF_ITS_OWN = str(CaseNumber("990001000000", date(2026, 3, 4), 1))
RECEIPT = ReceiveCase(item_code="environmental-permit", external_ref="K-1")
OCCASION = Occasion(
    Actor(staff_id="importer", role="importer"),
    datetime(2026, 3, 4, 2, tzinfo=UTC),
    Circumstances(imported_from="elsewhere"),
)
CASE_NO = re.compile(r"^  (\d{25}[0-9A-Z])  ", re.MULTILINE)


@pytest.fixture(scope="module")
def first(servers):
    """What the first run said and answered."""
    with fresh_database(servers.named("embedded-18").dsn) as database:
        settings = {"JIANDU_DATABASE_URL": database}
        with launched(*WORDS, settings=settings) as server:
            server.wait_until_ready()
            yield settings, server.said, answers(server.address, CASE_NO.findall(server.said))


def answers(address: str, numbers: list[str]) -> dict:
    with httpx.Client(
        base_url=address, headers={"X-Jiandu-Actor": "G0007@CX-ZX-ZR"}, trust_env=False, timeout=30
    ) as client:
        return {
            "cases": {number: client.get(f"/v1/cases/{number}").json() for number in numbers},
            "last_position": client.get("/v1/events", params={"limit": 1}).json()["last_position"],
        }


def test_it_names_cases_worth_a_look_and_serves_them(first):
    _, said, answered = first
    assert len(answered["cases"]) >= 7
    assert all(body["version"] >= 1 for body in answered["cases"].values())
    assert "澄溪县（虚构）" in said
    assert "A fictitious county" in said


def test_a_second_run_adds_nothing_even_on_another_day(first):
    settings, _, answered = first
    with launched("demo", "--cases", "200", "--until", "2026-11-19", settings=settings) as server:
        server.wait_until_ready()
        assert "截至 2026-11-20" in server.said
        assert answers(server.address, [])["last_position"] == answered["last_position"]


async def test_a_county_with_cases_of_its_own_is_left_alone(database18, tmp_path):
    async with opened_store(database18, "county") as store:
        keeper = Keeper(store.log, store.catalogue)
        await load(
            keeper,
            await opened_people(store, keeper, tmp_path),
            SHIPPED / "receipt_phase",
            received_at=datetime.now(UTC),
        )
        await keeper.handle(CASE, CASE_OF_ITS_OWN, RECEIPT, OCCASION, key=None, digest=bytes(32))
        before = await store.events.last_position()
    assert await prepare(database18, Settings(keys_dir=tmp_path), Edition(1, date(2026, 11, 20), 50)) is None
    async with opened_store(database18, "county") as store:
        assert await store.events.last_position() == before
