"""Durable append, one process, against pgbench: 16 clients that each insert and commit one row of the same form.

Both write to the same server in turns: rows with the same columns, constraints and indexes, the same stream names
and the same state. Ours goes the whole way from facts to the receipt; pgbench is given its rows ready-made.
"""

import asyncio
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Final
from uuid import uuid4

import psycopg
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.aggregates import AGGREGATES
from domain.case.steps.events import StepCompleted
from domain.grammar import ORDINARY, Actor, Duty, Envelope
from domain.log import Entry, Submission
from domain.proof.note import Signer
from domain.proof.signing import ProcessSigner
from domain.store import schema
from domain.store.county import Store
from domain.store.mapper import stored_state
from ops.benchmarks.table import Latency, Row
from ops.embedded import EmbeddedPostgres
from ops.embedded.binaries import wheel_bin_dir

ROUNDS: Final = 5
SECONDS: Final = 3.0
WARM_UP_SECONDS: Final = 1.0
AT_LEAST_BY_CALLERS: Final = {64: 1.0, 256: 1.5}
CALLERS: Final = (1, 16, 64, 256)
EVENTS_OF_A_CASE: Final = 10
PGBENCH_CLIENTS: Final = 16
COUNTY: Final = "benchmark"
TPS: Final = re.compile(r"tps = ([0-9.]+)")

FACT: Final = StepCompleted(step_code="CB", step_title="承办", opinion="材料齐全,同意上报审核。")
ENVELOPE: Final = Envelope(
    occurred_at=datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
    actor=Actor(staff_id="G0021", post_id="CX-ZRZY-CB", unit_code="CX-ZRZY", role="handler", duty=Duty.a),
    circumstances=ORDINARY,
    correlation="4a7d1ed414474e4033ac29ccb8653d9b",
)
DIGEST: Final = sha256(b"").digest()


@dataclass(slots=True)
class Measured:
    """What one load saw; latencies in seconds."""

    seconds: float
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile_ms(self, percent: int) -> float:
        return quantiles(self.latencies, n=100)[percent - 1] * 1000


def measure(postgres: EmbeddedPostgres) -> tuple[list[Row], list[Latency]]:
    dsn = _fresh_database(postgres)
    schema.create(dsn, COUNTY)
    _make_reference(dsn)
    return uvloop.run(_measure(dsn))


async def _measure(dsn: str) -> tuple[list[Row], list[Latency]]:
    async with Store.open(dsn, COUNTY, AGGREGATES, signer=_signer()) as store:
        await _load(store, max(CALLERS), WARM_UP_SECONDS)
        await asyncio.to_thread(_pgbench, dsn, WARM_UP_SECONDS)
        rounds: dict[int, list[Measured]] = {callers: [] for callers in CALLERS}
        reference = []
        for _ in range(ROUNDS):
            for callers in CALLERS:
                rounds[callers].append(await _load(store, callers, SECONDS))
            reference.append(await asyncio.to_thread(_pgbench, dsn, SECONDS))
    rows = [_row(callers, rounds[callers], reference) for callers in AT_LEAST_BY_CALLERS]
    return rows, [_latency(callers, rounds[callers]) for callers in CALLERS]


def _signer() -> ProcessSigner:
    """As a server signs what it records."""
    return ProcessSigner("benchmark", Signer("benchmark/process", Ed25519PrivateKey.generate()))


def _row(callers: int, rounds: Sequence[Measured], reference: Sequence[float]) -> Row:
    return Row(
        f"durable append, {callers} callers, one process",
        f"pgbench, {PGBENCH_CLIENTS} clients, one row a commit",
        "events/s",
        [measured.per_second for measured in rounds],
        reference,
        AT_LEAST_BY_CALLERS[callers],
    )


def _latency(callers: int, rounds: Sequence[Measured]) -> Latency:
    return Latency(
        "durable append",
        callers,
        median(measured.percentile_ms(50) for measured in rounds),
        median(measured.percentile_ms(99) for measured in rounds),
        median(measured.per_second for measured in rounds),
    )


async def _load(store: Store, callers: int, seconds: float) -> Measured:
    """Each caller appends to its case, waits for the receipt, appends again; after ten events, to a new case."""
    latencies: list[float] = []
    began = perf_counter()

    async def append_until(end: float) -> None:
        stream = ""
        for n in count():
            sent = perf_counter()
            if sent > end:
                return
            version = n % EVENTS_OF_A_CASE + 1
            stream = f"case:{uuid4().hex}" if version == 1 else stream
            await store.log.append(Submission(None, DIGEST, (Entry(stream, version, FACT, ENVELOPE),)))
            latencies.append(perf_counter() - sent)

    await asyncio.gather(*(append_until(began + seconds) for _ in range(callers)))
    return Measured(perf_counter() - began, latencies)


def _fresh_database(postgres: EmbeddedPostgres) -> str:
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("create database append_benchmark")
    return make_conninfo(postgres.dsn, dbname="append_benchmark")


def _make_reference(dsn: str) -> None:
    """A table like ours in everything, and a source of positions."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create table reference (like {} including all)").format(sql.Identifier(COUNTY, "events"))
        )
        connection.execute("create sequence reference_position")


def _script() -> str:
    values = {
        "topic": FACT.TOPIC,
        "occurred_at": ENVELOPE.occurred_at.isoformat(),
        "state": f"\\x{stored_state(FACT, ENVELOPE).hex()}",
        "signature": f"\\x{bytes(64).hex()}",
    }
    return (
        sql.SQL(
            "insert into reference (position, stream, version, topic, occurred_at, recorded_at, state, signature) values"
            " (nextval('reference_position'), 'case:' || replace(gen_random_uuid()::text, '-', ''), 1,"
            " {topic}, {occurred_at}, clock_timestamp(), {state}, {signature});\n"
        )
        .format(**{name: sql.Literal(value) for name, value in values.items()})
        .as_string(None)
    )


def _pgbench(dsn: str, seconds: float) -> float:
    """Commits a second."""
    parts = conninfo_to_dict(dsn)
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "insert.sql"
        script.write_text(_script(), encoding="utf-8")
        command: list[str | Path] = [
            *(wheel_bin_dir() / "pgbench", "--no-vacuum", "--protocol=prepared", f"--file={script}"),
            *(f"--client={PGBENCH_CLIENTS}", "--jobs=2", f"--time={max(1, round(seconds))}"),
            *("-h", str(parts["host"]), "-p", str(parts.get("port", 5432)), "-U", str(parts["user"])),
            str(parts["dbname"]),
        ]
        environment = {"PGPASSWORD": str(parts["password"])}
        report = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    found = TPS.search(report)
    if found is None:
        raise RuntimeError(f"pgbench said nothing of its speed: {report}")
    return float(found[1])
