"""Another process beside this one, which does what it is told over a connection of its own."""

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.sharedctypes import Synchronized
from typing import Any, Final, NamedTuple

import psycopg

from ops.failures import CannotDo
from ops.verify.rows import Source

ENDED: Final = (
    "A process that read the log was ended from outside, most often for want of memory: nothing is verified."
    " 读取日志的进程在外部被终止（多因内存不足），未作核验。"
)


class Desk(NamedTuple):
    """What a process works with."""

    connection: psycopg.Connection
    source: Source
    taken: "Synchronized[int]"
    """Of the parts of the work: how many somebody does or has done."""


Task = Callable[[Desk], Any]


class Beside:
    """It connects at once, so that it is there when there is work. Raises what the database said to it; CannotDo where it has ended."""

    def __init__(
        self,
        way: ForkContext | SpawnContext,
        ends: list[Connection],
        source: Source,
        taken: "Synchronized[int]",
    ) -> None:
        """`ends`: of the channels to those that were begun before this one, to which its own is added."""
        self._channel, its = way.Pipe()
        ends.append(self._channel)
        inherited = ends if isinstance(way, ForkContext) else []
        self._process = way.Process(target=_serve, args=(its, inherited, source, taken), daemon=True)
        self._process.start()
        its.close()

    def tell(self, task: Task) -> None:
        with suppress(BrokenPipeError):  # why it has gone is what it said last
            self._channel.send(task)

    def done(self) -> Any:
        """What came of the task it was told."""
        try:
            found = self._channel.recv()
        except (EOFError, OSError):  # of nothing, or of half of what was told
            raise CannotDo(ENDED) from None
        if isinstance(found, psycopg.Error):
            raise found
        return found

    def end(self) -> None:
        """Whatever it is at."""
        self._process.terminate()
        self._process.join()
        self._channel.close()


def way_to_begin() -> ForkContext | SpawnContext:
    """A fork has the code loaded already. Beside a thread, which might hold a lock just then, nobody forks."""
    is_alone = sys.platform == "linux" and threading.active_count() == 1
    return get_context("fork") if is_alone else get_context("spawn")


def _serve(
    channel: "Connection[Any, Any]",
    inherited: "Sequence[Connection[Any, Any]]",
    source: Source,
    taken: "Synchronized[int]",
) -> None:
    """Until whoever began this process has gone, or ends it. A connection of its own: one that came with a fork is left alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for end in inherited:  # while this process has them too, it would not hear that the other has gone
        end.close()
    with suppress(EOFError, OSError):
        try:
            with psycopg.connect(source.dsn, autocommit=True) as connection:
                desk = Desk(connection, source, taken)
                while True:
                    channel.send(channel.recv()(desk))
        except psycopg.Error as error:
            channel.send(error)
