"""kill -9 of the worker and of PostgreSQL, in the middle of following and of rebuilding: nothing is doubled or lost."""

import asyncio
from contextlib import closing, contextmanager, suppress
from random import Random

import psycopg

from projections.engine import differences
from tests.clusters import own_postgres
from tests.projected import Writer, an_engine, founded, reading, rows_of, three, told
from tests.servers import kill_every_process
from tests.serving import launched
from tests.waiting import until

ROUNDS = 5
FEW_KEYS = 3  # a rebuild takes many steps, so that it is hit in the middle


@contextmanager
def a_worker(dsn):
    with launched("-m", "tests.chaos.projecting", dsn, str(FEW_KEYS), settings={}) as worker:
        try:
            yield
        finally:
            worker.process.kill()


def some_notes(chance, many):
    return [
        (
            f"note:{chance.randrange(90)}",
            "note.taken.v1",
            told(word=chance.choice("abc"), n=chance.randrange(9)),
        )
        for _ in range(many)
    ]


async def states_of(dsn):
    async with reading(dsn) as connection:
        cursor = await connection.execute("select name, position, building, built_keys from projections")
        return {row[0]: row for row in await cursor.fetchall()}


async def until_states(dsn, are_so):
    async def answer():
        return are_so(await states_of(dsn))

    await until(answer, every_seconds=0.002)


async def is_right(dsn, events):
    """Whoever comes next finishes the work, and finds the tables to be what the log says."""
    async with an_engine(dsn, three()) as engine:
        async with asyncio.timeout(60):
            while any(
                state.position < events or state.building for state in (await engine.desk.states()).values()
            ):
                if not await engine.run_once():
                    await asyncio.sleep(0.02)  # the killed worker's connection may not have ended yet
        for projection in engine.projections:
            assert await differences(engine.desk, projection) == (0, 0)
    async with reading(dsn) as connection:
        counted = await rows_of(connection, "letters")
        assert sum(row[1] for row in counted) == events


async def test_a_worker_killed_while_it_follows_leaves_nothing_doubled_or_lost(database18):
    chance = Random(3)
    with closing(Writer(founded(database18))) as writer:
        last = 0
        for _ in range(ROUNDS):
            with a_worker(database18):
                seen = last
                for _ in range(20):
                    last = writer.append(*some_notes(chance, 5))
                await until_states(
                    database18, lambda states, seen=seen: states and states["letters"][1] > seen
                )
        await is_right(database18, last)


async def test_a_worker_killed_while_it_rebuilds_is_followed_by_one_that_goes_on(database18):
    chance = Random(5)
    with closing(Writer(founded(database18))) as writer:
        writer.append(*some_notes(chance, 400))
        for done in (3, 30, 60):
            with a_worker(database18):
                await until_states(
                    database18, lambda states, done=done: states and states["tally"][3] >= done
                )
        await is_right(database18, writer.append(*some_notes(chance, 10)))


async def test_views_outlive_a_killed_database():
    chance = Random(7)
    with own_postgres() as postgres:
        writer = Writer(founded(postgres.dsn))
        last = writer.append(*some_notes(chance, 400))
        with a_worker(postgres.dsn):
            for done in (3, 30):
                await until_states(
                    postgres.dsn, lambda states, done=done: states and states["tally"][3] >= done
                )
                kill_every_process(postgres.cluster)
                with suppress(psycopg.Error):
                    writer.close()
                await asyncio.to_thread(postgres.start)
        await is_right(postgres.dsn, last)
