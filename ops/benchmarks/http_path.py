"""The whole HTTP path: a real server with its database, against the two references, on the same machine in turns.

Rows of architecture's budget: recording one action at 64 connections against the same endpoint without a
database, and against the library's stock application; the batch endpoint against the single one, in actions.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final, Self

import httpx
import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict

from ops.admin import opened_accounts
from ops.benchmarks import load
from ops.benchmarks.references import DEMO_COUNTY, SECRET, bench_key
from ops.benchmarks.table import Latency, Row
from ops.embedded import EmbeddedPostgres
from ops.settings import read

ROUNDS: Final = 3
SECONDS: Final = 4.0
WARM_UP_SECONDS: Final = 1.0
CONNECTIONS: Final = 64
CALLERS: Final = (1, 16, 64, 256)
BATCHES: Final = 4
"""Connections that send batches."""
BATCH_ACTIONS: Final = 250
CASES: Final = BATCHES * BATCH_ACTIONS
"""One for each action under way: in a batch from many windows none waits for another of its case."""
MOST_TOGETHER: Final = 1000
"""Actions that the batch endpoint takes."""

KEY: Final = {"Authorization": f"Bearer jdk_bench_{SECRET}"}
CLERK: Final = KEY | {"X-Jiandu-Speaks-For": "G0001@CX-W1-P"}
HANDLER: Final = KEY | {"X-Jiandu-Speaks-For": "G0021@CX-ZRZY-CB"}
ANY_VERSION: Final = {"If-Match": "*", "Content-Type": "application/json"}
APPLICANT: Final = {"name": "李小河"}
RECEIPT: Final = {"type": "receive_case", "item_code": "XK-001"}
STEP: Final = {
    "type": "complete_step",
    "step_code": "CB",
    "step_title": "承办",
    "opinion": "材料齐全,同意上报审核。",
}

Maker = Callable[[], bytes]


class Server:
    """A server under load: where it listens, and the cases that wait in it."""

    def __init__(self, port: int, cases: Sequence[str]) -> None:
        self.port = port
        self.cases = cases
        self._keys = count()

    def renewed(self, series: str, cases: int) -> Self:
        """The same server with so many new cases; of each series once."""
        again = copy(self)
        again.cases = _accepted_cases(self.port, series, cases)
        return again

    def single(self, connections: int) -> list[Maker]:
        return [self._single(case_no) for case_no in self.cases[:connections]]

    def batches(self, connections: int) -> list[Maker]:
        share = len(self.cases) // connections
        return [self._batch(self.cases[n * share : (n + 1) * share]) for n in range(connections)]

    def _single(self, case_no: str) -> Maker:
        body, path = orjson.dumps({"action": STEP}), f"/v1/cases/{case_no}/actions"

        def make() -> bytes:
            headers = HANDLER | ANY_VERSION | {"Idempotency-Key": f"k{next(self._keys)}"}
            return load.request("POST", path, headers, body)

        return make

    def _batch(self, cases: Sequence[str]) -> Maker:
        def make() -> bytes:
            actions = [
                {"key": f"k{next(self._keys)}", "case_no": cases[n % len(cases)], "action": STEP}
                for n in range(BATCH_ACTIONS)
            ]
            headers = HANDLER | {"Content-Type": "application/json"}
            return load.request("POST", "/v1/actions:batch", headers, orjson.dumps({"actions": actions}))

        return make


def measure(postgres: EmbeddedPostgres) -> tuple[list[Row], list[Latency]]:
    """Rows and latencies; each round takes every server in turn, so that a slow minute slows all of them."""
    with served(postgres, "ours") as ours, _memory() as memory, _stock(postgres) as stock:
        rates: dict[str, list[float]] = {name: [] for name in ("ours", "memory", "stock", "batch")}
        for _ in range(ROUNDS):
            rates["ours"].append(_rate(ours.port, ours.single(CONNECTIONS)))
            rates["memory"].append(_rate(memory.port, memory.single(CONNECTIONS)))
            rates["stock"].append(_rate(stock.port, stock.single(CONNECTIONS)))
            rates["batch"].append(_rate(ours.port, ours.batches(BATCHES)) * BATCH_ACTIONS)
        return _rows(rates), [_latency(ours, callers) for callers in CALLERS]


def _rows(rates: Mapping[str, Sequence[float]]) -> list[Row]:
    single, unit = f"recording an action over HTTP, {CONNECTIONS} connections", "actions/s"
    return [
        Row(single, "the same endpoint without a database", unit, rates["ours"], rates["memory"], 0.6),
        Row(single, "the library's stock application and recorder", unit, rates["ours"], rates["stock"], 6.0),
        Row("the batch endpoint", "the single endpoint", unit, rates["batch"], rates["ours"], 5.0),
    ]


def _rate(port: int, makers: Sequence[Maker]) -> float:
    return _loaded(port, makers).per_second


def _latency(server: Server, callers: int) -> Latency:
    rounds = [_loaded(server.port, server.single(callers)) for _ in range(ROUNDS)]
    return Latency(
        "recording an action over HTTP",
        callers,
        median(measured.percentile_ms(50) for measured in rounds),
        median(measured.percentile_ms(99) for measured in rounds),
        median(measured.per_second for measured in rounds),
    )


def _loaded(port: int, makers: Sequence[Maker]) -> load.Measured:
    """One measured load after a short one that is not. Raises RuntimeError where an answer is no success."""
    asyncio.run(load.run(port, makers, seconds=WARM_UP_SECONDS))
    measured = asyncio.run(load.run(port, makers, seconds=SECONDS))
    if not measured.statuses.keys() <= {200, 201}:
        raise RuntimeError(f"the server refused: {measured.statuses}")
    return measured


@contextmanager
def served(postgres: EmbeddedPostgres, database: str) -> Iterator[Server]:
    """`jiandu serve` on a fresh database of that name, with cases that wait."""
    with tempfile.TemporaryDirectory(prefix="jiandu-bench-") as keys_and_seal:
        dsn = _fresh(postgres, database)
        environment = os.environ | {
            "JIANDU_DATABASE_URL": dsn,
            "JIANDU_DATA_DIR": keys_and_seal,
            "JIANDU_LOG_LEVEL": "warning",
        }
        subprocess.run([sys.executable, "-m", "ops.command", "migrate"], env=environment, check=True)
        loading = [sys.executable, "-m", "ops.command", "load-catalogue", str(DEMO_COUNTY)]
        subprocess.run(loading, env=environment, check=True)
        asyncio.run(_issue_key(dsn, Path(keys_and_seal)))
        port = _free_port()
        serving = [sys.executable, "-m", "ops.command", "serve", "--port", str(port)]
        with _running(serving, environment, port):
            yield Server(port, _accepted_cases(port))


async def _issue_key(dsn: str, data_dir: Path) -> None:
    """With the settings of the commands beside it: the log's keys lie where theirs do."""
    chosen = read().model_copy(update={"data_dir": data_dir})
    async with opened_accounts(dsn, chosen) as accounts:
        await accounts.issue(bench_key(), SECRET)


@contextmanager
def _memory() -> Iterator[Server]:
    port = _free_port()
    with _running(_reference("memory", port), os.environ, port):
        yield Server(port, _accepted_cases(port))


@contextmanager
def _stock(postgres: EmbeddedPostgres) -> Iterator[Server]:
    port = _free_port()
    with _running(_reference("stock", port), os.environ | _stock_settings(_fresh(postgres, "stock")), port):
        yield Server(port, _stock_cases(port))


def _reference(name: str, port: int) -> list[str]:
    return [sys.executable, "-m", "ops.benchmarks.references", name, str(port)]


def _stock_settings(dsn: str) -> dict[str, str]:
    """What the library's guide sets, with a pool as large as the server's threads."""
    parts = conninfo_to_dict(dsn)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts.get("port", 5432)),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": str(parts["password"]),
        "POSTGRES_POOL_SIZE": "40",
    }


def _fresh(postgres: EmbeddedPostgres, database: str) -> str:
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"create database {database}")
    return psycopg.conninfo.make_conninfo(postgres.dsn, dbname=database)


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_until_open(port, process)
            yield
        finally:
            process.terminate()
            process.wait(60)


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server does not listen")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _accepted_cases(port: int, series: str = "", many: int = CASES) -> list[str]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=CLERK, timeout=60) as client:
        applicant = _posted(client, "/v1/persons", APPLICANT)["person_ref"]
        receipt = RECEIPT | {"applicant_ref": applicant}
        receipts = [{"key": f"receipt-{series}{n}", "action": receipt} for n in range(many)]
        cases = [answer["case_no"] for answer in _sent(client, receipts)]
        acceptances = [
            {"key": f"accept-{case_no}", "case_no": case_no, "action": {"type": "accept_case"}}
            for case_no in cases
        ]
        _sent(client, acceptances)
        return cases


def _sent(client: httpx.Client, actions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        answer
        for n in range(0, len(actions), MOST_TOGETHER)
        for answer in _posted(client, "/v1/actions:batch", {"actions": actions[n : n + MOST_TOGETHER]})[
            "answers"
        ]
    ]


def _stock_cases(port: int) -> list[str]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        return [_posted(client, "/v1/cases", {})["case_no"] for _ in range(CONNECTIONS)]


def _posted(client: httpx.Client, path: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
    response = client.post(path, json=body, headers=headers)
    response.raise_for_status()
    return response.json()
