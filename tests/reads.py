"""The door over views that an engine keeps, and deeds recorded at the time they tell: for tests of what reads answer.

async with a_read_county(database18) as county:
    await county.record(*who_sat_on_it())
    custody = await county.read(f"/v1/cases/{CASE_NO}/custody", day="2026-03-20")
"""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

import psycopg

from domain.application import Keeper
from domain.case import CASE
from domain.grammar import Occasion
from domain.numbers import CaseNumber
from domain.store.memory import MemoryLog
from projections.registry import PROJECTIONS
from projections.view_readers import ViewReaders
from tests import county, views
from tests.doors import Doorway
from tests.projected import SCHEMA, access, an_engine, founded
from tests.registers import enter_in_log
from tests.spec import at, the_county
from tests.templates import a_copy

CASE_NO = str(CaseNumber("610999101000", date(2026, 3, 3), 1))
OTHER_NO = str(CaseNumber("610999101000", date(2026, 3, 3), 2))


class ReadCounty:
    """`client` acts for supervision, whom the whole county is shown; `engine` keeps the views, when asked to."""

    def __init__(self, dsn, client, engine):
        self.dsn = dsn
        self.client = client
        self.engine = engine

    async def insert(self, *deeds, case_no=CASE_NO, catalogue=None):
        """Through the rules into the log, each deed recorded when it says, and the views left where they are."""
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            await connection.execute(f"set search_path = {SCHEMA}")
            return await views.record(connection, *deeds, case_no=case_no, catalogue=catalogue)

    async def enter_registers(self):
        """The master data of tests.county, into the log."""
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            await connection.execute(f"set search_path = {SCHEMA}")
            await enter_in_log(connection)

    async def record(self, *deeds, case_no=CASE_NO, catalogue=None):
        """Likewise, and the views hold it."""
        state = await self.insert(*deeds, case_no=case_no, catalogue=catalogue)
        await self.engine.catch_up()
        return state

    async def record_all(self, deeds_by_case):
        """Several cases, in the order in which all of it was recorded, as a real log has it; the views hold it."""
        events = [
            event for case_no, deeds in deeds_by_case.items() for event in await _events_of(case_no, deeds)
        ]
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            await connection.execute(f"set search_path = {SCHEMA}")
            await views.insert(connection, sorted(events, key=lambda event: event.recorded_at))
        await self.engine.catch_up()

    async def go_on(self, told, *deeds, case_no=CASE_NO):
        """Further deeds of a case that is recorded as far as `told`; the views hold them."""
        events = (await _events_of(case_no, (*told, *deeds)))[len(await _events_of(case_no, told)) :]
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            await connection.execute(f"set search_path = {SCHEMA}")
            await views.insert(connection, events)
        await self.engine.catch_up()

    async def tell(self, aggregate, command, when, *, by=None, identity=None):
        """Recorded at that time of 2026, by the county's administrator unless `by` says who; the views hold it."""
        log = MemoryLog(lambda: at(when))
        occasion = Occasion(by, at(when)) if by else replace(county.OCCASION, received_at=at(when))
        await Keeper(log, county.a_county()).handle(
            aggregate, identity or command.identity, command, occasion, key=None, digest=b""
        )
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            await connection.execute(f"set search_path = {SCHEMA}")
            await views.insert(connection, log.events)
        await self.engine.catch_up()

    async def read(self, path, **query):
        response = await self.client.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def refused(self, path, **query):
        """The problem."""
        response = await self.client.get(path, params=query)
        assert response.status_code >= 400, response.text
        return response.json()


async def _events_of(case_no, deeds):
    log = MemoryLog(lambda: moment)
    keeper = Keeper(log, the_county())
    for each in deeds:
        moment = each.recorded or each.happened
        await keeper.handle(CASE, case_no, each.command, each.occasion, key=None, digest=b"")
    return log.events


async def _furnish(dsn):
    """Every view is built while nothing is recorded."""
    async with an_engine(founded(dsn), PROJECTIONS) as engine:
        await engine.catch_up()


@asynccontextmanager
async def a_read_county(dsn, projections=PROJECTIONS, **parts):
    """In a fresh database. The master data is the catalogue's of tests.county; the log holds none of it until entered."""
    if projections is PROJECTIONS:
        await a_copy(dsn, _furnish)
    else:
        founded(dsn)
    readers = ViewReaders(access(dsn), projections, size=2)
    doorway = Doorway(views=readers, **parts)
    async with an_engine(dsn, projections) as engine, doorway.entered(county.SUPERVISION_POST) as client:
        await engine.catch_up()
        try:
            yield ReadCounty(dsn, client, engine)
        finally:
            await readers.close()
