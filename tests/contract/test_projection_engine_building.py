"""A table is filled in portions, by several hands at a time, and switched behind nobody's back."""

import asyncio
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from functools import partial

import pytest
from psycopg import IsolationLevel

from projections.custody import CUSTODY
from projections.engine import Engine, Limits, differences
from projections.engine_crew import Crew
from projections.engine_desk import Desk
from projections.engine_schema import STATEMENTS, connect, connect_to_fill
from projections.flaws import FLAWS
from tests.projected import (
    NAMES,
    TALLY_VIEW,
    Writer,
    a_tally,
    access,
    an_engine,
    founded,
    reading,
    rows_of,
    three,
    told,
)
from tests.waiting import until

NOTE = "note.taken.v1"


@pytest.fixture
def county(database):
    return founded(database)


@pytest.fixture
def writer(county):
    with closing(Writer(county)) as writer:
        yield writer


def note(stream, word="abc", n=1):
    return f"note:{stream:02}", NOTE, told(word=word, n=n)


def twins():
    """Two projections of the same streams: what one gathers serves both."""
    tally = a_tally()
    return tally, replace(
        tally,
        name="twin",
        view=f"{TALLY_VIEW} having count(*) > 0",
        table=tally.table.replace("tally", "twin"),
    )


@asynccontextmanager
async def an_engine_with_hands(dsn, projections, hands, keys):
    crew = Crew(partial(connect_to_fill, access(dsn)), NAMES, hands)
    async with await connect(access(dsn), is_projector=True) as connection:
        engine = Engine(Desk(connection, NAMES), projections, Limits(keys=keys), crew)
        await engine.prepare()
        try:
            yield engine
        finally:
            await crew.disband()


async def portions(connection, name):
    cursor = await connection.execute(
        "select above, upto, keys, is_filled from portions where projection = %s order by portion", [name]
    )
    return await cursor.fetchall()


async def test_several_hands_fill_what_one_would_while_the_log_grows(county, writer):
    writer.append(*(note(stream, word) for stream in range(30) for word in ("abc", "xyz")))
    writer.append(
        ("note:03", "event.voided.v1", told(target_version=1)),
        ("note:04", "event.corrected.v1", told(target_version=2, field="n", should_be=9)),
    )
    async with an_engine_with_hands(county, [*three(), twins()[1]], hands=3, keys=4) as engine:
        while await engine.run_once():
            if writer.versions["note:05"] < 6:
                writer.append(note(5))
        for projection in engine.projections:
            assert await differences(engine.desk, projection) == (0, 0)


async def test_portions_hold_every_key_there_can_be(county, writer):
    writer.append(*(note(stream) for stream in range(10)))
    async with an_engine(county, [a_tally()], limits=Limits(keys=4)) as engine:
        await engine.run_once()
        await engine.run_once()
        assert await portions(engine.desk.connection, "tally") == [
            (None, "note:03", 4, True),
            ("note:03", "note:07", 4, False),
            ("note:07", None, 2, False),
        ]


async def test_a_hand_that_is_called_off_leaves_its_portion_to_the_next(county, writer):
    writer.append(*(note(stream) for stream in range(20)))
    slow = replace(a_tally(), view=TALLY_VIEW.replace("where", "where pg_sleep(0.05) is not null and"))
    async with an_engine_with_hands(county, [slow], hands=2, keys=5) as engine:
        await engine.run_once()
        await engine.run_once()
    async with an_engine(county, [slow], limits=Limits(keys=5)) as engine:
        assert any(not is_filled for *_, is_filled in await portions(engine.desk.connection, "tally"))
        await engine.catch_up()
        assert await differences(engine.desk, slow) == (0, 0)


async def test_a_hand_that_is_called_off_while_it_makes_the_keys_leaves_the_table_to_the_next(county, writer):
    writer.append(*(note(stream) for stream in range(8)))
    slow, other = (replace(each, table=f"select pg_sleep(0.5); {each.table}") for each in twins())
    async with an_engine_with_hands(county, [slow, other], hands=2, keys=4) as engine:
        await engine.run_once()
        await engine.run_once()
        await until(lambda: is_full(engine.desk.connection, "tally"))
    async with an_engine_with_hands(county, [slow, other], hands=2, keys=4) as engine:
        assert not (await engine.desk.states())["tally"].is_filled
        await engine.catch_up()
        assert await portions(engine.desk.connection, "tally") == []
        for projection in (slow, other):
            assert await differences(engine.desk, projection) == (0, 0)
            assert await made(engine.desk.connection, projection.name) == (None, 2)


async def is_full(connection, name):
    return all(is_filled for *_, is_filled in await portions(connection, name))


async def made(connection, name):
    """What keeps autovacuum from the table that is read, and how many indexes it has."""
    cursor = await connection.execute(
        "select reloptions, (select count(*) from pg_index where indrelid = pg_class.oid)"
        " from pg_class where oid = to_regclass(%s)",
        [name],
    )
    return await cursor.fetchone()


async def test_an_event_that_cannot_be_read_stops_only_those_who_read_its_topic(county, writer):
    picky = replace(
        a_tally(),
        name="picky",
        view="select stream, count(*) as events from effective_events where topic in ('note.taken.v1') group by stream",
        table="",
    )
    writer.append(note(1))
    async with an_engine(county, [picky, a_tally()]) as engine:
        await engine.catch_up()
        last = writer.append(note(2), ("note:02", "note.torn.v1", b"{"), note(3))
        await engine.catch_up()
        states = await engine.desk.states()
        assert (states["picky"].position, states["picky"].failure) == (last, None)
        assert states["tally"].failed_upto == last - 1
        await engine.desk.run("want_rebuild", {"name": "picky"})
        await engine.catch_up()
        assert (await engine.desk.states())["picky"].building is None


IN_PARTS = """
with notes as (
    select
        stream,
        position,
        case when topic in ('note.taken.v1', 'note.signed.v1') then fact end as fact,
        case when topic in ('note.signed.v1', 'note.filed.v1') then envelope end as envelope,
        case when topic in ('note.sent.v1') then envelope -> 'actor' end as actor
    from effective_events
    where topic in ('note.taken.v1', 'note.signed.v1', 'note.filed.v1', 'note.closed.v1', 'note.sent.v1')
)

select stream, position, fact::text, envelope::text, actor::text from notes
"""
"""Of a note that is taken the fact is read, of one that is filed the envelope, of one that is signed both, of one that is sent
who acted."""
GATHERED = """
select topic, fact is not null, envelope is not null
from pg_temp.gathered_events
where is_standing and is_recorded
order by position
"""


def stated(topic, envelope=b'{"by":"a,\\"fact\\":{"}', fact=b'{"word":"b,\\"fact\\":{"}'):
    return "note:01", topic, b'{"envelope":' + envelope + b',"fact":' + fact + b"}"


def in_parts():
    return replace(a_tally(), name="parts", view=IN_PARTS, table="")


async def test_of_an_event_no_more_is_parsed_than_a_definition_reads(county, writer):
    topics = ("note.taken.v1", "note.filed.v1", "note.signed.v1", "note.closed.v1")
    writer.append(*map(stated, topics))
    async with an_engine(county, [in_parts()]) as engine:
        await engine.catch_up()
        assert await engine.desk.fetch(GATHERED.encode()) == [
            ("note.taken.v1", True, False),
            ("note.filed.v1", False, True),
            ("note.signed.v1", True, True),
            ("note.closed.v1", False, False),
        ]
        assert await differences(engine.desk, in_parts()) == (0, 0)


@pytest.mark.parametrize(
    "state",
    [
        b'{"fact":{"word":"b"},"envelope":{"by":"a"}}',
        b'{ "envelope": {"by":"a"}, "fact": {"word":"b"} }',
        b'{"envelope":{"a":1,"fact":{}},"fact":{"word":"b"}}',
        b'{"envelope":{},"fact":{"a":1,"fact":{"b":2}}}',
        b'{"envelope":{},"fact":{"a":1},"fact":{"a":2}}',
        b'{"a":1,"fact":{"a":1},"envelope":{"a":2}}',
        b'{"envelope":{"actor":{"by":{"a":1},"n":2},"fact":{}},"fact":{}}',
        b'{"envelope":{"actor":{"by":"}"},"n":2},"fact":{}}',
        b'{"envelope":{"a":1,"actor":{"by":"a"}},"fact":{}}',
    ],
)
@pytest.mark.parametrize("topic", ["note.taken.v1", "note.filed.v1", "note.sent.v1"])
async def test_a_state_that_cannot_be_cut_is_read_whole(county, writer, state, topic):
    writer.append(stated("note.signed.v1"), ("note:02", topic, state))
    async with an_engine(county, [in_parts()]) as engine:
        await engine.catch_up()
        assert (await rows_of(engine.desk.connection, "parts")).total() == 2
        assert await differences(engine.desk, in_parts()) == (0, 0)


async def test_of_an_event_that_is_asked_who_acted_nothing_else_is_parsed(county, writer):
    writer.append(stated("note.sent.v1", b'{"actor":{"by":"a"},"circumstances":{"channel":"1"}}'))
    async with an_engine(county, [in_parts()]) as engine:
        await engine.catch_up()
        gathered = await engine.desk.fetch(b"select fact, envelope from pg_temp.gathered_events")
        assert gathered == [(None, {"actor": {"by": "a"}})]
        assert await differences(engine.desk, in_parts()) == (0, 0)


async def test_corrections_are_applied_to_what_is_read_in_parts(county, writer):
    writer.append(
        *(stated(topic) for topic in ("note.taken.v1", "note.filed.v1", "note.closed.v1")),
        ("note:01", "event.corrected.v1", told(target_version=1, field="word", should_be="c")),
        ("note:01", "event.voided.v1", told(target_version=3)),
    )
    async with an_engine(county, [in_parts()]) as engine:
        await engine.catch_up()
        assert (await rows_of(engine.desk.connection, "parts")).total() == 2
        assert await differences(engine.desk, in_parts()) == (0, 0)


async def test_no_table_is_switched_behind_a_snapshot_that_would_not_see_its_rows(county, writer):
    writer.append(*(note(stream) for stream in range(9)))
    async with an_engine(county, [a_tally()]) as engine, reading(county) as reader:
        await engine.catch_up()
        await reader.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        async with reader.transaction():
            await reader.execute(STATEMENTS["hold"])
            await reader.execute("select position from projections")
            await engine.desk.run("want_rebuild", {"name": "tally"})
            await engine.catch_up()
            assert (await rows_of(reader, "tally")).total() == 9
        await engine.catch_up()
        assert (await engine.desk.states())["tally"].building is None


async def test_a_switch_that_finds_readers_at_every_try_is_not_put_off_for_ever(county, writer):
    writer.append(note(1))
    is_over = asyncio.Event()

    async def read_on(reader):
        while not is_over.is_set():
            async with reader.transaction():
                await rows_of(reader, "tally")
                await asyncio.sleep(0.02)

    async with an_engine(county, [a_tally()]) as engine, reading(county) as one, reading(county) as other:
        await engine.catch_up()
        readers = asyncio.create_task(read_on(one))
        await asyncio.sleep(0.01)
        others = asyncio.create_task(read_on(other))
        engine._delays["tally"] = 49
        await engine.desk.run("want_rebuild", {"name": "tally"})
        async with asyncio.timeout(20):
            while await engine.run_once() or (await engine.desk.states())["tally"].building:
                pass
        is_over.set()
        await asyncio.gather(readers, others)


class Interrupted(Desk):
    """Somebody else works when it has seen how far the log is to be read."""

    def __init__(self, desk, meanwhile):
        super().__init__(desk.connection, desk.names)
        self._meanwhile = meanwhile

    async def run(self, name, parameters):
        rows = await super().run(name, parameters)
        if name == "narrow":
            await self._meanwhile()
        return rows


async def test_a_table_is_not_switched_while_it_is_checked(county, writer):
    writer.append(note(1), note(2))
    async with an_engine(county, [a_tally()]) as keeping, an_engine(county, [a_tally()]) as checking:
        await keeping.catch_up()
        await keeping.desk.note("want_rebuild", {"name": "tally"})
        desk = Interrupted(checking.desk, keeping.catch_up)
        assert await differences(desk, a_tally()) == (0, 0)
        await keeping.catch_up()
        assert not (await keeping.desk.states())["tally"].building


async def test_a_table_is_not_switched_while_another_that_stands_on_it_goes_on(county, writer):
    writer.append(note(1, "abc"), note(2, "xyz"))
    async with an_engine(county, three()) as one, an_engine(county, three()) as other:
        await one.catch_up()
        await one.desk.connection.execute("select pg_advisory_unlock_all()")
        one._held.clear()
        assert await other.desk.lock("letters")
        writer.append(note(3, "abc"))
        await one.catch_up()
        await one.desk.note("want_rebuild", {"name": "tally"})
        other.desk = Interrupted(other.desk, one.catch_up)
        await other.run_once()
        assert (await one.desk.states())["letters"].position == 3
        for projection in three():
            assert await differences(one.desk, projection) == (0, 0)


def test_a_definition_says_which_topics_it_sees_only_where_nothing_lets_others_in():
    assert "case.reopened.v1" in CUSTODY.topics
    assert FLAWS.topics is None
    listed = "select 1 from effective_events where topic in ('a.b.v1', 'c.d.v1')"
    assert replace(a_tally(), view=listed).topics == {"a.b.v1", "c.d.v1"}
    amended = " union select 2 from events where topic = 'event.corrected.v1'"
    assert replace(a_tally(), view=listed + amended).topics == {"a.b.v1", "c.d.v1"}
    flagged = replace(a_tally(), view=listed + " or jsonb_array_length(envelope -> 'irregularities') > 0")
    assert flagged.sight == ({"a.b.v1", "c.d.v1"}, True)
    assert flagged.topics is None
    for more in " or true", " union select 2 from effective_events", " union select 2 from events":
        assert replace(a_tally(), view=listed + more).topics is None
