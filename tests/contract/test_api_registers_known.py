"""The registers as they were known: what had been entered by then, and every amendment of it."""

from dataclasses import replace

import pytest

from domain.application import Keeper
from domain.catalogue import Catalogue
from domain.store.memory import MemoryLog
from domain.unit import UNIT
from tests import county
from tests.doors import Doorway
from tests.spec import at

UNITS = [(command.identity, command) for aggregate, command in county._everything() if aggregate is UNIT]


class Counted:
    """A reader that counts the statements which read the log."""

    def __init__(self, reader):
        self._reader = reader
        self.read = 0

    def __getattr__(self, name):
        return getattr(self._reader, name)

    async def stored(self, *window, **which):
        self.read += 1
        return await self._reader.stored(*window, **which)


@pytest.fixture
async def doorway():
    """A county whose units are entered one a day, from 1 March at noon on."""
    moment = at("03-01 12:00")
    log = MemoryLog(lambda: moment)
    keeper = Keeper(log, county.a_county())
    entering = Keeper(log, Catalogue())
    for day, (code, command) in enumerate(UNITS[:3], start=1):
        moment = at(f"03-{day:02} 12:00")
        await entering.handle(UNIT, code, command, county.OCCASION, key=None, digest=b"")
    return Doorway(log, keeper=keeper, clock=lambda: at("04-01 09:00"))


@pytest.fixture
async def client(doorway):
    async with doorway.entered() as client:
        yield client


async def codes(client, **query):
    response = await client.get("/v1/catalogue/units", params=query)
    assert response.status_code == 200, response.text
    return [each["code"] for each in response.json()["entries"]]


async def test_a_register_holds_what_had_been_entered_by_then(client):
    told = [await codes(client, known_at=f"2026-03-0{day}T13:00:00+08:00") for day in (1, 2, 3)]
    entered = [code for code, _ in UNITS[:3]]
    assert told == [sorted(entered[:most]) for most in (1, 2, 3)]
    assert await codes(client, known_at="2026-03-01T11:59:00+08:00") == []


async def test_as_happened_a_register_stands_whole(client):
    assert await codes(client, happened_by="2020-01-01T00:00:00+08:00") == await codes(client)


async def test_an_entry_that_was_not_known_yet_is_unknown(client):
    path = f"/v1/catalogue/units/{UNITS[1][0]}"
    before = await client.get(path, params={"known_at": "2026-03-02T11:00:00+08:00"})
    assert before.json()["type"] == "urn:jiandu:problem:entry-unknown"
    after = await client.get(path, params={"known_at": "2026-03-02T13:00:00+08:00"})
    assert (after.status_code, after.json()) == (200, (await client.get(path)).json())


async def test_a_register_is_read_at_once_however_long_it_is(doorway):
    (*_, last) = doorway.log.events
    after = range(last.position + 1, last.position + 2001)
    doorway.log.events += [replace(last, position=position) for position in after]
    counted = Counted(doorway.reader)
    doorway = Doorway(doorway.log, keeper=doorway.keeper, reader=counted, clock=lambda: at("04-01 09:00"))
    async with doorway.entered() as client:
        assert len(await codes(client, known_at="2026-03-03T13:00:00+08:00")) == 3
    assert counted.read == 1
