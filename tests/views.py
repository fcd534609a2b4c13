"""The definitions of projections over the real log, and deeds recorded at the time they tell.

The rules decide every deed, through the Keeper; the log in memory takes the deed's own time for `recorded_at`, which
the real log never would. What it holds is then put into the real one: the views read real rows.
"""

from contextlib import asynccontextmanager, contextmanager

import psycopg
from psycopg import AsyncConnection, sql

from domain.application import Keeper
from domain.case import CASE
from domain.store.mapper import stored_state
from domain.store.memory import MemoryLog
from projections.calendar import CALENDAR
from projections.projection import STANDING_TEXTS
from projections.registry import PROJECTIONS
from tests.servers import fresh_database
from tests.spec import the_county
from tests.templates import make_county

COUNTY = "views"
CASE_NO = "61099910100020260303000017"
STREAM = f"case:{CASE_NO}"
DEFINITIONS = tuple(projection for projection in PROJECTIONS if projection is not CALENDAR)


@contextmanager
def defined_county(dsn):
    """A fresh county whose definitions stand as views; the calendar, which nothing here changes, as its table."""
    with fresh_database(dsn) as conninfo:
        make_county(conninfo, COUNTY)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(f"set search_path = {COUNTY}")
            for text in STANDING_TEXTS.values():
                connection.execute(text)
            _make(connection, "table", CALENDAR)
            connection.execute(CALENDAR.table)
            for projection in DEFINITIONS:
                _make(connection, "view", projection)
        yield conninfo


def _make(connection, kind, projection):
    name = sql.Identifier(projection.name)
    connection.execute(sql.SQL(f"create {kind} {{}} as ").format(name) + projection.definition, {})


@asynccontextmanager
async def in_views(conninfo):
    """A connection that sees the views; what is done over it is forgotten."""
    connection = await AsyncConnection.connect(conninfo)
    async with connection:
        await connection.execute(f"set search_path = {COUNTY}")
        yield connection
        await connection.rollback()


async def record(connection, *deeds, case_no=CASE_NO, catalogue=None):
    """Through the rules into the log, each deed recorded when it says; answers the case as its fold knows it."""
    keeper, events = await recorded(*deeds, case_no=case_no, catalogue=catalogue)
    await insert(connection, events)
    return (await keeper.load(CASE, case_no)).state


async def recorded(*deeds, case_no=CASE_NO, catalogue=None):
    """The keeper that let the deeds happen, and their events. Those of several cases belong into the log by the time of
    their recording: it is recorded in order."""
    log = MemoryLog(lambda: moment)
    keeper = Keeper(log, catalogue or the_county())
    for deed in deeds:
        moment = deed.recorded or deed.happened
        await keeper.handle(CASE, case_no, deed.command, deed.occasion, key=None, digest=b"")
    return keeper, log.events


async def insert(connection, events):
    async with connection.cursor() as cursor:
        await cursor.executemany(
            """
            insert into events (position, stream, version, topic, occurred_at, recorded_at, state)
            select coalesce(max(position), 0) + 1, %s, %s, %s, %s, %s, %s from events
            """,
            [
                (
                    event.stream,
                    event.version,
                    event.fact.TOPIC,
                    event.envelope.occurred_at,
                    event.recorded_at,
                    stored_state(event.fact, event.envelope),
                )
                for event in events
            ],
        )


async def look_back(connection, *, known_at=None, happened_by=None):
    """Everything asked from now on is answered as known, and as happened, by then."""
    for name, moment in (("known_at", known_at), ("happened_by", happened_by)):
        await connection.execute(
            "select set_config(%s, %s, true)", (f"jiandu.{name}", moment.isoformat() if moment else "")
        )
