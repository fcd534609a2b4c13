"""A lost connection loses nothing, doubles nothing, and the caller is told the truth."""

import asyncio
from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from domain.log import LogBusy, OutcomeUnknown, VersionConflict
from domain.store.connecting import Access
from domain.store.schema import County
from tests.notes import COUNTY, append_notes, in_county, new_stream, noted, notes, open_store, under_way
from tests.waiting import until
from tests.wires import a_wire_to

EVERY = 10**9
ALONE = """
select true
where not exists (
    select from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
)
"""
GONE_WITHIN_SECONDS = 30
"""The server takes a moment to notice that a client has closed; a connection that was left open stays for ever."""


@asynccontextmanager
async def a_store_behind_a_wire(dsn, **options):
    async with a_wire_to(dsn) as (wire, wired), open_store(dsn, through=wired, **options) as store:
        await store.log.append(noted("note:first", 1))
        yield store, wire


def held(dsn):
    with in_county(dsn) as connection:
        return connection.execute("select stream, version from events order by position").fetchall()[1:]


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_command_whose_reply_is_lost_is_answered_with_what_was_recorded(database, key):
    async with a_store_behind_a_wire(database) as (store, wire):
        wire.loses_replies = 1
        receipt = await store.log.append(notes("note:1", 1, 3, key=key))

        assert wire.loses_replies == 0
        assert (receipt.first_position, receipt.last_position) == (2, 4)
        assert held(database) == [("note:1", 1), ("note:1", 2), ("note:1", 3)]
        assert (await store.log.history("note:1"))[0].recorded_at == receipt.recorded_at


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_command_whose_request_is_lost_is_recorded_once(database, key):
    async with a_store_behind_a_wire(database) as (store, wire):
        wire.loses_requests = 2
        receipt = await store.log.append(notes("note:1", 1, 2, key=key))

        assert wire.loses_requests == 0
        assert (receipt.first_position, receipt.is_repeat) == (2, False)
        assert held(database) == [("note:1", 1), ("note:1", 2)]


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_command_that_is_still_under_way_behind_a_lost_connection_is_recorded_once(database, key):
    """The server does not notice that its client is gone while it waits for the writer lock."""
    async with a_store_behind_a_wire(database) as (store, wire):
        with in_county(database) as other, other.transaction():
            append_notes(other, "note:other", [1])
            appending = asyncio.create_task(store.log.append(noted("note:1", 1, key=key)))
            await under_way(database)
            wire.cut()
            wire.is_cut = False
            await under_way(database, batches=2)
        receipt = await appending

        assert receipt.first_position == 3
        assert held(database) == [("note:other", 1), ("note:1", 1)]


async def test_a_conflict_found_after_a_lost_connection_is_still_a_conflict(database):
    async with a_store_behind_a_wire(database) as (store, wire):
        wire.loses_requests = EVERY
        appending = asyncio.create_task(store.log.append(noted("note:1", 1)))
        await until(lambda: wire.loses_requests < EVERY)
        with in_county(database) as other:
            append_notes(other, "note:1", [1])
        wire.loses_requests = 0

        with pytest.raises(VersionConflict):
            await appending


async def test_where_the_answer_stays_away_the_outcome_is_called_unknown(database):
    async with a_store_behind_a_wire(database, patience_seconds=0.2) as (store, wire):
        wire.loses_replies = EVERY

        with pytest.raises(OutcomeUnknown):
            await store.log.append(noted("note:1", 1))


async def test_what_was_never_sent_to_a_lost_database_is_called_busy(database):
    async with (
        a_wire_to(database) as (wire, wired),
        open_store(database, through=wired, patience_seconds=0.2) as store,
    ):
        wire.cut()

        with pytest.raises(LogBusy):
            await store.log.append(noted("note:1", 1))
        assert held(database) == []


async def test_when_the_database_is_back_everything_goes_on(database):
    async with a_store_behind_a_wire(database, patience_seconds=0.2) as (store, wire):
        wire.cut()
        with pytest.raises((OutcomeUnknown, LogBusy)):
            await store.log.append(noted("note:1", 1))
        with pytest.raises(LogBusy):
            await store.log.history("note:first")
        wire.is_cut = False

        assert (await store.log.append(noted("note:1", 1))).first_position == 2
        assert len(await store.log.history("note:first")) == 1


async def test_a_database_that_says_nothing_is_taken_for_lost(database):
    async with a_store_behind_a_wire(database, patience_seconds=0.5, answer_within_seconds=1) as (store, _):
        with in_county(database) as other, other.transaction():
            append_notes(other, "note:other", [1])

            with pytest.raises(OutcomeUnknown):
                await store.log.append(noted("note:1", 1))


async def test_backends_that_are_killed_under_load_lose_and_double_nothing(database):
    acknowledged, unknown = [], []

    async def write(store, stream):
        for version in range(1, 31):
            try:
                await store.log.append(noted(stream, version))
            except OutcomeUnknown:
                unknown.append((stream, version))
                break
            acknowledged.append((stream, version))

    async with open_store(database) as store:
        writing = asyncio.gather(*(write(store, new_stream()) for _ in range(20)))
        for _ in range(5):
            await asyncio.sleep(0.05)
            await asyncio.to_thread(kill_backends, database)
        await writing

    with in_county(database) as connection:
        found = connection.execute(
            "select stream, version, position from events order by position"
        ).fetchall()
    assert unknown == []
    assert sorted((stream, version) for stream, version, _ in found) == sorted(acknowledged)
    assert [position for _, _, position in found] == list(range(1, 601))


def kill_backends(dsn):
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )


async def test_listening_goes_on_after_its_connection_is_lost(database):
    async with open_store(database) as store:
        await asyncio.to_thread(kill_backends, database)
        with in_county(database) as other:
            append_notes(other, "note:1", [1])

        await asyncio.wait_for(store.events.grown(0), timeout=30)


async def test_a_store_that_closes_leaves_no_connection_behind(database):
    for _ in range(3):
        async with open_store(database):
            pass

    with psycopg.connect(database, autocommit=True) as connection:
        await until(lambda: connection.execute(ALONE).fetchone(), within_seconds=GONE_WITHIN_SECONDS)


@pytest.mark.parametrize(("was_lost", "answer"), [(False, LogBusy), (True, OutcomeUnknown)])
async def test_a_database_that_cannot_now_is_busy_but_leaves_no_doubt_unsaid(database, was_lost, answer):
    """What was sent over a lost connection may still be recorded, whatever the second attempt is told."""
    async with a_store_behind_a_wire(database) as (store, wire):
        wire.loses_requests = was_lost
        with psycopg.connect(database, autocommit=True) as other:
            name = sql.Identifier(other.info.dbname)
            other.execute(sql.SQL("alter database {} set default_transaction_read_only = on").format(name))
        wire.cut()
        wire.is_cut = False

        with pytest.raises(answer):
            await store.log.append(noted("note:1", 1))


async def test_a_database_that_cannot_answer_now_is_busy_for_those_who_read_too(database):
    """As it is when its disk fails: what was asked is not wrong, and may be asked again."""
    impatient = make_conninfo(database, options="-c lock_timeout=50ms")
    async with open_store(database, through=impatient) as store:
        await store.log.append(noted("note:1", 1))
        with in_county(database) as other:
            with other.transaction():
                other.execute("lock table events")
                with pytest.raises(LogBusy):
                    await store.log.history("note:1")
            assert len(await store.log.history("note:1")) == 1


async def test_a_connection_whose_block_is_cancelled_while_it_ends_is_closed(database18):
    begun = asyncio.Event()

    async def comes_and_goes(connection):
        async with connection:
            await connection.execute("begin")
            begun.set()

    async with open_store(database18):  # makes the schema that a connection is settled in
        connection = await Access(database18, County.named(COUNTY)).connect()
        leaving = asyncio.create_task(comes_and_goes(connection))
        await begun.wait()
        leaving.cancel()  # it waits for its commit
        with pytest.raises(asyncio.CancelledError):
            await leaving
    assert connection.closed
