"""Everything that can go wrong, drawn by lot: a seed says what, and how long it rests in between."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic
from typing import Final, Self

import psycopg

from ops.embedded.processes import processes_in
from tests.chaos.clients import Load
from tests.chaos.faults import MortalServer, writers
from tests.chaos.standbys import Pair
from tests.serving import Serving, launched
from tests.waiting import until
from tests.witnessed import serving as witnessing

REST_SECONDS: Final = (0.2, 2.0)
STILL_SECONDS: Final = (0.2, 3.0)
SILENT_SECONDS: Final = (0.5, 5.0)
JUMPS: Final = ("+0", "+3", "-3", "+6")
"""Seconds: a standby whose clock is put back waits that much longer before it asks its leader again."""
GOES_ON_BY: Final = 5
"""So many more actions are acknowledged after each fault, or it was one too many."""

Fault = Callable[[Random], Awaitable[None]]


class MortalKeeper:
    """A process that follows the log, for all its lives."""

    def __init__(self, *words: str, settings: Mapping[str, str]) -> None:
        self._words, self._settings = words, settings
        self._life = ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()

    def start(self) -> None:
        self._keeper: Serving = self._life.enter_context(launched(*self._words, settings=self._settings))

    def kill(self) -> None:
        self._keeper.process.kill()
        self._life.close()

    def be_up(self) -> None:
        """It ends where no database answers as it starts; whoever supervises it starts it again."""
        if self._keeper.process.poll() is not None:
            self.kill()
            self.start()

    async def is_killed(self, _: Random) -> None:
        await asyncio.to_thread(self.kill)
        await asyncio.to_thread(self.start)


class MortalWitness:
    """A witness on one port for all its lives."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port
        self._life = ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._life.close()

    def start(self) -> None:
        self._life.enter_context(witnessing(self._folder, "--listen", f"127.0.0.1:{self._port}"))

    async def fall_silent(self, chance: Random) -> None:
        await asyncio.to_thread(self._life.close)
        await asyncio.sleep(chance.uniform(*SILENT_SECONDS))
        await asyncio.to_thread(self.start)


@dataclass(frozen=True, slots=True)
class Databases:
    """What goes wrong with a pair, one thing at a time."""

    pair: Pair

    def faults(self) -> tuple[Fault, ...]:
        return (
            self.backend_killed,
            self.leader_killed,
            self.leader_stands_still,
            self.follower_killed,
            self.leader_changes,
        )

    async def backend_killed(self, _: Random) -> None:
        with suppress(psycopg.OperationalError, ProcessLookupError):
            for pid in writers(self.pair.leader.dsn)[:1]:
                os.kill(pid, signal.SIGKILL)

    async def leader_killed(self, _: Random) -> None:
        self.pair.kill_leader()
        await asyncio.to_thread(self.pair.leader.start)

    async def leader_stands_still(self, chance: Random) -> None:
        pids = processes_in(self.pair.leader.cluster)
        _tell(pids, signal.SIGSTOP)
        await asyncio.sleep(chance.uniform(*STILL_SECONDS))
        _tell(pids, signal.SIGCONT)

    async def follower_killed(self, chance: Random) -> None:
        self.pair.kill_follower()
        await asyncio.sleep(chance.uniform(*STILL_SECONDS))
        await asyncio.to_thread(self.pair.follower.start)

    async def leader_changes(self, _: Random) -> None:
        await asyncio.to_thread(self.pair.be_in_step)
        self.pair.kill_leader()
        await asyncio.to_thread(self.pair.promote)
        await asyncio.to_thread(self.pair.rejoin)


@dataclass(frozen=True, slots=True)
class Clock:
    """What both databases take for the time, as libfaketime reads it from a file."""

    file: Path

    async def jumps(self, chance: Random) -> None:
        self.file.write_text(chance.choice(JUMPS))


@dataclass(frozen=True, slots=True)
class Server:
    """What goes wrong with whoever answers."""

    server: MortalServer

    async def is_killed(self, _: Random) -> None:
        await asyncio.to_thread(self.server.kill)
        await until(self._is_up)

    async def _is_up(self) -> bool:
        """It ends with a sentence where no database takes writes as yet; whoever supervises it starts it again."""
        try:
            await asyncio.to_thread(self.server.start)
        except AssertionError as ended:
            assert re.search("^jiandu: .+", str(ended), re.MULTILINE), ended  # noqa: PT017  — why it ended
            return False
        return True


def _tell(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


async def at_once(load: Load, hands: Mapping[str, Sequence[Fault]], *, seed: int, seconds: float) -> None:
    """Each hand does one of its faults after the other, beside all other hands, for so long."""
    began = monotonic()
    async with asyncio.TaskGroup() as group:
        for name, faults in hands.items():
            group.create_task(_play(load, name, faults, Random(f"{seed}-{name}"), began + seconds))


async def _play(load: Load, name: str, faults: Sequence[Fault], chance: Random, end: float) -> None:
    while monotonic() < end:
        fault = chance.choice(faults)
        say(f"{end - monotonic():7.1f} s to go  {load.acknowledged:7} acknowledged  {name}: {fault.__name__}")
        await fault(chance)
        await load.progress(GOES_ON_BY)
        await asyncio.sleep(chance.uniform(*REST_SECONDS))


def say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()
