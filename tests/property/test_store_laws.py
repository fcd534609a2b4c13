"""Laws of the log in PostgreSQL: whatever is sent, it answers and holds what the log in memory does."""

import asyncio
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.log import KeyReused, VersionConflict
from domain.store.batch import Parcel, Row, Verdict, arguments
from domain.store.mapper import stored_state
from domain.store.memory import MemoryLog
from domain.store.statements import STATEMENTS
from tests.notes import COUNTY, in_county, noted, notes, open_store
from tests.servers import fresh_database
from tests.templates import make_county

EXAMPLES = count()


@pytest.fixture(scope="module")
def county(postgres):
    with fresh_database(postgres.dsn) as dsn:
        make_county(dsn, COUNTY)
        with in_county(dsn) as connection:
            yield connection


@st.composite
def commands(draw):
    """Often in order, sometimes not; keys used once, again, and for something else."""
    return {
        "stream": draw(st.sampled_from("abc")),
        "ahead": draw(st.sampled_from([0, 0, 0, 0, 0, 1, 2, -1])),
        "count": draw(st.sampled_from([1, 1, 1, 2, 3, 0])),
        "key": draw(st.sampled_from([None, None, "k", "l", "m"])),
        "body": draw(st.sampled_from([b"x", b"x", b"x", b"y"])),
    }


def submission(example, command, versions):
    """The command as its sender sees it: `ahead` of what the stream held when the batch was put together."""
    stream = f"note:{example}{command['stream']}"
    first = max(1, versions.get(stream, 0) + 1 + command["ahead"])
    versions[stream] = max(versions.get(stream, 0), first + command["count"] - 1)
    key = command["key"] and f"{example}{command['key']}"
    return notes(stream, first, command["count"], key=key, body=command["body"])


def parcel(submitted):
    rows = (
        Row(e.stream, e.version, e.fact.TOPIC, e.envelope.occurred_at, stored_state(e.fact, e.envelope))
        for e in submitted.entries
    )
    return Parcel(submitted.key, submitted.digest, tuple(rows))


async def in_memory(log, submitted):
    try:
        receipt = await log.append(submitted)
    except (VersionConflict, KeyReused) as refusal:
        return type(refusal), refusal.args
    return receipt.first_position, receipt.last_position, receipt.is_repeat


def in_database(verdict, submitted, before):
    try:
        receipt = verdict.receipt(submitted)
    except (VersionConflict, KeyReused) as refusal:
        return type(refusal), refusal.args
    moved = [position and position - before for position in (receipt.first_position, receipt.last_position)]
    return *moved, receipt.is_repeat


@settings(max_examples=150, deadline=None)
@given(batches=st.lists(st.lists(commands(), min_size=1, max_size=8), min_size=1, max_size=4))
def test_the_database_answers_and_holds_what_memory_does(county, batches):
    example, memory, versions = next(EXAMPLES), MemoryLog(), {}
    before = county.execute("select coalesce(max(position), 0) from events").fetchone()[0]

    for batch in batches:
        submitted = [submission(example, command, versions) for command in batch]
        parcels = [parcel(one) for one in submitted]
        rows = county.cursor(binary=True).execute(STATEMENTS["append"], arguments(parcels)).fetchall()
        answers = [in_database(Verdict(*row), one, before) for row, one in zip(rows, parcels, strict=True)]
        assert answers == [asyncio.run(in_memory(memory, one)) for one in submitted]

    held = county.execute(
        "select position - %s, stream, version, topic, state from events where position > %s order by position",
        (before, before),
    ).fetchall()
    assert held == [(e.position, e.stream, e.version, e.topic, e.state) for e in memory.events]


def test_after_all_that_positions_are_dense_and_times_never_run_back(county):
    rows = county.execute("select position, recorded_at from events order by position").fetchall()

    assert [position for position, _ in rows] == list(range(1, len(rows) + 1))
    assert all(earlier <= later for (_, earlier), (_, later) in pairwise(rows))


def test_after_all_that_the_versions_of_every_stream_run_from_one(county):
    rows = county.execute(
        "select stream, array_agg(version order by position) from events group by stream"
    ).fetchall()

    assert all(versions == list(range(1, len(versions) + 1)) for _, versions in rows)


def test_after_all_that_every_answer_that_was_kept_is_of_events_that_stand(county):
    broken = county.execute(
        """
        select key
        from commands
        left join events on position between first_position and last_position
        group by commands.key
        having count(position) <> coalesce(max(last_position) - max(first_position) + 1, 0)
            or bool_or(events.recorded_at <> commands.recorded_at)
        """
    ).fetchall()

    assert broken == []


@settings(max_examples=5, deadline=None)
@given(seed=st.randoms(use_true_random=False))
def test_writers_who_race_lose_nothing_and_double_nothing(postgres, seed):
    with fresh_database(postgres.dsn) as dsn:
        acknowledged = asyncio.run(race(dsn, seed))
        with in_county(dsn) as connection:
            held = connection.execute(
                "select position, stream, version from events order by position"
            ).fetchall()

    assert [position for position, _, _ in held] == list(range(1, len(held) + 1))
    assert sorted(acknowledged) == sorted(held)


async def race(dsn, seed):
    """Two programmes, twenty writers each, five streams: what each was told it had recorded."""
    acknowledged = []

    async def write(store):
        for _ in range(10):
            stream = f"note:{seed.randrange(5)}"
            version = len(await store.log.history(stream)) + 1
            try:
                receipt = await store.log.append(noted(stream, version))
            except VersionConflict as conflict:
                assert conflict.actual >= version  # noqa: PT017  — most writers are told that they came late
            else:
                acknowledged.append((receipt.first_position, stream, version))

    async with open_store(dsn) as one, open_store(dsn) as other:
        await asyncio.gather(*(write(store) for store in (one, other) for _ in range(20)))
    return acknowledged
