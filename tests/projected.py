"""A county with its views, for tests: events as a process elsewhere would record them, and small projections."""

from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from domain.grammar import canonical
from domain.store.batch import Parcel, Row, arguments
from domain.store.connecting import Access
from domain.store.schema import County
from domain.store.statements import STATEMENTS
from projections.engine import Engine, Limits
from projections.engine_desk import Desk
from projections.engine_schema import ViewNames, connect, establish
from projections.projection import Need, Projection
from tests.templates import make_county

SCHEMA = "county"
NAMES = ViewNames(County.named(SCHEMA))


def founded(dsn):
    make_county(dsn, SCHEMA, establish)
    return dsn


def access(dsn):
    return Access(dsn, County.named(SCHEMA))


@asynccontextmanager
async def an_engine(dsn, projections, *, limits=None):
    """A worker of its own, prepared; its locks end with it."""
    async with await connect(access(dsn), is_projector=True) as connection:
        engine = Engine(Desk(connection, NAMES), projections, limits or Limits())
        await engine.prepare()
        yield engine


@asynccontextmanager
async def reading(dsn):
    async with await connect(access(dsn)) as connection:
        yield connection


class Writer:
    """Appends events of any topic; versions follow by themselves."""

    def __init__(self, dsn):
        self._connection = psycopg.connect(dsn, autocommit=True)
        self._connection.execute(sql.SQL("set search_path = {}, pg_temp").format(sql.Identifier(SCHEMA)))
        self.versions = {}

    def close(self):
        self._connection.close()

    def append(self, *events):
        """Each event: (stream, topic, state bytes, occurred_at or None). One commit; the position of the last."""
        rows = tuple(self._row(*event) for event in events)
        answer = self._connection.execute(
            STATEMENTS["append"], arguments([Parcel(None, bytes(32), rows)])
        ).fetchone()
        assert answer[0] == "appended"
        return answer[2]

    def _row(self, stream, topic, state, occurred_at=None):
        version = self.versions[stream] = self.versions.get(stream, 0) + 1
        return Row(stream, version, topic, occurred_at or datetime.now(UTC), state)


def told(**fact):
    """The stored state of an event."""
    return canonical({"envelope": {}, "fact": fact})


TALLY_VIEW = """
select stream, left(fact ->> 'word', 1) as letter, count(*) as events, sum((fact ->> 'n')::bigint) as n
from effective_events
where stream >= 'note:' and stream < 'note;'
group by stream, letter
"""
LETTERS_VIEW = "select letter, sum(events) as events, sum(n) as n from tally group by letter"


def a_tally(view=TALLY_VIEW):
    """A row for each stream and letter: how many events stand, and what they add up to."""
    table = "create index tally_stream on tally (stream); create index tally_letter on tally (letter);"
    return Projection(name="tally", view=view, table=table, key="stream", kinds=("note",))


def the_letters(tally, view=LETTERS_VIEW):
    """Stands on the tally: a row for each letter."""
    return Projection(
        name="letters",
        view=view,
        table="alter table letters add constraint letters_letter_key primary key (letter);",
        key="letter",
        needs=(Need("tally", via="letter"),),
        hash_by_need={"tally": tally.hash},
    )


def the_whole(tally):
    """Stands on the tally, and any change of it touches all."""
    return Projection(
        name="whole",
        view="select count(*) as streams, sum(n) as n from tally",
        table="",
        key="streams",
        needs=(Need("tally"),),
        is_whole=True,
        hash_by_need={"tally": tally.hash},
    )


def three(view=TALLY_VIEW):
    tally = a_tally(view)
    return tally, the_letters(tally), the_whole(tally)


async def rows_of(connection, name):
    """All rows, as a multiset."""
    cursor = await connection.execute(sql.SQL("select * from {}").format(sql.Identifier(name)))
    return Counter(await cursor.fetchall())
