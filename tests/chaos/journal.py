"""What each client knows, written down before anything depends on it.

One file for all clients of a process; a line names its client. `write` returns when the line is on the disk: the
lines that arrive while a flush is under way share the next one.
"""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson


@dataclass(frozen=True, slots=True)
class Invoke:
    """About to be sent: from here on it may happen."""

    client: int
    key: str
    case_no: str | None
    """None: the action opens a case."""


@dataclass(frozen=True, slots=True)
class Ok:
    """Acknowledged with this receipt."""

    client: int
    key: str
    receipt: dict[str, Any]
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class Fail:
    """Refused: it must not have happened."""

    client: int
    key: str
    code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer: it may have happened once, or not at all."""

    client: int
    key: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The log ended here when somebody read it."""

    client: int
    last_position: int


Line = Invoke | Ok | Fail | Unknown | Seen
KIND_BY_NAME = {kind.__name__: kind for kind in (Invoke, Ok, Fail, Unknown, Seen)}


class Journal:
    """Append-only; lines are durable in the order in which `write` returns."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._fd)

    async def write(self, *lines: Line) -> None:
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((b"".join(map(_text, lines)), done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        await done

    async def _flush(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            await asyncio.to_thread(self._append, b"".join(text for text, _ in group))
            for _, done in group:
                if not done.done():  # whoever wrote it may have been cancelled
                    done.set_result(None)
        self._flushing = None

    def _append(self, text: bytes) -> None:
        os.write(self._fd, text)
        os.fdatasync(self._fd)


def _text(line: Line) -> bytes:
    return orjson.dumps([type(line).__name__, line]) + b"\n"


def read(path: Path) -> list[Line]:
    entries = (orjson.loads(line) for line in path.read_bytes().splitlines())
    return [KIND_BY_NAME[name](**fields) for name, fields in entries]
