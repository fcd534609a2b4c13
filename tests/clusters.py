"""Data directories with a database cluster in them, stopped: made once and copied, for making one takes ten times as long."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.embedded import EmbeddedPostgres
from tests.servers import open_directory

Furnish = Callable[[str], Awaitable[None]]


@contextmanager
def a_cluster(furnish: Furnish | None = None) -> Iterator[Path]:
    """A data directory with a cluster of its own, furnished by what takes its conninfo, `settle_county` for one."""
    with open_directory() as data_dir:
        put_cluster(data_dir, furnish)
        yield data_dir


@contextmanager
def own_postgres(furnish: Furnish | None = None) -> Iterator[EmbeddedPostgres]:
    """A running server that nobody else uses."""
    with a_cluster(furnish) as data_dir, EmbeddedPostgres(data_dir) as postgres:
        yield postgres


def put_cluster(data_dir: Path, furnish: Furnish | None = None) -> None:
    """Into a directory that has none; owners and modes are kept, and nothing was logged yet."""
    made = Path(_made(furnish).name)
    subprocess.run(["cp", "--archive", made / "postgres", made / "password", data_dir], check=True)


@cache
def _made(furnish: Furnish | None) -> "TemporaryDirectory[str]":
    folder = TemporaryDirectory(prefix="jiandu-test-made-")
    Path(folder.name).chmod(0o711)
    with EmbeddedPostgres(Path(folder.name)) as postgres:
        if furnish is not None:
            _run(furnish, postgres.dsn)
    return folder


def _run(furnish: Furnish, dsn: str) -> None:
    """In a thread: whoever asks may have an event loop of their own."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(furnish(dsn))).result()
