"""The seal under a hall's load: what it costs whoever records, and how far it is behind.

Two hundred events a second are recorded at their times, whoever is late; a sealing process on the same database is let go
on and held still (SIGSTOP) by turns. The turns are short and many, and each of the two begins as often as the other: a disk that
slows down for ten seconds then slows both. Rows of the budget: the median latency of recording with and without sealing, in one
run; how long after its commit an event is sealed.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Final
from uuid import uuid4

import psycopg
import uvloop
from psycopg.conninfo import make_conninfo

from domain.aggregates import AGGREGATES
from domain.log import Entry, Submission
from domain.store import schema
from domain.store.county import Store
from ops.benchmarks.append import DIGEST, ENVELOPE, FACT
from ops.benchmarks.lag import Sight, lags
from ops.benchmarks.table import Latency, Row
from ops.embedded import EmbeddedPostgres
from ops.settings import Settings
from ops.signing import take_up_keys

COUNTY: Final = "sealed"
PER_SECOND: Final = 200
ROUNDS: Final = 16
SECONDS: Final = 1.5
WARM_UP_SECONDS: Final = 1.0
CATCH_UP_SECONDS: Final = 60.0
LOOK_EVERY_SECONDS: Final = 0.01
AT_LEAST: Final = 1 / 1.05
"""At most five hundredths slower."""
AT_MOST_MS: Final = 1000.0
LOOK: Final = "select coalesce((select max(position) from sealed.events), 0), (select size from sealed.seal)"


def measure(postgres: EmbeddedPostgres) -> tuple[list[Row], list[Latency]]:
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("create database seal_benchmark")
    dsn = make_conninfo(postgres.dsn, dbname="seal_benchmark")
    schema.create(dsn, COUNTY)
    with tempfile.TemporaryDirectory(prefix="jiandu-bench-keys-") as folder:
        return uvloop.run(_measure(dsn, Path(folder)))


async def _measure(dsn: str, folder: Path) -> tuple[list[Row], list[Latency]]:
    alone, sealed, sights = list[float](), list[float](), list[Sight]()
    async with Store.open(dsn, COUNTY, AGGREGATES) as store:
        await take_up_keys(store, Settings(county=COUNTY, keys_dir=folder))
        with a_sealer(dsn, folder) as sealer:
            await record(store, WARM_UP_SECONDS)
            for n in range(ROUNDS):
                for is_sealing in (True, False) if n % 2 else (False, True):
                    await asyncio.to_thread(_wait_until_sealed, dsn)
                    taken = (
                        await _sealed(store, dsn, sights) if is_sealing else await _alone(store, dsn, sealer)
                    )
                    (sealed if is_sealing else alone).append(taken)
    behind = lags(sights)
    row = Row(
        f"recording at {PER_SECOND} events/s while it is sealed, 1 / p50",
        "the same while nobody seals",
        "/s",
        [1 / seconds for seconds in sealed],
        [1 / seconds for seconds in alone],
        AT_LEAST,
    )
    lag = Latency(
        f"the seal behind the log, {PER_SECOND} events/s",
        1,
        median(behind) * 1000,
        quantiles(behind, n=100)[98] * 1000,
        PER_SECOND,
        AT_MOST_MS,
    )
    return [row], [lag]


async def _sealed(store: Store, dsn: str, sights: list[Sight]) -> float:
    """The median of a turn in which it is sealed; what is seen of the seal stands behind `sights`."""
    with _watched(dsn, sights, until_sealed=True):
        return median(await record(store, SECONDS))


async def _alone(store: Store, dsn: str, sealer: subprocess.Popen[bytes]) -> float:
    sealer.send_signal(signal.SIGSTOP)
    try:
        with _watched(dsn, [], until_sealed=False):  # whoever looks costs both the same
            return median(await record(store, SECONDS))
    finally:
        sealer.send_signal(signal.SIGCONT)


async def record(store: Store, seconds: float) -> list[float]:
    """Each event at its time, though those before it wait; the seconds until its receipt."""
    began, tasks = time.perf_counter(), list[asyncio.Task[float]]()
    while (due := len(tasks) / PER_SECOND) < seconds:
        await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
        tasks.append(asyncio.create_task(_recorded(store)))
    return list(await asyncio.gather(*tasks))


async def _recorded(store: Store) -> float:
    """The first event of a new case: nobody waits for another's version."""
    sent = time.perf_counter()
    entry = Entry(f"case:{uuid4().hex}", 1, FACT, ENVELOPE)
    await store.log.append(Submission(None, DIGEST, (entry,)))
    return time.perf_counter() - sent


@contextmanager
def a_sealer(dsn: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = {"JIANDU_DATABASE_URL": dsn, "JIANDU_COUNTY": COUNTY, "JIANDU_KEYS_DIR": str(folder)}
    words = [sys.executable, "-m", "ops.command", "seal", "keep"]
    with subprocess.Popen(words, env=os.environ | settings, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_until_sealed(dsn)
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()


def _wait_until_sealed(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        end = time.monotonic() + CATCH_UP_SECONDS
        while time.monotonic() < end:
            head, size = _look(connection)
            if size == head:
                return
            time.sleep(LOOK_EVERY_SECONDS)
    raise RuntimeError("the log is not sealed")


@contextmanager
def _watched(dsn: str, sights: list[Sight], *, until_sealed: bool) -> Iterator[None]:
    is_over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(dsn, sights, is_over, until_sealed))
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


def _watch(dsn: str, sights: list[Sight], is_over: threading.Event, until_sealed: bool) -> None:
    """Until the load is over and, where it is, all of it is sealed."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        end = time.monotonic() + SECONDS + CATCH_UP_SECONDS
        while time.monotonic() < end:
            head, size = _look(connection)
            sights.append((time.monotonic(), head, size))
            if is_over.is_set() and (size == head or not until_sealed):
                return
            time.sleep(LOOK_EVERY_SECONDS)
    raise RuntimeError("the seal never reached the end of the log")


def _look(connection: psycopg.Connection[tuple[int, int]]) -> Sequence[int]:
    return connection.execute(LOOK).fetchone() or (0, 0)
