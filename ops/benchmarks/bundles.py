"""The evidence bundle of a case of ten events out of a million: read, proved and packed.

The rows and the tree over them are written straight into the tables, every fiftieth a statement of a witness; the keys, the root
of case heads and the checkpoint above are made as a served county makes them. JIANDU_BENCH_EVENTS names another size.
"""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from domain.aggregates import AGGREGATES
from domain.evidence.bundle import bundle
from domain.store import schema
from domain.store.county import Store
from domain.store.evidence import COSIGNED_STREAM, EvidenceReader
from ops.benchmarks import sealed_log
from ops.benchmarks.table import Latency, Row
from ops.benchmarks.verifying import COUNTY, OF_A_CASE, fill
from ops.embedded import EmbeddedPostgres
from ops.settings import Settings
from ops.signing import default_origin, take_up_keys
from ops.verify.rows import Source

EVENTS: Final = int(os.environ.get("JIANDU_BENCH_EVENTS", "1000000").rpartition(",")[2])
"""Where several sizes are named, the last."""
CASES: Final = 100
AT_MOST_MS: Final = 250.0
APART: Final = 50
"""So many events lie between two statements of a witness; those cases are not taken that lack one for it."""
_COSIGN: Final = """
update {events}
set stream = {stream},
    version = position / {apart},
    topic = 'checkpoint.cosigned.v1',
    state = convert_to(
        '{{"fact":{{"lines":[],"origin":"","root":"","size":' || position - 1 || '}}}}', 'UTF8'
    )
where position % {apart} = 0
"""


def measure(postgres: EmbeddedPostgres) -> tuple[list[Row], list[Latency]]:
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("create database bundles")
    dsn = make_conninfo(postgres.dsn, dbname="bundles")
    schema.create(dsn, COUNTY)
    with tempfile.TemporaryDirectory(prefix="jiandu-bench-keys-") as folder:
        seconds = asyncio.run(_measured(dsn, Settings(county=COUNTY, keys_dir=Path(folder))))
    taken = Latency(
        f"evidence bundle of {OF_A_CASE} events out of {EVENTS:,}",
        1,
        median(seconds) * 1000,
        quantiles(seconds, n=100)[98] * 1000,
        len(seconds) / sum(seconds),
        AT_MOST_MS,
    )
    return [], [taken]


async def _measured(dsn: str, chosen: Settings) -> list[float]:
    async with Store.open(dsn, COUNTY, AGGREGATES) as store:
        await take_up_keys(store, chosen)
        await asyncio.to_thread(_fill, dsn, await store.events.last_position() + 1)
        await sealed_log.seal(store, Source(dsn, COUNTY, default_origin(COUNTY)), EVENTS, chosen)
        return await _taken(EvidenceReader(store.seal))


def _fill(dsn: str, first: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        fill(connection, first, EVENTS, begun=0, at_a_time=1)
        events = sql.Identifier(COUNTY, "events")
        stream, apart = sql.Literal(COSIGNED_STREAM), sql.Literal(APART)
        connection.execute(sql.SQL("alter table {} disable trigger events_stand").format(events))
        connection.execute(sql.SQL(_COSIGN).format(events=events, stream=stream, apart=apart))
        connection.execute(sql.SQL("vacuum analyze {}").format(events))


async def _taken(reader: EvidenceReader) -> list[float]:
    """The seconds of each, after one that fills the caches of nobody's case."""
    dice = Random(1)  # noqa: S311  — which cases, not a secret
    cases = [case for case in range(1, EVENTS // OF_A_CASE - 1) if case * OF_A_CASE % APART]
    streams = [_stream(case) for case in dice.sample(cases, CASES + 1)]
    seconds = [await _one(reader, stream) for stream in streams]
    return seconds[1:]


def _stream(case: int) -> str:
    return f"case:6109991010{case:016d}"


async def _one(reader: EvidenceReader, stream: str) -> float:
    began = perf_counter()
    found = await reader.of(stream)
    _expect_whole(found.case)
    bundle(found)
    return perf_counter() - began


def _expect_whole(case: Sequence[object]) -> None:
    if len(case) != OF_A_CASE:
        raise RuntimeError(f"a bundle of {len(case)} events")
