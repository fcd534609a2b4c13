"""Whatever is recorded, in whatever pieces, and whenever the engine comes by: live, rebuilt and defined are one."""

import asyncio
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.engine import Limits, differences
from tests.looking import as_of
from tests.projected import Writer, an_engine, founded, reading, rows_of, three, told
from tests.servers import fresh_database

STREAMS = [f"note:{n}" for n in range(4)]

notes = st.tuples(
    st.just("note.taken.v1"),
    st.sampled_from(STREAMS),
    st.fixed_dictionaries({"word": st.sampled_from("abc"), "n": st.integers(0, 9)}),
)
corrections = st.tuples(
    st.just("event.corrected.v1"),
    st.sampled_from(STREAMS),
    st.one_of(
        st.fixed_dictionaries(
            {"target_version": st.integers(1, 4), "field": st.just("n"), "should_be": st.integers(10, 20)}
        ),
        st.fixed_dictionaries(
            {
                "target_version": st.integers(1, 4),
                "field": st.just("word"),
                "should_be": st.sampled_from("abc"),
            }
        ),
    ),
)
voids = st.tuples(
    st.just("event.voided.v1"),
    st.sampled_from(STREAMS),
    st.fixed_dictionaries({"target_version": st.integers(1, 4)}),
)
batches = st.lists(st.one_of(notes, notes, notes, corrections, voids), min_size=1, max_size=4)
courses = st.lists(
    st.one_of(
        batches, st.sampled_from(["step", "catch up", "rebuild tally", "rebuild letters", "new worker"])
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def server(postgres):
    return postgres.dsn


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(course=courses, keys=st.integers(1, 3), events=st.integers(1, 6))
def test_live_equals_defined_equals_rebuilt_at_every_position(server, course, keys, events):
    with fresh_database(server) as dsn:
        asyncio.run(_play(founded(dsn), course, Limits(events=events, keys=keys)))


async def _play(dsn, course, limits):
    with closing(Writer(dsn)) as writer:
        rest = list(course)
        live_by_position = {}
        while True:
            async with an_engine(dsn, three(), limits=limits) as engine, reading(dsn) as connection:
                await _work(engine, writer, rest, connection, live_by_position)
                if not rest:
                    await _compare(engine, connection, live_by_position)
                    return


async def _work(engine, writer, rest, connection, live_by_position):
    while rest:
        match rest.pop(0):
            case "step":
                await engine.run_once()
            case "catch up":
                await engine.catch_up()
                live_by_position[engine.head] = await _all(connection)
            case "rebuild tally":
                await engine.desk.run("want_rebuild", {"name": "tally"})
            case "rebuild letters":
                await engine.desk.run("want_rebuild", {"name": "letters"})
            case "new worker":
                return
            case batch:
                writer.append(*((stream, topic, told(**fact)) for topic, stream, fact in batch))
        for projection in engine.projections:
            if (await engine.desk.states())[projection.name].definition:
                assert await differences(engine.desk, projection) == (0, 0)


async def _compare(engine, connection, live_by_position):
    await engine.catch_up()
    live = await _all(connection)
    for name in live:
        await engine.desk.run("want_rebuild", {"name": name})
    await engine.catch_up()
    assert await _all(connection) == live
    for position, was in live_by_position.items():
        async with as_of(connection, upto=position):
            assert await _all(connection) == was


async def _all(connection):
    return {name: await rows_of(connection, name) for name in ("tally", "letters", "whole")}
