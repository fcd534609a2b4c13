"""`jiandu serve` as its operators run it: a process of its own, reached over HTTP."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from domain.access.decision import reach
from domain.aggregates import AGGREGATES
from domain.application import Keeper
from domain.store import schema
from domain.store.county import Store
from domain.unit import UNIT
from domain.window.values import Role
from ops.accounts import Accounts, a_key
from ops.admin import opened_accounts
from ops.settings import Settings
from projections.engine_schema import establish
from projections.registry import PROJECTIONS
from tests.county import OCCASION, _everything
from tests.people import make_known
from tests.projected import an_engine
from tests.templates import a_copy
from tests.warm import WarmProcess, warm

ROOT = Path(__file__).resolve().parents[1]
READY = re.compile(r"Jiandu is ready: (http://\S+:(\d+))/")
START_SECONDS = 60
LAST_LINES = 60
"""So much of what a process has said stands in the message of whoever fails beside it."""
SCHEMA = "county"
QUIET = {
    "JIANDU_PORT": "0",
    "JIANDU_WATCH_SECONDS": "0",
    "JIANDU_KEEP_VIEWS": "false",
    "JIANDU_KEEP_SEALED": "false",
}
"""A server alone; whoever asks for views, for the seal or for the watch says so."""
WITH_VIEWS = {"JIANDU_KEEP_VIEWS": "true"}
WITH_SEAL = {"JIANDU_KEEP_SEALED": "true", "JIANDU_HEADS_SECONDS": "0"}
COLD = ("env", "--default-signal=HUP,INT")
"""A suite that runs in the background ignores these signals, and so would whatever it starts."""


RUNNING: list["Serving"] = []
"""All that was launched and not left yet: a fixture's server does not hear of the failure of a test."""


class Serving:
    """A running server. `output` grows with what it says on both streams."""

    def __init__(self, process: subprocess.Popen[str] | WarmProcess) -> None:
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

    @property
    def last_words(self) -> str:
        """For whoever failed beside it."""
        return f"what process {self.process.pid} said last:\n{''.join(self.output[-LAST_LINES:])}"

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit code after the signal."""
        self.process.send_signal(number)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired as error:
            error.add_note(self.last_words)
            raise
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
def serving(settings: Mapping[str, str], *, through: Sequence[str] | None = None) -> Iterator[Serving]:
    """A server that answers, with these JIANDU_ settings, on a free port unless they say otherwise."""
    with launched("serve", settings=settings, through=through) as server:
        server.wait_until_ready()
        yield server


@contextmanager
def launched(
    *words: str, settings: Mapping[str, str], through: Sequence[str] | None = None
) -> Iterator[Serving]:
    """A command that runs; it begins warm unless it is started `through` other words, those of COLD among them."""
    chosen = environment(settings)
    with _cold(words, chosen, through) if through else _warm(words, chosen) as process:
        server = Serving(process)
        RUNNING.append(server)
        try:
            yield server
        except BaseException as error:
            error.add_note(server.last_words)
            raise
        finally:
            RUNNING.remove(server)
            if process.poll() is None:
                server.stop()


def _cold(words: Sequence[str], chosen: Mapping[str, str], through: Sequence[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*through, sys.executable, "-m", "ops.command", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=chosen,
    )


def _warm(words: Sequence[str], chosen: Mapping[str, str]) -> WarmProcess:
    said, told = os.pipe()
    try:
        return warm(words, chosen, stdout=told, stderr=told, said=open(said, encoding="utf-8"))  # noqa: PTH123  — the process closes it
    finally:
        os.close(told)


def jiandu(
    *words: str, settings: Mapping[str, str], said: str = "", folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; it reads what is `said` to it."""
    with (
        TemporaryFile("w+", encoding="utf-8") as told,
        TemporaryFile("w+", encoding="utf-8") as out,
        TemporaryFile("w+", encoding="utf-8") as errors,
    ):
        told.write(said)
        told.seek(0)
        streams = {"stdin": told.fileno(), "stdout": out.fileno(), "stderr": errors.fileno()}
        process = warm(words, environment(settings), **streams, folder=folder)
        try:
            code = process.wait(120)
        except subprocess.TimeoutExpired as error:
            process.kill()
            for stream in (out, errors):
                stream.seek(0)
                error.add_note("".join(stream.readlines()[-LAST_LINES:]))
            raise
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), errors.read())


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("JIANDU_")}
    usual = QUIET
    if "JIANDU_DATABASE_URL" in settings:
        usual = QUIET | {"JIANDU_KEYS_DIR": str(keys_of(settings["JIANDU_DATABASE_URL"]))}
    return {**ours, **usual, **settings}


def keys_of(dsn: str) -> Path:
    """Where the keys of the county in that database lie: each has its own, gone with the tests' process."""
    name = f"{os.getpid()}-{sha256(dsn.encode()).hexdigest()[:16]}"
    return Path(_keys_folder().name) / name


@cache
def _keys_folder() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="jiandu-test-keys-")
    Path(folder.name).chmod(0o777)  # a server may run as another account
    return folder


SECRET = "t" * 43
TOKEN = f"jdk_tests_{SECRET}"
KEY = {"Authorization": f"Bearer {TOKEN}"}
"""A programme's that may do everything and speak for every post; `settle_county` and `issue_key` issue it."""


async def issue_key(dsn: str) -> None:
    """To a county with units, of its widest division."""
    chosen = Settings(database_url=dsn, keys_dir=keys_of(dsn))
    async with opened_accounts(dsn, chosen) as accounts:
        await _issue(accounts)


async def _issue(accounts: Accounts) -> None:
    units = accounts.keeper.catalogue.entries(UNIT).values()
    widest = min((unit.division_code for unit in units), key=lambda code: len(reach(code)))
    key = a_key("importer", "测试", Role.importer, widest, speaks_for_posts=True)
    await accounts.issue(key.model_copy(update={"key_id": "tests"}), SECRET)


async def settle_county(dsn: str) -> None:
    """清溪县, recorded through the application, with the tests' key."""
    await a_copy(dsn, _settle)


async def _settle(dsn: str) -> None:
    schema.create(dsn, SCHEMA)
    async with Store.open(dsn, SCHEMA, AGGREGATES) as store:
        keeper = Keeper(store.log, store.catalogue)
        for aggregate, command in _everything():
            await keeper.handle(aggregate, command.identity, command, OCCASION, key=None, digest=bytes(32))
        await make_known(keeper)
        await _issue(Accounts(keeper, store.secrets))


async def furnish_county(dsn: str) -> None:
    """The same, with its views built."""
    await a_copy(dsn, _furnish)


async def _furnish(dsn: str) -> None:
    await _settle(dsn)
    establish(dsn, SCHEMA)
    async with an_engine(dsn, PROJECTIONS) as engine:
        await engine.catch_up()
