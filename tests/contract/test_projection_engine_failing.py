"""A definition that fails stops alone and says where; one that changes takes over beside the one that is read."""

import asyncio
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from projections.engine import Limits, differences
from projections.engine_metrics import ViewMetrics
from projections.engine_worker import Worker
from projections.health import health
from projections.view_readers import ViewReaders
from tests.projected import (
    SCHEMA,
    TALLY_VIEW,
    Writer,
    a_tally,
    access,
    an_engine,
    founded,
    reading,
    rows_of,
    the_letters,
    three,
    told,
)

NOTE = "note.taken.v1"
DOUBLED_VIEW = TALLY_VIEW.replace("sum((fact ->> 'n')::bigint)", "2 * sum((fact ->> 'n')::bigint)")
WIDER_VIEW = TALLY_VIEW.replace("select stream,", "select stream, min(version) as first_version,")


@pytest.fixture
def county(database):
    return founded(database)


@pytest.fixture
def writer(county):
    with closing(Writer(county)) as writer:
        yield writer


def note(stream, n=1, word="abc"):
    return f"note:{stream}", NOTE, told(word=word, n=n)


def two_apart():
    """The tally, and the same under another name that cannot read every number."""
    tally = a_tally()
    return tally, type(tally)(
        name="strict",
        view="select stream, sum((fact ->> 'n')::smallint) as n from effective_events group by stream",
        table="create index strict_stream on strict (stream);",
        key="stream",
        kinds=("note",),
    )


async def test_a_failing_projection_stops_alone_and_names_the_event(county, writer):
    writer.append(note(1))
    async with an_engine(county, two_apart()) as engine:
        await engine.catch_up()
        writer.append(note(2), note(3), note(4, n=99_999), note(5))
        await engine.catch_up()
        states = await engine.desk.states()
        assert states["tally"].position == 5
        assert states["tally"].failure is None
        assert (states["strict"].position, states["strict"].failed_upto) == (3, 4)
        assert "99999" in states["strict"].failure


async def test_a_round_that_failed_leaves_nothing_behind_for_those_who_try_again_alone(county, writer):
    tally, strict = two_apart()
    writer.append(note(1, n=1))
    async with an_engine(county, (tally, strict)) as engine:
        await engine.catch_up()
        writer.append(note(1, n=20))
        await engine.catch_up()  # together, with what the round gathered
        writer.append(note(1, n=99_999))
        await engine.catch_up()  # the round gathers for both, fails over one, and is rolled back
        assert (await engine.desk.states())["strict"].failure
        assert await differences(engine.desk, tally) == (0, 0)
        async with reading(county) as connection:
            assert await rows_of(connection, "tally") == {("note:1", "a", 3, 100_020): 1}


async def test_what_one_gathered_before_it_failed_is_gathered_anew_for_the_next(county, writer):
    tally, strict = two_apart()
    writer.append(note(1, n=1))
    async with an_engine(county, (strict, tally)) as engine:
        await engine.catch_up()
        writer.append(note(1, n=20))
        await engine.catch_up()
        writer.append(note(1, n=99_999))
        # the round fails; then the first gathers alone, fails, and what it gathered goes with its transaction
        await engine.catch_up()
        assert (await engine.desk.states())["strict"].failure
        assert await differences(engine.desk, tally) == (0, 0)
        async with reading(county) as connection:
            assert await rows_of(connection, "tally") == {("note:1", "a", 3, 100_020): 1}


async def test_it_goes_on_by_itself_when_the_cause_in_the_log_is_mended(county, writer):
    writer.append(note(1))
    async with an_engine(county, two_apart()) as engine:
        await engine.catch_up()
        writer.append(note(1, n=99_999), note(2), note(3))
        await engine.catch_up()
        assert (await engine.desk.states())["strict"].failed_upto == 2
        writer.append(("note:1", "event.voided.v1", told(target_version=2)))
        await engine.catch_up()
        state = (await engine.desk.states())["strict"]
        assert (state.position, state.failure) == (5, None)


async def test_it_goes_on_when_a_mended_definition_comes(county, writer):
    writer.append(note(1), note(1, n=99_999))
    async with an_engine(county, two_apart()) as engine:
        await engine.catch_up()
        assert (await engine.desk.states())["strict"].failure
    tally, strict = two_apart()
    mended = replace(strict, view=strict.view.replace("smallint", "bigint"))
    async with an_engine(county, (tally, mended)) as engine:
        await engine.catch_up()
        state = (await engine.desk.states())["strict"]
        assert (state.position, state.failure) == (2, None)
        assert await differences(engine.desk, mended) == (0, 0)


async def test_a_poisoned_definition_leaves_the_others_and_the_old_table_alone(county, writer):
    writer.append(note(1, n=7))
    async with an_engine(county, three()) as engine:
        await engine.catch_up()
    tally = a_tally()
    poisoned = the_letters(tally, view="select letter, 1 / 0 * sum(n) as n from tally group by letter")
    async with an_engine(county, (tally, poisoned)) as engine, reading(county) as connection:
        last = writer.append(note(1, n=7))
        await engine.catch_up()
        states = await engine.desk.states()
        assert states["tally"].position == last
        assert "division by zero" in states["letters"].failure
        assert set(await rows_of(connection, "letters")) == {("a", 1, 7)}


@pytest.mark.parametrize("view", [DOUBLED_VIEW, WIDER_VIEW], ids=["other values", "other columns"])
async def test_a_changed_definition_takes_over_under_load_and_readers_see_one_or_the_other(
    county, writer, view
):
    for stream in range(40):
        writer.append(note(stream, n=5))
    async with an_engine(county, three()) as engine:
        await engine.catch_up()
    tally = a_tally(view)
    async with an_engine(county, three(view), limits=Limits(events=9, keys=5)) as engine:
        async with reading(county) as connection:
            while await engine.run_once():
                if writer.versions["note:1"] < 12:
                    writer.append(note(1, n=5))
                kinds = {row[-1] // row[-2] for row in await rows_of(connection, "tally")}
                assert len(kinds) == 1
        assert (await engine.desk.states())["tally"].definition == tally.hash
        for projection in engine.projections:
            assert await differences(engine.desk, projection) == (0, 0)


async def test_an_older_programme_does_not_take_back_what_a_newer_has_taken_over(county, writer):
    writer.append(note(1))
    async with an_engine(county, [a_tally()]) as older:
        await older.catch_up()
        await older.desk.connection.execute("select pg_advisory_unlock_all()")
        older._held.clear()
        async with an_engine(county, [a_tally(DOUBLED_VIEW)]) as newer:
            await newer.catch_up()
        writer.append(note(1))
        await asyncio.sleep(0.1)
        assert not await older.run_once()
        assert (await older.desk.states())["tally"].definition == a_tally(DOUBLED_VIEW).hash


async def test_a_reader_in_the_middle_of_a_long_read_delays_the_switch_and_nobody_else(county, writer):
    writer.append(note(1))
    async with an_engine(county, [a_tally()]) as engine, reading(county) as long, reading(county) as short:
        await engine.catch_up()
        async with long.transaction():
            before = await rows_of(long, "tally")
            await engine.desk.run("want_rebuild", {"name": "tally"})
            await engine.catch_up()
            assert (await engine.desk.states())["tally"].building is not None
            async with asyncio.timeout(10):
                assert await rows_of(short, "tally") == before
        await engine.catch_up()
        assert (await engine.desk.states())["tally"].building is None


async def test_the_metrics_page_is_told_how_the_views_stand(county, writer):
    registry = CollectorRegistry()

    async def growth(_position):
        await asyncio.sleep(0.01)

    metrics = ViewMetrics(SCHEMA, registry)
    views = ViewReaders(access(county), two_apart())
    writer.append(note(1, n=99_999))
    running = asyncio.create_task(Worker(access(county), two_apart(), growth, retry=timedelta(0)).run())
    try:
        async with asyncio.timeout(20):
            while not _is_told(registry):
                metrics.tell(await health(views))
                await asyncio.sleep(0.02)
        assert not _figure(registry, "failing", "tally")
        assert _figure(registry, "behind_events", "strict") == 1
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await views.close()


def _is_told(registry):
    return _figure(registry, "failing", "strict") and _figure(registry, "position", "tally") == 1


def _figure(registry, name, projection):
    return registry.get_sample_value(
        f"jiandu_projection_{name}", {"county": SCHEMA, "projection": projection}
    )
