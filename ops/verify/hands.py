"""The whole log read by several processes: each takes the next part that nobody has taken, over a connection of its own."""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.sharedctypes import Synchronized
from typing import Final

import psycopg

from ops.failures import CannotDo
from ops.verify import stretches
from ops.verify.rows import Source
from ops.verify.stretches import Stretch
from ops.verify.tree import TILE

WORTH_A_PROCESS: Final = 150_000
"""Rows below which a second process costs more than it saves."""
PARTS_A_HAND: Final = 8
"""So that nobody waits long for the last: a process starts later, or is slower."""

ENDED: Final = (
    "A process that read the log was ended from outside, most often for want of memory: nothing is verified."
    " 读取日志的进程在外部被终止（多因内存不足），未作核验。"
)


def read(source: Source, last: int, heads_size: int = 0, hands: int | None = None) -> list[Stretch]:
    """Every row up to a position, hashed by as many processes as it is worth, or by so many `hands`."""
    hands = hands or ((os.cpu_count() or 1) if last >= WORTH_A_PROCESS else 1)
    context = _context()
    parts = _parts(last, hands * PARTS_A_HAND if hands > 1 else 1)
    work = _Work(source, heads_size, parts, context.Value("q", 0))
    with stretches.nothing_collected():
        found = dict(_read_beside([_Other(context, work) for _ in range(hands - 1)], work))
    return [found[n] for n in range(len(parts))]


def _read_beside(others: Sequence["_Other"], work: "_Work") -> Iterator[tuple[int, Stretch]]:
    try:
        yield from work.done()
        for other in others:
            yield from other.done()
    except BaseException:
        for other in others:
            other.end()
        raise


@dataclass(frozen=True, slots=True)
class _Work:
    """What there is to read, in each process."""

    source: Source
    heads_size: int
    parts: Sequence[tuple[int, int]]
    taken: "Synchronized[int]"
    """How many parts somebody reads or has read."""

    def done(self) -> list[tuple[int, Stretch]]:
        """By this process, until no part is left."""
        with psycopg.connect(self.source.dsn) as connection:
            reader = stretches.Reader(connection, self.source, self.heads_size)
            return [(n, reader.read(*self.parts[n])) for n in self._turns()]

    def _turns(self) -> Iterator[int]:
        while (n := self._next()) < len(self.parts):
            yield n

    def _next(self) -> int:
        with self.taken.get_lock():
            self.taken.value += 1
            return self.taken.value - 1


class _Other:
    """Another process at the same work."""

    def __init__(self, context: ForkContext | SpawnContext, work: _Work) -> None:
        self._heard, told = context.Pipe(duplex=False)
        self._process = context.Process(target=_tell, args=(told, work), daemon=True)
        self._process.start()
        told.close()

    def done(self) -> list[tuple[int, Stretch]]:
        """Raises what was raised there by the database; CannotDo where the process ended otherwise."""
        try:
            found: list[tuple[int, Stretch]] | psycopg.Error = self._heard.recv()
        except (EOFError, OSError):  # of nothing, or of half of what was told
            raise CannotDo(ENDED) from None
        self._process.join()
        if isinstance(found, psycopg.Error):
            raise found
        return found

    def end(self) -> None:
        self._process.terminate()
        self._process.join()


def _tell(told: "Connection[object, object]", work: _Work) -> None:
    try:
        told.send(work.done())
    except psycopg.Error as error:
        told.send(error)


def _context() -> ForkContext | SpawnContext:
    """A fork has the code loaded already. Beside a thread, which might hold a lock just then, nobody forks."""
    is_alone = sys.platform == "linux" and threading.active_count() == 1
    return get_context("fork") if is_alone else get_context("spawn")


def _parts(last: int, count: int) -> list[tuple[int, int]]:
    """First and last position of each; every part begins where a tile begins."""
    tiles = -(-last // TILE)
    cuts = [tiles * part // count * TILE for part in range(count)]
    return [(begin + 1, end) for begin, end in pairwise([*cuts, max(last, 1)])]
