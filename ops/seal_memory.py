"""The seal's memory: a file outside the database that tells which trees were signed, so that none that contradicts them is.

One line for each signed tree, `<size> <base64 of the root>`, on disk before the signature exists. Append-only; once in a
while the file begins anew with its last line, for only that one is ever asked for.
"""

import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from domain.proof.leaf import HASH_BYTES
from domain.store.durable import sync_folder, write_anew
from ops.settings import Settings

MOST_BYTES: Final = 1 << 16
_LINE: Final = re.compile(r"([1-9][0-9]{0,18}) ([A-Za-z0-9+/]{43}=)\n")


class MemoryUnreadable(Exception):  # noqa: N818  — the domain's word
    """The file is there and does not say what was signed last."""


class Signed(NamedTuple):
    """A tree that was signed, or was about to be."""

    size: int
    root: bytes

    def line(self) -> bytes:
        return f"{self.size} {b64encode(self.root).decode()}\n".encode()


class SealMemory:
    """What this signer remembers of one log."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> Signed | None:
        """None: nothing was signed here yet. Raises MemoryUnreadable, OSError.

        A last line that was cut off was never on disk as a whole, so nothing was signed for it.
        """
        try:
            told = self.path.read_bytes().decode("ascii")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise MemoryUnreadable(f"{self.path}: not text") from error
        whole = told[: told.rfind("\n") + 1].splitlines(keepends=True)
        if not whole:
            return None
        match = _LINE.fullmatch(whole[-1])
        if match is None or len(root := b64decode(match[2])) != HASH_BYTES:
            raise MemoryUnreadable(f"{self.path}: its last line is not a size and a root")
        return Signed(int(match[1]), root)

    def remember(self, signed: Signed) -> None:
        """On disk when it returns. Raises OSError."""
        if self._is_long():
            write_anew(self.path, signed.line())
            return
        is_new = not self.path.exists()
        with self.path.open("r+b" if not is_new else "x+b") as file:
            file.seek(self._end_of_lines())
            file.truncate()
            file.write(signed.line())
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self.path.parent)

    def _end_of_lines(self) -> int:
        """Where the next line begins: a line that was cut off is written over."""
        return self.path.read_bytes().rfind(b"\n") + 1

    def _is_long(self) -> bool:
        return self.path.exists() and self.path.stat().st_size > MOST_BYTES


def memory_of(chosen: Settings) -> SealMemory:
    return SealMemory(chosen.keys_folder / f"{chosen.county}.sealed")


def trouble_beside(chosen: Settings) -> Callable[[int], str | None]:
    """What the memory has against a log that ends somewhere, as the sealing worker would say it; it may not be there to say so.

    Asked before the end of the log is: what is recorded and signed meanwhile is no gap.
    """
    try:
        signed = memory_of(chosen).last()
    except (MemoryUnreadable, OSError):
        return lambda _: "memory-unreadable"
    return lambda head: "log-shorter" if signed and signed.size > head else None
