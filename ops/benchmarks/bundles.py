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
from domain.attestation import HEADS
from domain.evidence.bundle import bundle
from domain.proof.checkpoint import Checkpoint
from domain.proof.growing import grow
from domain.proof.note import Note
from domain.proof.signing import Use
from domain.proof.tree import CompactRange
from domain.store import Store, schema
from domain.store.attesting import Attester
from domain.store.connecting import Access
from domain.store.evidence import COSIGNED_STREAM, EvidenceReader
from domain.store.key_files import KeyFiles
from domain.store.schema import County
from domain.store.sealing import SealDesk, connect
from ops.benchmarks.table import Latency, Row
from ops.benchmarks.verifying import COUNTY, OF_A_CASE, fill
from ops.embedded import EmbeddedPostgres
from ops.heads import SEALER, Rooting
from ops.seal_memory import Signed, memory_of
from ops.sealing import Sealing
from ops.settings import Settings
from ops.signing import default_origin, take_up_keys
from ops.verify import inspection
from ops.verify.rows import Source
from ops.verify.tree import cut

EVENTS: Final = int(os.environ.get("JIANDU_BENCH_EVENTS", "1000000").rpartition(",")[2])
"""Where several sizes are named, the last."""
CASES: Final = 100
AT_MOST_MS: Final = 250.0
PORTION: Final = 65_536
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
        async with await connect(Access(dsn, County.named(COUNTY))) as connection:
            await connection.set_autocommit(True)
            desk = SealDesk(connection)
            await _seal(desk, dsn, chosen)
            await Rooting(desk, Attester(store.log, store.readers, HEADS, SEALER)).root()
            await Sealing(desk, KeyFiles(chosen.keys_folder), memory_of(chosen)).round()
        return await _taken(EvidenceReader(store.seal))


def _fill(dsn: str, first: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        fill(connection, first, EVENTS)
        events = sql.Identifier(COUNTY, "events")
        stream, apart = sql.Literal(COSIGNED_STREAM), sql.Literal(APART)
        connection.execute(sql.SQL("alter table {} disable trigger events_stand").format(events))
        connection.execute(sql.SQL(_COSIGN).format(events=events, stream=stream, apart=apart))
        connection.execute(sql.SQL("vacuum analyze {}").format(events))


async def _seal(desk: SealDesk, dsn: str, chosen: Settings) -> None:
    """Tiles, memory and checkpoint over the rows as they are: whose signatures they bear is not asked."""
    origin = default_origin(COUNTY)
    stretches = await asyncio.to_thread(inspection.read, Source(dsn, COUNTY, origin), EVENTS)
    tree, hashes = CompactRange(), cut(b"".join(stretch.hashes for stretch in stretches))
    async with desk.transaction():
        for begin in range(0, len(hashes), PORTION):
            await desk.write_pieces(grow(tree, hashes[begin : begin + PORTION]))
        text = Checkpoint(origin, tree.size, tree.root()).text()
        (key,) = KeyFiles(chosen.keys_folder).of(Use.log)
        await desk.advance(0, tree, Note(text, (key.signer().sign(text),)).to_bytes().decode())
    memory_of(chosen).remember(Signed(tree.size, tree.root()))


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
