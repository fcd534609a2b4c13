"""`jiandu verify` against plain SHA-256 of the same bytes.

What is hashed against: the same rows, as PostgreSQL sends them, through one SHA-256. Signatures are not in it: they cost
fifty times a hash, and are checked where no witness vouches for the rows. The other logs are sealed: there the whole of
`jiandu verify` is measured, down to the verdict, with what is remembered outside the database for the witness. In the
small one what is done once a run (a second process, its connection) still counts.
"""

import asyncio
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from domain.aggregates import AGGREGATES
from domain.evidence.verify import Trust
from domain.store.county import Store
from ops.benchmarks import sealed_log
from ops.benchmarks.table import Latency, Row
from ops.embedded import EmbeddedPostgres
from ops.evidence import public_keys
from ops.migrate import bring_up_to_date
from ops.seal_memory import memory_of
from ops.settings import Settings
from ops.signing import default_origin, take_up_keys
from ops.verify import hands, inspection
from ops.verify.inspection import Brought
from ops.verify.rows import Source
from ops.verify.tree import Tree

COUNTY: Final = "county"
EVENTS: Final = 1_000_000
OF_A_CASE: Final = 10
AT_A_TIME: Final = 1_000
"""Cases on the way in a county: the events of one stand as far apart as the others' are many."""
ROUNDS: Final = {EVENTS: 5, 200_000: 15}
"""Odd, and the two change who begins: what grows slower or quicker meanwhile grows so for both. More where a round is over in half a second."""
AT_LEAST: Final = 0.5
BEGAN: Final = datetime(2026, 1, 5, tzinfo=UTC)
_FILL: Final = """
insert into {events} (position, stream, version, topic, occurred_at, recorded_at, state, signature)
select
    n,
    'case:6109991010' || lpad((of_all / {of_some} * {at_a_time} + of_all % {at_a_time})::text, 16, '0'),
    of_all % {of_some} / {at_a_time} + 1,
    'case.forwarded_to_station.v1',
    {began} + n * interval '1 second',
    now() + n * interval '1 microsecond',
    convert_to('{{"envelope":' || repeat('"办理意见 ' || n || '"', 20) || '}}', 'UTF8'),
    sha256(n::text::bytea) || sha256(n::text::bytea)
from generate_series({first}, {last}) as given (n), lateral (select n - {begun}) as counted (of_all)
"""


def measure(postgres: EmbeddedPostgres) -> tuple[list[Row], list[Latency]]:
    bare = _filled(postgres)
    rows = [
        _compared(
            "jiandu verify: every leaf, the tree, versions, times", bare, lambda: _recomputed(bare), EVENTS
        )
    ]
    for events in ROUNDS:
        with tempfile.TemporaryDirectory(prefix="jiandu-bench-keys-") as folder:
            chosen = Settings(county=COUNTY, keys_dir=Path(folder))
            sealed, brought = asyncio.run(_sealed(postgres, chosen, events))
        what = f"jiandu verify of {events:,} sealed: tiles, checkpoints, heads too"
        rows.append(_compared(what, sealed, partial(_inspected, sealed, brought), events))
    return rows, []


def _compared(what: str, source: Source, check: Callable[[], object], events: int) -> Row:
    size = _plainly(source)
    measured, referred = list[float](), list[float]()
    turns = [(referred, lambda: _plainly(source)), (measured, check)]
    for n in range(ROUNDS[events]):
        for speeds, work in turns if n % 2 else reversed(turns):
            speeds.append(size / _seconds(work) / 1e6)
    return Row(what, "plain SHA-256 over the same rows", "MB/s", measured, referred, AT_LEAST)


def _filled(postgres: EmbeddedPostgres) -> Source:
    dsn = _database(postgres, "verifying")
    bring_up_to_date(dsn, COUNTY)
    _fill(dsn, 1, EVENTS)
    return Source(dsn, COUNTY, default_origin(COUNTY))


async def _sealed(postgres: EmbeddedPostgres, chosen: Settings, events: int) -> tuple[Source, Brought]:
    """Another log, and what whoever holds its keys' public halves and its seal's memory brings."""
    dsn = _database(postgres, f"verifying_sealed_{events}")
    bring_up_to_date(dsn, COUNTY)
    source = Source(dsn, COUNTY, default_origin(COUNTY))
    async with Store.open(dsn, COUNTY, AGGREGATES) as store:
        await take_up_keys(store, chosen)
        await asyncio.to_thread(_fill, dsn, await store.events.last_position() + 1, events)
        await sealed_log.seal(store, source, events, chosen)
    (log,), (process,) = public_keys(chosen, "log"), public_keys(chosen, "process")
    trust = Trust.read(f"log {log}\nquorum none\n", f"process {process} 1\n")
    remembered = memory_of(chosen).last()
    return source, Brought(trust, remembered=dict([remembered] if remembered else []))


def _database(postgres: EmbeddedPostgres, name: str) -> str:
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return make_conninfo(postgres.dsn, dbname=name)


def _fill(dsn: str, first: int, last: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        fill(connection, first, last, begun=first, at_a_time=AT_A_TIME)
        connection.execute(sql.SQL("vacuum analyze {}").format(sql.Identifier(COUNTY, "events")))
        connection.execute("checkpoint")
    os.sync()  # or the disk would be written to in the turns of the one or of the other


def fill(connection: psycopg.Connection, first: int, last: int, *, begun: int, at_a_time: int) -> None:
    """Events at these positions, that no process has signed: the first case begins at `begun`, and so many go on beside each other."""
    statement = sql.SQL(_FILL).format(
        events=sql.Identifier(COUNTY, "events"),
        of_some=sql.Literal(OF_A_CASE * at_a_time),
        at_a_time=sql.Literal(at_a_time),
        begun=sql.Literal(begun),
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
    stretches = hands.read(source, EVENTS)
    tree = Tree(b"".join(s.hashes for s in stretches), [root for s in stretches for root in s.roots])
    return tree.root(EVENTS)


def _inspected(source: Source, brought: Brought) -> None:
    verdict = inspection.inspect(source, brought)
    if not verdict.is_good:
        raise RuntimeError(f"the benchmark's log is not whole: {verdict.troubles[:3]}")


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began
