"""`jiandu demo`, as a newcomer meets it: fills an empty county, prints what to look at, serves it; never twice."""

import re
from datetime import UTC, date, datetime

import pytest

from domain.application import Keeper
from domain.case import CASE
from domain.case.intake.commands import ReceiveCase
from domain.grammar import Actor, Circumstances, Occasion
from domain.numbers import CaseNumber
from domain.window.values import Role
from ops.catalogue_files import load
from ops.county import opened_store
from ops.demo.command import prepare
from ops.demo.filling import Edition
from ops.importing.mapping import SHIPPED
from ops.people import opened_people
from ops.settings import Settings
from tests import asking
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
KEY = re.compile(r"JIANDU_API_KEY=(jdk_\S+)")
CASE_NO = re.compile(r"^  (\d{25}[0-9A-Z])  ", re.MULTILINE)


@pytest.fixture(scope="module")
def first(servers, tmp_path_factory):
    """What the first run said and answered."""
    with fresh_database(servers.named("embedded-18").dsn) as database:
        settings = {"JIANDU_DATABASE_URL": database, "JIANDU_DATA_DIR": str(tmp_path_factory.mktemp("demo"))}
        with launched(*WORDS, settings=settings) as server:
            server.wait_until_ready()
            yield settings, server.said, answers(server, CASE_NO.findall(server.said))


def answers(server, numbers: list[str]) -> dict:
    headers = {"Authorization": f"Bearer {KEY.search(server.said)[1]}"}
    with asking.a_client(base_url=server.address, headers=headers) as client:
        return {
            "cases": {number: client.get(f"/v1/cases/{number}").json() for number in numbers},
            "told": [event["topic"] for event in events(client) if not event["topic"].startswith("access.")],
        }


def events(client):
    after = 0
    while page := client.get("/v1/events", params={"after": after, "limit": 1000}).json()["events"]:
        yield from page
        after = page[-1]["position"]


def signed_in(server, role):
    """A client in the session of the role's user, as the demo says how to sign in."""
    found = re.search(rf"^  {role} +(\S+)  (\S+)  (\S+)$", server, re.MULTILINE)
    return dict(zip(("staff_id", "post_id", "password"), found.groups(), strict=True))


def test_it_says_how_to_sign_in_for_each_role(first):
    _, said, _ = first
    for role in Role:
        if role not in (Role.clock, Role.importer):
            assert len(signed_in(said, role.value)["password"]) == 16


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
        assert answers(server, [])["told"] == answered["told"]
        who = signed_in(server.said, "auditor")
        with asking.a_client(base_url=server.address) as client:
            assert client.post("/v1/sessions", json=who).json()["role"] == "auditor"


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
