"""`make bench`: every budget of the architecture, as a ratio against a reference measured in the same run.

About four minutes. Ends with 1 where a budget is missed. The ratios hold on a quiet machine: server, database and
load share its processors.
"""

import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Final

import psycopg
from rich.console import Console

from ops.benchmarks import append, http_path
from ops.benchmarks.table import show
from ops.embedded import EmbeddedPostgres

LIBRARIES: Final = ("jiandu", "eventsourcing", "fastapi", "psycopg", "pydantic", "uvicorn")
WIDTH: Final = 140


def main() -> int:
    console = Console(width=WIDTH)
    began = perf_counter()
    with tempfile.TemporaryDirectory(prefix="jiandu-bench-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o711)  # where root starts it, PostgreSQL runs as somebody else
        with EmbeddedPostgres(Path(directory)) as postgres:
            console.print(_machine(postgres))
            rows, latencies = append.measure(postgres)
            more_rows, more_latencies = http_path.measure(postgres)
            console.print(f"{perf_counter() - began:.0f} s, {_load()}")
    return 0 if show([*rows, *more_rows], [*latencies, *more_latencies], console) else 1


def _machine(postgres: EmbeddedPostgres) -> str:
    with psycopg.connect(postgres.dsn) as connection:
        server = connection.info.parameter_status("server_version")
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} CPUs, {platform.machine()}, {_load()}\n"
        f"Python {platform.python_version()}, PostgreSQL {server}, {libraries}"
    )


def _load() -> str:
    """How many wanted a processor in the last minute: on a quiet machine none but the benchmark."""
    return f"load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
