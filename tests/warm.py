"""Commands that begin warm: forked from a process that has read the programme in and done nothing else.

`jiandu` spends two seconds on imports, and the suite says it some two hundred times. A warm command is a process of its
own all the same, with its own arguments, environment and streams, and with the signals of one that was just started.
What a warm server starts beside itself begins warm too: what it takes for its Python asks here (tests/warm_python).
What starting itself must show, commands show that begin cold (tests/serving.py).
"""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from runpy import run_module
from tempfile import TemporaryDirectory
from typing import IO

import orjson

MOST_BYTES = 1 << 18
ROOT = Path(__file__).resolve().parents[1]
ASKING = Path(__file__).with_name("warm_python")


class WarmProcess:
    """What subprocess.Popen says of a process, of one that somebody else started. `stdout` is whatever its opener has."""

    def __init__(self, pid: int, end: int, stdout: IO[str] | None = None) -> None:
        self.pid, self.stdout = pid, stdout
        self.returncode: int | None = None
        self._end = end

    def __enter__(self):
        return self

    def __exit__(self, *exc: object) -> None:
        if self.stdout is not None:
            self.stdout.close()
        self.wait()

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._end], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self.returncode = int(os.read(self._end, 16))
            os.close(self._end)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Oven:
    """The process from which warm commands are forked; it ends when this one does."""

    def __init__(self) -> None:
        self._wire, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._turn = threading.Lock()
        self._hall = TemporaryDirectory(prefix="jiandu-test-oven-")
        with theirs:
            words = [sys.executable, "-m", "tests.warm", str(theirs.fileno()), f"{self._hall.name}/door"]
            streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
            # nobody waits for it: it ends by itself, after the test run
            self._process = subprocess.Popen(words, cwd=ROOT, pass_fds=[theirs.fileno()], **streams)

    def start(
        self, words: Sequence[str], environment: Mapping[str, str], folder: Path, streams: Sequence[int]
    ) -> tuple[int, int]:
        """The process id, and a pipe on which its exit code comes. `streams`: what it reads, says, and says is wrong."""
        end, told_end = os.pipe()
        with self._turn:
            told = orjson.dumps({"words": words, "environment": environment, "folder": str(folder)})
            socket.send_fds(self._wire, [told], [*streams, told_end])
            pid = int(self._wire.recv(16))
        os.close(told_end)
        return pid, end


@cache
def the_oven() -> Oven:
    return Oven()


def warm(
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdout: int,
    stderr: int,
    stdin: int | None = None,
    said: IO[str] | None = None,
    folder: Path = ROOT,
) -> WarmProcess:
    """`jiandu` with these words (`python` with those that begin with -m) in that folder, writing where it is told; `said` reads what it writes."""
    with Path(os.devnull).open("rb") as nothing:
        streams = (nothing.fileno() if stdin is None else stdin, stdout, stderr)
        return WarmProcess(*the_oven().start(words, environment, folder, streams), said)


# ── in the oven ─────────────────────────────────────────────────────────────────────────────────────────────


def _next_command(wire: socket.socket, door: socket.socket) -> list[str]:
    """Returns in each process that is forked, with its words. The oven itself ends when the wire does."""
    ring, bell = os.pipe()
    os.set_blocking(bell, False)
    signal.set_wakeup_fd(bell)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    end_by_pid: dict[int, int] = {}
    while True:
        readable = select.select([wire, door, ring], [], [])[0]
        if ring in readable:
            os.read(ring, 4096)
            _reap(end_by_pid)
        if wire in readable and (words := _forked(wire, [door, ring, bell], end_by_pid)):
            return words
        if door in readable:
            with door.accept()[0] as asking, suppress(Gone):
                if words := _forked(asking, [wire, door, ring, bell], end_by_pid):
                    return words


class Gone(SystemExit):
    """Who asks is there no more."""


def _forked(
    asking: socket.socket, others: Sequence[socket.socket | int], end_by_pid: dict[int, int]
) -> list[str] | None:
    """The words in the process that is forked; None in the oven."""
    told, streams = _received(asking)
    if pid := os.fork():
        end_by_pid[pid] = streams.pop()
        with suppress(BrokenPipeError):
            asking.send(str(pid).encode())
        for stream in streams:
            os.close(stream)
        return None
    closed = [each if isinstance(each, int) else each.detach() for each in (*others, asking)]
    _settle(told, streams, [*closed, *end_by_pid.values()])
    return told["words"]


def _received(wire: socket.socket) -> tuple[dict, list[int]]:
    """Raises Gone."""
    told, ancillary, *_ = wire.recvmsg(MOST_BYTES, socket.CMSG_SPACE(4 * array("i").itemsize))
    if not told:
        raise Gone
    streams = array("i")
    for _, _, data in ancillary:
        streams.frombytes(data)
    return orjson.loads(told), list(streams)


def _reap(end_by_pid: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            end = end_by_pid.pop(ended[0])
            with suppress(BrokenPipeError):  # whoever waited for it may have ended before
                os.write(end, str(os.waitstatus_to_exitcode(ended[1])).encode())
            os.close(end)


def _settle(told: dict, streams: list[int], others: list[int]) -> None:
    """As if it had just been started."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream, number in zip(streams, (0, 1, 2), strict=False):
        os.dup2(stream, number)
    for number in {*streams, *others}:
        os.close(number)
    os.environ.clear()
    os.environ.update(told["environment"])
    os.environ.update(WARM_PYTHON=sys.executable, WARM_DOOR=sys.argv[2])
    os.chdir(told["folder"])
    sys.argv, sys.executable = ["jiandu", *told["words"]], str(ASKING)


if __name__ == "__main__":
    from ops.command import app_for, main

    app_for([])  # imports what every word needs
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    opened.bind(sys.argv[2])
    opened.listen()
    words = _next_command(socket.socket(fileno=int(sys.argv[1])), opened)
    if words[0] == "-m":
        sys.argv = words[1:]
        run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        main()
