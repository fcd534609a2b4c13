"""How far the views are behind the log while actions are recorded, 64 connections at a time: as fast as they come, and at
rates that leave the machine some room.

`jiandu serve` does both. Somebody else looks, a hundred times a second, where the log ends and where the last of all
views stands: an event is behind until the last view holds it.
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from itertools import cycle
from statistics import median, quantiles
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo

from ops.benchmarks import load
from ops.benchmarks.http_path import CONNECTIONS, Maker, Server, served
from ops.benchmarks.table import Latency, Row
from ops.embedded import EmbeddedPostgres

DATABASE: Final = "lag"
SECONDS: Final = 15.0
WARM_UP_SECONDS: Final = 3.0
CATCH_UP_SECONDS: Final = 60.0
LOOK_EVERY_SECONDS: Final = 0.01
AT_MOST_MS: Final = 1000.0
CASES_BY_RATE: Final = {None: 2600, 500.0: 1000, 200.0: 400}
"""New cases for each rate of actions a second, None: as fast as they come. So many that a case goes on to eleven events, as a
year's cases of `jiandu demo` do; what an event costs the views grows with the case."""
LOOK: Final = """
select
    coalesce((select max(position) from county.events), 0),
    (select min(position) from county_views.projections)
"""

Sight = tuple[float, int, int]
"""When, where the log ended, where the last view stood."""


def measure(postgres: EmbeddedPostgres) -> tuple[list[Row], list[Latency]]:
    with served(postgres, DATABASE) as server:
        dsn = make_conninfo(postgres.dsn, dbname=DATABASE)
        return [], [
            _latency(server.renewed(f"at-{rate}-", cases), dsn, rate) for rate, cases in CASES_BY_RATE.items()
        ]


def _latency(server: Server, dsn: str, rate: float | None) -> Latency:
    _wait_until_built(dsn)
    began, used = time.monotonic(), time.process_time()
    measured, sights = _loaded(server, dsn, rate)
    share = (time.process_time() - used) / (time.monotonic() - began)
    behind = lags(sights)
    pace = "as fast as they come" if rate is None else f"{rate:.0f} a second"
    return Latency(
        f"the last view behind the log, actions over HTTP {pace}; the callers took {share:.0%} of a processor",
        CONNECTIONS,
        median(behind) * 1000,
        quantiles(behind, n=100)[98] * 1000,
        measured.per_second,
        AT_MOST_MS,
    )


def _wait_until_built(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        end = time.monotonic() + CATCH_UP_SECONDS
        while time.monotonic() < end:
            head, last = _look(connection)
            if last == head:
                return
            time.sleep(0.1)
    raise RuntimeError("the views are not built")


def _loaded(server: Server, dsn: str, rate: float | None) -> tuple[load.Measured, list[Sight]]:
    makers = _makers(server)
    asyncio.run(load.run(server.port, makers, seconds=WARM_UP_SECONDS, per_second=rate))
    sights: list[Sight] = []
    is_over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(dsn, sights, is_over))
    watcher.start()
    try:
        measured = asyncio.run(load.run(server.port, makers, seconds=SECONDS, per_second=rate))
    finally:
        is_over.set()
        watcher.join()
    if not measured.statuses.keys() <= {200, 201}:
        raise RuntimeError(f"the server refused: {measured.statuses}")
    return measured, sights


def _makers(server: Server) -> list[Maker]:
    """Each connection goes through cases of its own, one after the other: as many are under way as in a hall."""
    every = server.single(len(server.cases))
    return [_in_turn(every[n::CONNECTIONS]) for n in range(CONNECTIONS)]


def _in_turn(makers: Sequence[Maker]) -> Maker:
    turns = cycle(makers)

    def make() -> bytes:
        return next(turns)()

    return make


def _watch(dsn: str, sights: list[Sight], is_over: threading.Event) -> None:
    """Until the load is over and the views hold all of it."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        end = time.monotonic() + SECONDS + CATCH_UP_SECONDS
        while time.monotonic() < end:
            head, last = _look(connection)
            sights.append((time.monotonic(), head, last))
            if is_over.is_set() and last == head:
                return
            time.sleep(LOOK_EVERY_SECONDS)
    raise RuntimeError("the views never reached the end of the log")


def _look(connection: psycopg.Connection[tuple[int, int]]) -> tuple[int, int]:
    row = connection.execute(LOOK).fetchone()
    return row or (0, 0)


def lags(sights: Sequence[Sight]) -> list[float]:
    """For each sight in which the log had grown: so long until the last view stood where the log had ended."""
    found = []
    reached = 0
    for n, (seen_at, head, _) in enumerate(sights):
        if n and head == sights[n - 1][1]:
            continue
        reached = max(reached, n)
        while sights[reached][2] < head:
            reached += 1
        found.append(sights[reached][0] - seen_at)
    return found
