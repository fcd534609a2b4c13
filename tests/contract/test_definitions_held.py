"""Readers of the definitions beside another version that makes its own: neither ends the other, and none answers by both."""

import asyncio
from dataclasses import replace
from datetime import date

import psycopg
import pytest
from psycopg import sql

from projections import engine_views
from projections.asked import Asked, ViewsTakenOver
from projections.custody import CUSTODY
from projections.engine_desk import Desk
from projections.engine_schema import connect
from projections.policies import POLICIES
from projections.reading import reading
from projections.registry import PROJECTIONS
from projections.view_readers import ViewReaders
from tests.contract.test_api_custody import who_sat_on_it
from tests.projected import NAMES, access, an_engine
from tests.reads import a_read_county
from tests.waiting import until

DAY = Asked(date(2026, 3, 20))
NEWER = tuple(
    replace(CUSTODY, view=CUSTODY.view + "\n-- as the next version has it") if each == CUSTODY else each
    for each in PROJECTIONS
)

DEADLOCK_SECONDS = 1.2
"""PostgreSQL looks for deadlocks where somebody has waited for a second, and ends who looks: of two the one that waits last."""


@pytest.fixture
async def readers(database18):
    async with a_read_county(database18) as read_county:
        await read_county.record(*who_sat_on_it())
        readers = ViewReaders(access(database18), PROJECTIONS, size=2)
        yield readers
        await readers.close()


async def rows(found, view):
    every = sql.SQL("table {}").format(sql.Identifier(view))
    return await (await found.connection.execute(every)).fetchall()


async def somebody_waits(dsn):
    """For a table or view that another transaction keeps."""
    waiting = """
        select from pg_locks join pg_database on pg_database.oid = pg_locks.database
        where locktype = 'relation' and not granted and datname = current_database()
    """
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:

        async def is_so():
            return await (await connection.execute(waiting)).fetchall()

        await until(is_so)


async def make_newer(dsn):
    async with an_engine(dsn, NEWER):
        pass


async def test_whoever_makes_definitions_waits_until_they_have_been_read(database18, readers):
    """It drops them one after another: a reader that went on to one which is gone would wait for it, and it for the reader."""
    async with reading(readers, DAY, (POLICIES,), from_definitions=True) as found:
        assert await rows(found, "policies")
        making = asyncio.create_task(make_newer(database18))
        await somebody_waits(database18)
        await asyncio.sleep(DEADLOCK_SECONDS)
        for view in ("calendar", "working_days", "custody", "clock", "duties"):
            assert await rows(found, view), view
        assert not making.done()
    await making


async def test_a_reader_that_waited_for_another_version_says_that_it_has_taken_over(database18, readers):
    async def read():
        async with reading(readers, DAY, (CUSTODY,), from_definitions=True) as found:
            return await rows(found, "custody")

    assert await read()
    async with await connect(access(database18), is_projector=True) as connection:
        async with connection.transaction():
            await engine_views._make_views(Desk(connection, NAMES), NEWER)
            waiting = asyncio.create_task(read())
            await somebody_waits(database18)
        with pytest.raises(ViewsTakenOver):
            await waiting
