"""`jiandu serve` as its operators run it: a process of its own, reached over HTTP."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from domain.application import Keeper
from domain.store import Store, schema
from ops.aggregates import AGGREGATES
from tests.county import OCCASION, _everything

ROOT = Path(__file__).resolve().parents[1]
READY = re.compile(r"Jiandu is ready: (http://\S+:(\d+))/")
START_SECONDS = 60
SCHEMA = "county"
QUIET = {"JIANDU_PORT": "0", "JIANDU_WATCH_SECONDS": "0", "JIANDU_KEEP_VIEWS": "false"}
"""A server alone; whoever asks for views or for the watch says so."""
WITH_VIEWS = {"JIANDU_KEEP_VIEWS": "true"}


class Serving:
    """A running server. `output` grows with what it says on both streams."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.output: list[str] = []
        self._ready = threading.Event()
        self.address = ""
        self.port = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_ready(self) -> None:
        assert self._ready.wait(START_SECONDS), self.said
        assert self.address, self.said

    @property
    def said(self) -> str:
        return "".join(self.output)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit code after the signal."""
        self.process.send_signal(number)
        code = self.process.wait(60)
        self._reader.join()
        return code

    def _read(self) -> None:
        for line in self.process.stdout:
            self.output.append(line)
            if ready := READY.search(line):
                self.address, self.port = ready[1], int(ready[2])
                self._ready.set()
        self._ready.set()


@contextmanager
def serving(settings: Mapping[str, str], *, as_user: tuple[str, ...] = ()) -> Iterator[Serving]:
    """A server that answers, with these JIANDU_ settings, on a free port unless they say otherwise."""
    with launched("serve", settings=settings, as_user=as_user) as server:
        server.wait_until_ready()
        yield server


@contextmanager
def launched(*words: str, settings: Mapping[str, str], as_user: tuple[str, ...] = ()) -> Iterator[Serving]:
    # A suite that runs in the background ignores these signals, and so would whatever it starts.
    heeding = ("env", "--default-signal=HUP,INT")
    process = subprocess.Popen(
        [*heeding, *as_user, sys.executable, "-m", "ops.command", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=environment(settings),
    )
    with process:
        server = Serving(process)
        try:
            yield server
        finally:
            if process.poll() is None:
                server.stop()


def jiandu(*words: str, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ops.command", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(settings),
        check=False,
        timeout=120,
    )


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("JIANDU_")}
    return {**ours, **QUIET, **settings}


async def settle_county(dsn: str) -> None:
    """清溪县, recorded through the application."""
    schema.create(dsn, SCHEMA)
    async with Store.open(dsn, SCHEMA, AGGREGATES) as store:
        keeper = Keeper(store.log, store.catalogue)
        for aggregate, command in _everything():
            await keeper.handle(aggregate, command.identity, command, OCCASION, key=None, digest=bytes(32))
