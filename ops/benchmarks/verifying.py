"""`jiandu verify` against plain SHA-256 of the same bytes.

What is hashed against: the same rows, as PostgreSQL sends them, through one SHA-256. Signatures are not in it: they cost
fifty times a hash, and are checked where no witness vouches for the rows.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from time import perf_counter
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.benchmarks.table import Latency, Row
from ops.embedded import EmbeddedPostgres
from ops.migrate import bring_up_to_date
from ops.verify import inspection
from ops.verify.rows import Source
from ops.verify.tree import Tree

DATABASE: Final = "verifying"
COUNTY: Final = "county"
EVENTS: Final = 1_000_000
OF_A_CASE: Final = 10
ROUNDS: Final = 5
"""Odd, and the two change who begins: what grows slower or quicker meanwhile grows so for both."""
AT_LEAST: Final = 0.5
BEGAN: Final = datetime(2026, 1, 5, tzinfo=UTC)
_FILL: Final = """
insert into {events} (position, stream, version, topic, occurred_at, recorded_at, state, signature)
select
    n,
    'case:6109991010' || lpad((n / {of_a_case})::text, 16, '0'),
    n % {of_a_case} + 1,
    'case.forwarded_to_station.v1',
    {began} + n * interval '1 second',
    {began} + n * interval '1 second',
    convert_to('{{"envelope":' || repeat('"办理意见 ' || n || '"', 20) || '}}', 'UTF8'),
    sha256(n::text::bytea) || sha256(n::text::bytea)
from generate_series({first}, {last}) as given (n)
"""


def measure(postgres: EmbeddedPostgres) -> tuple[list[Row], list[Latency]]:
    source = _filled(postgres)
    size = _plainly(source)
    measured, referred = list[float](), list[float]()
    turns = [(referred, lambda: _plainly(source)), (measured, lambda: _recomputed(source))]
    for n in range(ROUNDS):
        for speeds, work in turns if n % 2 else reversed(turns):
            speeds.append(size / _seconds(work))
    row = Row(
        "jiandu verify: every leaf, the tree, versions, times",
        "plain SHA-256 over the same rows",
        "MB/s",
        [each / 1e6 for each in measured],
        [each / 1e6 for each in referred],
        AT_LEAST,
    )
    return [row], []


def _filled(postgres: EmbeddedPostgres) -> Source:
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
    dsn = make_conninfo(postgres.dsn, dbname=DATABASE)
    bring_up_to_date(dsn, COUNTY)
    with psycopg.connect(dsn, autocommit=True) as connection:
        fill(connection, 1, EVENTS)
        connection.execute(sql.SQL("vacuum analyze {}").format(sql.Identifier(COUNTY, "events")))
        connection.execute("checkpoint")
    os.sync()  # or the disk would be written to in the turns of the one or of the other
    return Source(dsn, COUNTY, "jiandu.local/county")


def fill(connection: psycopg.Connection, first: int, last: int) -> None:
    """Events at these positions; no process has signed them."""
    statement = sql.SQL(_FILL).format(
        events=sql.Identifier(COUNTY, "events"),
        of_a_case=sql.Literal(OF_A_CASE),
        began=sql.Literal(BEGAN),
        first=sql.Literal(first),
        last=sql.Literal(last),
    )
    connection.execute(statement)


def _plainly(source: Source) -> int:
    """As anybody would write it: how many bytes were hashed."""
    digest, size, events = sha256(), 0, sql.Identifier(source.schema, "events")
    copy = sql.SQL("copy (select * from {} order by position) to stdout (format binary)").format(events)
    with (
        psycopg.connect(source.dsn) as connection,
        connection.cursor() as cursor,
        cursor.copy(copy) as told,
    ):
        for row in told:
            digest.update(row)
            size += len(row)
    return size


def _recomputed(source: Source) -> bytes:
    stretches = inspection.read(source, EVENTS)
    tree = Tree(b"".join(s.hashes for s in stretches), [root for s in stretches for root in s.roots])
    return tree.root(EVENTS)


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began
