"""A small aggregate of the tests' own, so that tests of the store depend on no rule: notes that are written down."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar, Final
from uuid import uuid4

import psycopg
from psycopg import sql
from pydantic import JsonValue

from domain.grammar import ORDINARY, Actor, Aggregate, Duty, Envelope, Fact
from domain.log import Entry, Submission
from domain.store.county import Store
from domain.store.mapper import stored_state
from tests.templates import make_county
from tests.waiting import until

COUNTY: Final = "qingxi"
CLERK: Final = Actor(
    staff_id="S-01", post_id="P-01", window_id="W-01", unit_code="U-01", role="clerk", duty=Duty.a
)
MORNING: Final = datetime(2026, 3, 2, 1, 30, 0, 123456, tzinfo=UTC)


class Noted(Fact):
    TOPIC: ClassVar[str] = "note.noted.v1"
    LABEL: ClassVar[str] = "记"

    text: str = ""
    document: JsonValue = None


class Struck(Fact):
    TOPIC: ClassVar[str] = "note.struck.v1"
    LABEL: ClassVar[str] = "划去"


NOTE: Final[Aggregate[int]] = Aggregate(
    "note", 0, lambda *_: None, lambda state, *_: state + 1, (Noted, Struck)
)


def envelope(correlation="-", occurred_at=MORNING):
    return Envelope(occurred_at=occurred_at, actor=CLERK, circumstances=ORDINARY, correlation=correlation)


def noted(stream, version, text="", *, key=None, body=b"", document=None):
    """A submission of one note, from a command of its own."""
    return written(
        [Entry(stream, version, Noted(text=text, document=document), envelope(uuid4().hex))], key, body
    )


def notes(stream, first, count, *, key=None, body=b""):
    """A submission of several notes."""
    about = envelope(uuid4().hex)
    return written(
        [Entry(stream, first + n, Noted(text=f"{first + n}"), about) for n in range(count)], key, body
    )


def written(entries, key=None, body=b""):
    return Submission(key, sha256(body).digest(), tuple(entries))


def new_stream():
    return f"note:{uuid4().hex}"


@asynccontextmanager
async def open_store(dsn, *, through=None, **options):
    """The county's store, made where it is missing; `through`: another way to the same database."""
    make_county(dsn, COUNTY)
    async with Store.open(through or dsn, COUNTY, [NOTE], **options) as store:
        yield store


def in_county(dsn, *, role=None):
    """A connection in the county's schema, as superuser or in a role; commits each statement."""
    connection = psycopg.connect(dsn, autocommit=True)
    connection.execute(sql.SQL("set search_path = {}, pg_temp").format(sql.Identifier(COUNTY)))
    if role:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    return connection


APPEND: Final = "select * from append(%s::text[], %s::bytea[], %s::int[], %s::text[], %s::bigint[], %s::text[], %s::timestamptz[], %s::bytea[])"


def append_notes(connection, stream, versions, *, key=None, digest=b""):
    """One command of notes through the SQL function; its verdict's row."""
    count = len(versions)
    return connection.execute(
        APPEND,
        (
            [key],
            [digest],
            [count],
            [stream] * count,
            list(versions),
            ["note.noted.v1"] * count,
            [MORNING] * count,
            [stored_state(Noted(), envelope())] * count,
        ),
    ).fetchone()


async def under_way(dsn, batches=1):
    """Returns when so many batches wait for the county's writer lock."""
    await until(lambda: waiting_for_the_lock(dsn) == batches)


def waiting_for_the_lock(dsn):
    with in_county(dsn) as connection:
        return connection.execute(
            """
            select count(*)
            from pg_locks
            join pg_database on pg_database.oid = pg_locks.database
            where locktype = 'advisory' and not granted and datname = current_database()
            """
        ).fetchone()[0]
