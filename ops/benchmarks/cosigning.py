"""How long after its commit an event is cosigned: recorded, sealed, shown to a witness in a process of its own, answered.

Two hundred events a second, as with the seal; the witness listens on 127.0.0.1. Asked as often as a county asks that sets nothing,
and as often as it can be set: what is left then is the way itself.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import psycopg
import uvloop
from psycopg.conninfo import make_conninfo

from domain.aggregates import AGGREGATES
from domain.proof.note import COSIGNATURE
from domain.proof.policy import Policy
from domain.proof.signing import Use
from domain.store import schema
from domain.store.county import Store
from domain.store.key_files import KeyFiles
from ops.benchmarks.lag import Sight, lags
from ops.benchmarks.seal import COUNTY, LOOK_EVERY_SECONDS, PER_SECOND, a_sealer, record
from ops.benchmarks.table import Latency, Row
from ops.embedded import EmbeddedPostgres
from ops.settings import Settings
from ops.signing import take_up_keys
from ops.witness import keys
from ops.witnesses.keeping import Witnessed, keep_witnessed
from ops.witnesses.metrics import WitnessMetrics

OFTEN_SECONDS: Final = 1
TURNS: Final = 3
"""So many times the witness is asked, at least, while events are recorded."""
LEAST_SECONDS: Final = 12.0
CATCH_UP_SECONDS: Final = 60.0
AT_MOST_SECONDS_LONGER: Final = 5
"""Than the county lets pass between two questions: a second until it is sealed, one until somebody looks, and the way."""
LOOK: Final = """
select
    coalesce((select max(position) from sealed.events), 0),
    coalesce((select min(size) from sealed.witnesses), 0)
"""
_READY: Final = re.compile(r"The witness is ready: (\S+)/")


def measure(postgres: EmbeddedPostgres) -> tuple[list[Row], list[Latency]]:
    every = Settings.model_fields["witness_seconds"].default
    return [], [_measured(postgres, seconds) for seconds in (every, OFTEN_SECONDS)]


def _measured(postgres: EmbeddedPostgres, every_seconds: int) -> Latency:
    database = f"cosigning_{every_seconds}"
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"create database {database}")
    dsn = make_conninfo(postgres.dsn, dbname=database)
    schema.create(dsn, COUNTY)
    with tempfile.TemporaryDirectory(prefix="jiandu-bench-keys-") as folder:
        behind = lags(uvloop.run(_sights(dsn, Path(folder), every_seconds)))
    return Latency(
        f"from commit to cosignature, {PER_SECOND} events/s, a witness asked every {every_seconds} s",
        1,
        median(behind) * 1000,
        quantiles(behind, n=100)[98] * 1000,
        PER_SECOND,
        (every_seconds + AT_MOST_SECONDS_LONGER) * 1000,
    )


async def _sights(dsn: str, folder: Path, every_seconds: int) -> list[Sight]:
    own = Settings(county=COUNTY, keys_dir=folder)
    async with Store.open(dsn, COUNTY, AGGREGATES) as store:
        await take_up_keys(store, own)
        with _a_witness(folder) as policy, a_sealer(dsn, folder):
            asking = {"witness_policy": policy, "witness_seconds": every_seconds}
            keeping = asyncio.create_task(
                keep_witnessed(
                    dsn,
                    store,
                    Witnessed(own.model_copy(update=asking)),
                    Policy.from_bytes(policy.read_bytes()),
                    WitnessMetrics(COUNTY, store.metrics),
                )
            )
            try:
                await asyncio.to_thread(_wait_until_cosigned, dsn)
                return await _recorded(store, dsn, max(LEAST_SECONDS, TURNS * every_seconds))
            finally:
                keeping.cancel()
                with suppress(asyncio.CancelledError):
                    await keeping


async def _recorded(store: Store, dsn: str, seconds: float) -> list[Sight]:
    """Up to the last event of the load: what the witness's answers add to the log would never end."""
    last = Future[int]()
    watching = asyncio.create_task(asyncio.to_thread(_watched, dsn, last, seconds + CATCH_UP_SECONDS))
    await record(store, seconds)
    last.set_result(await store.events.last_position())
    return await watching


def _watched(dsn: str, last: Future[int], at_most_seconds: float) -> list[Sight]:
    """Raises RuntimeError where the last event is not cosigned in time."""
    sights, end = list[Sight](), time.monotonic() + at_most_seconds
    with psycopg.connect(dsn, autocommit=True) as connection:
        while time.monotonic() < end:
            head, cosigned = connection.execute(LOOK).fetchone() or (0, 0)
            upto = last.result() if last.done() else head
            sights.append((time.monotonic(), min(head, upto), cosigned))
            if last.done() and cosigned >= upto:
                return sights
            time.sleep(LOOK_EVERY_SECONDS)
    raise RuntimeError("the end of the log was never cosigned")


def _wait_until_cosigned(dsn: str) -> None:
    end = time.monotonic() + CATCH_UP_SECONDS
    with psycopg.connect(dsn, autocommit=True) as connection:
        while time.monotonic() < end:
            _, cosigned = connection.execute(LOOK).fetchone() or (0, 0)
            if cosigned:
                return
            time.sleep(LOOK_EVERY_SECONDS)
    raise RuntimeError("nothing was cosigned")


@contextmanager
def _a_witness(folder: Path) -> Iterator[Path]:
    """A witness at work, that trusts the log whose keys lie in `folder`; the policy that names both."""
    (log,) = KeyFiles(folder).of(Use.log)
    own = folder / "witness"
    own.mkdir()
    witness = keys.create(own / "key", "witness.example").key(COSIGNATURE)
    (own / "logs").write_text(f"log {log.key.vkey()}\nquorum none\n")
    words = [sys.executable, "-m", "ops.witness", "serve", str(own), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            told = process.stdout.readline() if process.stdout else ""
            if (ready := _READY.search(told)) is None:
                raise RuntimeError(f"the witness said {told!r}")
            policy = folder / "policy"
            policy.write_text(f"log {log.key.vkey()}\nwitness one {witness.vkey()} {ready[1]}\nquorum one\n")
            yield policy
        finally:
            process.terminate()
