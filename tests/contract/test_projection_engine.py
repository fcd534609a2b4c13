"""What the projection engine promises: tables that hold what their definitions say, of now and of any other day."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from psycopg import errors

from domain.workdays.state import composed
from domain.workdays.values import CalendarException, YearCalendar
from projections.calendar import CALENDAR
from projections.engine import Limits, differences
from projections.engine_refresh import BRIEF_EVENTS
from projections.projection import FurtherKeyError
from tests.looking import ViewBehind, as_of, reach
from tests.projected import Writer, a_tally, an_engine, founded, reading, rows_of, the_whole, three, told

NOTED = "note.taken.v1"


@pytest.fixture
def county(database):
    return founded(database)


@pytest.fixture
def writer(county):
    with closing(Writer(county)) as writer:
        yield writer


def note(stream, word="abc", n=1, at=None):
    return f"note:{stream}", NOTED, told(word=word, n=n), at


def correction(stream, version, field, should_be):
    fact = told(target_version=version, field=field, should_be=should_be)
    return f"note:{stream}", "event.corrected.v1", fact


def void(stream, version):
    return f"note:{stream}", "event.voided.v1", told(target_version=version)


async def rows(dsn, name):
    async with reading(dsn) as connection:
        return dict.fromkeys(await rows_of(connection, name))


async def test_a_table_is_built_from_the_log_and_follows_it(county, writer):
    writer.append(note(1, n=3), note(2, "xyz", 4))
    async with an_engine(county, three()) as engine:
        await engine.catch_up()
        assert set(await rows(county, "letters")) == {("a", 1, 3), ("x", 1, 4)}
        writer.append(note(1, n=5))
        await engine.catch_up()
        assert set(await rows(county, "letters")) == {("a", 2, 8), ("x", 1, 4)}
        assert list(await rows(county, "whole")) == [(2, 12)]


async def test_corrections_and_voids_change_what_stands(county, writer):
    writer.append(note(1, n=3), note(1, n=4), note(1, "xyz", 5))
    async with an_engine(county, three()) as engine:
        await engine.catch_up()
        writer.append(correction(1, 1, "n", 30), void(1, 2), correction(1, 3, "word", "abc"))
        await engine.catch_up()
        assert list(await rows(county, "letters")) == [("a", 2, 35)]
        for projection in engine.projections:
            assert await differences(engine.desk, projection) == (0, 0)


async def test_a_whole_table_is_told_by_the_whole_log_also_behind_one_of_some_streams(county, writer):
    tally = a_tally()
    counted = replace(
        the_whole(tally), view="select count(*) as streams from effective_events", kinds=("note",)
    )
    writer.append(note(1), note(2), note(3))
    async with an_engine(county, [tally, replace(counted, needs=(), hash_by_need={})]) as engine:
        await engine.catch_up()
        writer.append(note(1))
        await engine.catch_up()
        assert list(await rows(county, "whole")) == [(4,)]


async def test_a_row_that_is_told_as_it_stands_is_left_alone(county, writer):
    keyed = replace(a_tally(), table="alter table tally add primary key (stream, letter);")
    writer.append(note(1, "a"), note(1, "b"))
    async with an_engine(county, [keyed]) as engine:
        await engine.catch_up()
        before = await places_by_letter(engine)
        writer.append(note(1, "a"))
        await engine.catch_up()
        after = await places_by_letter(engine)
        assert after["b"] == before["b"]
        assert after["a"] != before["a"]
        assert await differences(engine.desk, keyed) == (0, 0)


@pytest.mark.parametrize(
    "further",
    ["create unique index tally_n on tally (n);", "alter table tally add constraint tally_n_key unique (n);"],
)
def test_a_table_whose_rows_change_in_their_places_has_no_further_key(further):
    keyed = "alter table tally add constraint tally_key primary key (stream, letter);"
    with pytest.raises(FurtherKeyError, match="tally"):
        replace(a_tally(), table=f"{keyed} {further}")
    replace(a_tally(), table=f"{keyed} -- not unique\ncreate index tally_n on tally (n);")


async def test_rounds_of_few_events_are_planned_once_until_the_log_has_doubled(county, writer):
    keyed = replace(a_tally(), table="alter table tally add primary key (stream, letter);")
    writer.append(note(1))
    async with an_engine(county, [keyed]) as engine:
        await engine.catch_up()
        for stream in range(3):
            writer.append(note(stream), note(stream, "xyz"))
            await engine.catch_up()
        # up to the third event, the fifth, the seventh
        assert await plans(engine) == (2, 3, 0)
        await engine.desk.run("want_rebuild", {"name": "tally"})
        await engine.catch_up()  # another table
        writer.append(note(1), void(1, 1))
        await engine.catch_up()
        assert await plans(engine) == (3, 4, 0)
        assert await differences(engine.desk, keyed) == (0, 0)


async def test_a_round_of_many_events_is_planned_for_them(county, writer):
    writer.append(note(1))
    async with an_engine(county, [a_tally()]) as engine:
        await engine.catch_up()
        writer.append(*(note(stream) for stream in range(BRIEF_EVENTS + 1)))
        await engine.catch_up()
        assert await plans(engine) == (0, 0, 0)
        assert await differences(engine.desk, engine.projections[0]) == (0, 0)


async def plans(engine):
    """How many were made to stand, how often they were asked, and how often one was made for what was asked."""
    cursor = await engine.desk.connection.execute(
        "select count(*), coalesce(sum(generic_plans), 0), coalesce(sum(custom_plans), 0)"
        " from pg_prepared_statements"
    )
    return await cursor.fetchone()


async def places_by_letter(engine):
    """Where each row lies: a row that was written anew lies elsewhere."""
    cursor = await engine.desk.connection.execute("select letter, ctid::text from tally")
    return dict(await cursor.fetchall())


async def test_a_check_finds_a_row_that_somebody_changed_and_a_rebuild_mends_it(county, writer):
    writer.append(note(1), note(2))
    async with an_engine(county, three()) as engine:
        await engine.catch_up()
        await engine.desk.connection.execute("update tally set n = 99 where stream = 'note:1'")
        assert await differences(engine.desk, engine.projections[0]) == (1, 1)
        await engine.desk.run("want_rebuild", {"name": "tally"})
        await engine.catch_up()
        assert await differences(engine.desk, engine.projections[0]) == (0, 0)


async def test_as_of_answers_by_what_was_recorded_and_by_what_had_happened(county, writer):
    writer.append(note(1, n=1, at=datetime(2026, 3, 1, tzinfo=UTC)))
    writer.append(note(1, n=10, at=datetime(2026, 3, 9, tzinfo=UTC)))
    async with an_engine(county, three()) as engine, reading(county) as connection:
        await engine.catch_up()
        cursor = await connection.execute("select clock_timestamp()")
        before = (await cursor.fetchone())[0]
        writer.append(correction(1, 2, "occurred_at", "2026-03-02T00:00:00Z"), void(1, 1))
        by_then = datetime(2026, 3, 5, tzinfo=UTC)
        async with as_of(connection, before):
            assert set(await rows_of(connection, "letters")) == {("a", 2, 11)}
        async with as_of(connection, before, by_then):
            assert set(await rows_of(connection, "letters")) == {("a", 1, 1)}
        async with as_of(connection, None, by_then):
            assert set(await rows_of(connection, "letters")) == {("a", 1, 10)}
        async with as_of(connection, upto=1):
            assert set(await rows_of(connection, "letters")) == {("a", 1, 1)}
        assert set(await rows_of(connection, "letters")) == {("a", 2, 11)}


async def test_a_reader_can_wait_for_its_own_writing(county, writer):
    async with an_engine(county, three()) as engine, reading(county) as connection:
        position = writer.append(note(1))
        with pytest.raises(ViewBehind):
            await reach(connection, "tally", position, within_seconds=0.05)
        await engine.catch_up()
        assert await reach(connection, "tally", position) == position


async def test_a_reader_can_write_nothing_and_the_projector_nothing_of_the_log(county, writer):
    writer.append(note(1))
    async with an_engine(county, three()) as engine, reading(county) as connection:
        await engine.catch_up()
        with pytest.raises(errors.InsufficientPrivilege):
            await connection.execute("delete from tally")
        for statement in ("delete from events", "select * from people", "create table county.x ()"):
            with pytest.raises(errors.InsufficientPrivilege):
                await engine.desk.connection.execute(statement)


async def test_one_worker_keeps_a_projection_and_another_takes_over(county, writer):
    tally = a_tally()
    async with an_engine(county, [tally]) as second:
        async with an_engine(county, [tally]) as first:
            await first.catch_up()
            last = writer.append(note(1))
            assert not await second.run_once()
        async with asyncio.timeout(30):  # the server lets go of the lock soon after the connection is closed
            while (await second.desk.states())["tally"].position != last:
                await second.catch_up()
                await asyncio.sleep(0.01)


async def test_a_rebuild_in_small_steps_ends_like_one_in_large(county, writer):
    writer.append(
        *(note(stream, word, n) for stream in range(7) for word, n in (("abc", 1), ("xyz", stream)))
    )
    async with an_engine(county, three(), limits=Limits(events=2, keys=2)) as engine:
        while await engine.run_once():
            if writer.versions["note:3"] < 9:
                writer.append(note(3, "pqr", 100))
        for projection in engine.projections:
            assert await differences(engine.desk, projection) == (0, 0)
        assert ("p", 7, 700) in await rows(county, "letters")


async def working_days(dsn):
    async with reading(dsn) as connection:
        cursor = await connection.execute(
            "select day, ordinal, is_working, is_provisional, calendar_version from calendar order by day"
        )
        return await cursor.fetchall()


async def test_the_calendar_is_the_one_the_rules_count_by(county, writer):
    year = YearCalendar(
        year=2027,
        version="2027-1",
        source="通知",
        exceptions=(
            CalendarException(day=date(2027, 1, 1), is_working=False),
            CalendarException(day=date(2027, 1, 2), is_working=True),
        ),
    )
    far = YearCalendar(year=2040, version="2040-1", source="通知", is_provisional=True)
    async with an_engine(county, [CALENDAR]) as engine:
        await engine.catch_up()
        _expect(await working_days(county), composed([]))
        for entry in year, far:
            state = told(calendar=entry.model_dump(mode="json", exclude_none=True))
            writer.append((f"calendar:{entry.year}", "calendar.published.v1", state))
            await engine.catch_up()
        _expect(await working_days(county), composed([year, far]))
        assert await differences(engine.desk, CALENDAR) == (0, 0)


def _expect(rows, calendar):
    assert [day for day, _, is_working, _, _ in rows if is_working] == list(calendar.days)
    assert rows[-1][1] == len(calendar.days)
    assert {row[0].year for row in rows if row[3]} == calendar.provisional_years
    assert {row[4] for row in rows} == {calendar.version}
