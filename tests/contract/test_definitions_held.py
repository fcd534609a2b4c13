"""Readers of the definitions beside another version that makes its own: neither ends the other, and none answers by both."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import date

import psycopg
import pytest
from psycopg import sql

from ops.failures import CannotDo
from ops.projections import _rebuild_all
from projections import engine_views, view_readers
from projections.asked import Asked, ViewsTakenOver
from projections.custody import CUSTODY
from projections.engine import Engine
from projections.engine_desk import Desk
from projections.engine_schema import connect
from projections.engine_views import hash_of
from projections.engine_worker import Worker
from projections.policies import POLICIES
from projections.reading import reading
from projections.registry import PROJECTIONS
from projections.view_readers import ViewReaders, ViewsUnreachable
from tests.contract.test_api_custody import who_sat_on_it
from tests.projected import NAMES, access
from tests.reads import a_read_county
from tests.waiting import LONGEST_SECONDS, until

DAY = Asked(date(2026, 3, 20))
NEWER = tuple(
    replace(CUSTODY, view=CUSTODY.view + "\n-- as the next version has it") if each == CUSTODY else each
    for each in PROJECTIONS
)

DEADLOCK_SECONDS = 1.2
"""PostgreSQL looks for deadlocks where somebody has waited for a second, and ends who looks: of two the one that waits last."""

SOON_SECONDS = 20
"""A second's wait on a machine that is busy with twenty other things."""


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


async def waiting(dsn):
    """Who waits for a table or view that another transaction keeps."""
    statement = """
        select from pg_locks join pg_database on pg_database.oid = pg_locks.database
        where locktype = 'relation' and not granted and datname = current_database()
    """
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        return await (await connection.execute(statement)).fetchall()


async def somebody_waits(dsn):
    await until(lambda: waiting(dsn))


async def two_wait(dsn):
    return len(await waiting(dsn)) == 2


async def nothing_grows(_position):
    await asyncio.sleep(LONGEST_SECONDS)


@asynccontextmanager
async def a_keeper_of_newer(dsn):
    keeping = asyncio.create_task(Worker(access(dsn), NEWER, nothing_grows).run())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def standing_text(dsn):
    async with await connect(access(dsn)) as connection:
        return await Desk(connection, NAMES).run("standing_text", {})


async def newer_stand(dsn):
    return await standing_text(dsn) == [(hash_of(NEWER),)]


@contextmanager
def makers_at_work(dsn):
    """Somebody who has the definitions alone, and is not done."""
    with psycopg.connect(dsn) as connection:
        connection.execute(f"lock table {NAMES.live}.defining in access exclusive mode")
        yield


async def test_whoever_makes_definitions_waits_until_they_have_been_read(database18, readers):
    """It drops them one after another: a reader that went on to one which is gone would wait for it, and it for the reader."""
    async with reading(readers, DAY, (POLICIES,), from_definitions=True) as found:
        assert await rows(found, "policies")
        async with a_keeper_of_newer(database18):
            await somebody_waits(database18)
            await asyncio.sleep(DEADLOCK_SECONDS)
            for view in ("calendar", "working_days", "custody", "clock", "duties"):
                assert await rows(found, view), view
            assert not await newer_stand(database18)


async def test_whoever_makes_definitions_gives_way_to_who_reads_long_and_comes_again(database18, readers):
    """Who comes meanwhile would stand behind it, and it behind an export of an hour."""
    async with AsyncExitStack() as export:
        await export.enter_async_context(reading(readers, DAY, (POLICIES,), from_definitions=True))
        async with a_keeper_of_newer(database18):
            for _ in range(2):
                await somebody_waits(database18)
                async with (
                    asyncio.timeout(SOON_SECONDS),
                    reading(readers, DAY, (CUSTODY,), from_definitions=True) as other,
                ):
                    assert await rows(other, "custody")
            assert not await newer_stand(database18)
            await export.aclose()
            await until(lambda: newer_stand(database18))


async def test_whoever_makes_definitions_is_ended_before_a_reader_of_events_is(database18, readers):
    """Who tells events beside the tables holds `defining` not: one waits for the first of the three views, whose maker waits
    for another of them, which that reader has read.
    """
    live = Asked(date(2026, 3, 20))
    async with AsyncExitStack() as shortly, reading(readers, live, (CUSTODY,)) as found:
        assert await rows(found, "parsed_events")
        other = await shortly.enter_async_context(reading(readers, live, (CUSTODY,)))
        assert await rows(other, "recorded_events")
        async with a_keeper_of_newer(database18):
            await somebody_waits(database18)
            late = asyncio.create_task(rows(found, "effective_events"))
            await until(lambda: late.done() or two_wait(database18))
            await shortly.aclose()
            async with asyncio.timeout(SOON_SECONDS):
                assert await late


async def test_a_command_that_makes_definitions_says_that_they_are_being_read(database18, readers):
    async with (
        reading(readers, DAY, (POLICIES,), from_definitions=True),
        await connect(access(database18), is_projector=True) as connection,
    ):
        with pytest.raises(CannotDo, match="视图正在被读取"):
            await _rebuild_all(Engine(Desk(connection, NAMES), NEWER), ())


async def test_the_server_ends_the_wait_of_a_reader(database18, readers, monkeypatch):
    """One whose client has hung up would stand in line for as long as it takes, in a connection that nobody counts."""
    monkeypatch.setattr(view_readers, "LOCK_TIMEOUT", "300ms")
    with makers_at_work(database18):
        async with asyncio.timeout(SOON_SECONDS):
            with pytest.raises(ViewsUnreachable):
                async with reading(readers, DAY, (CUSTODY,), from_definitions=True):
                    pass
        assert not await waiting(database18)


async def test_a_reader_that_waits_for_definitions_puts_off_no_switch(database18, readers):
    async def read():
        async with reading(readers, DAY, (CUSTODY,), from_definitions=True) as found:
            return await rows(found, "custody")

    with makers_at_work(database18):
        late = asyncio.create_task(read())
        await somebody_waits(database18)
        with psycopg.connect(database18) as switching:
            switching.execute(f"lock table {NAMES.live}.switching in access exclusive mode nowait")
    assert await late


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
