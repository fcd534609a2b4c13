"""What a witness remembers of one log: a line for each tree it cosigned, in a file that only grows.

    <size> <root> <time> <name of the log's key> <the log's signature>

The last line is the state, the others are for whoever asks later. A line is on the disk before its cosignature leaves
the witness; a torn last line was therefore never answered, and is cut off.
"""

import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, Self

from domain.proof.checkpoint import Checkpoint
from domain.proof.note import KEY_ID_BYTES, Note, Signature
from ops.witness.disk import sync_folder
from ops.witness.judging import NOTHING_YET, Remembered

LONGEST_LINE: Final = 4096


class MemoryDamaged(Exception):  # noqa: N818  — it reads as what has happened
    """The file is not what this witness wrote: it must not cosign before its keeper has looked."""


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A tree that the witness cosigned, and the log's own signature under it."""

    size: int
    root: bytes
    time: int
    """Seconds since 1970, by the witness's clock."""
    signature: Signature

    def line(self) -> bytes:
        signed = b64encode(self.signature.key_id + self.signature.value).decode()
        root = b64encode(self.root).decode()
        return f"{self.size} {root} {self.time} {self.signature.name} {signed}\n".encode()

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Raises MemoryDamaged."""
        try:
            size, root, time, name, encoded = line.decode().rstrip("\n").split(" ")
            signed = b64decode(encoded, validate=True)
            signature = Signature(name, signed[:KEY_ID_BYTES], signed[KEY_ID_BYTES:])
            read = cls(int(size), b64decode(root, validate=True), int(time), signature)
        except ValueError as error:
            raise MemoryDamaged("a line of the memory cannot be read") from error
        if read.line() != line:
            raise MemoryDamaged("a line of the memory is not as it was written")
        return read

    def note(self, origin: str) -> Note:
        """The checkpoint as the log signed it."""
        return Note(Checkpoint(origin, self.size, self.root).text(), (self.signature,))


class Memory:
    """The memory of one log, for as long as nobody else may write it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._end, last = _last_line(file)
        self.last = Cosigned.from_line(last) if last else None

    @property
    def remembered(self) -> Remembered:
        return Remembered(self.last.size, self.last.root) if self.last else NOTHING_YET

    def add(self, cosigned: Cosigned) -> None:
        """Returns when it is on the disk."""
        self._file.truncate(self._end)
        self._file.seek(self._end)
        self._file.write(cosigned.line())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._end = self._file.tell()
        self.last = cosigned

    def all(self) -> Iterator[Cosigned]:
        """From the first, a torn last line left out."""
        self._file.seek(0)
        while self._file.tell() < self._end:
            yield Cosigned.from_line(self._file.readline())

    def of_size(self, size: int) -> Cosigned | None:
        return next((each for each in self.all() if each.size == size), None)


@contextmanager
def opened_memory(folder: Path, origin: str) -> Iterator[Memory]:
    """Nobody else, in this process or another, opens it meanwhile: comparing and storing are one act."""
    path = path_of(folder, origin)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if is_new:
            sync_folder(folder)
        yield Memory(file)


def path_of(folder: Path, origin: str) -> Path:
    return folder / f"{sha256(origin.encode()).hexdigest()}.cosigned"


def _last_line(file: BinaryIO) -> tuple[int, bytes]:
    """Where the whole lines end, and the last of them; empty where there is none."""
    length = file.seek(0, os.SEEK_END)
    begin = max(0, length - 2 * LONGEST_LINE)
    file.seek(begin)
    whole, newline, _torn = file.read().rpartition(b"\n")
    if not newline:
        if begin:
            raise MemoryDamaged("the end of the memory is not lines")
        return 0, b""
    return begin + len(whole) + 1, whole.rpartition(b"\n")[2] + newline
