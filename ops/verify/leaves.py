"""The leaf of a row, and its hash.

What a leaf is, byte for byte: docs/decisions/0111. Written from there, not from the code that seals.
"""

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import repeat
from operator import add
from typing import Final, NamedTuple

from domain.evidence.verify import BROKEN, EPOCH, Event, Refused, event_of
from ops.verify.heads import MOST_OF_A_WORD
from ops.verify.tree import hashed

LOST: Final = b"event.lost.v1"
ALONE: Final = 64
"""So long is a signature that is not one of a batch."""
_OF_A_BATCH: Final = range(100, 325, 32)
"""So long is one that is."""


def counted(told: bytes) -> bytes:
    """Raises OverflowError where it is too long to stand in a leaf."""
    return len(told).to_bytes(2) + told


_MAGIC: Final = {ALONE: b"jdleaf1\n"} | dict.fromkeys(_OF_A_BATCH, b"jdleaf2\n")
"""What the leaf begins with, by the length of the signature."""
_BEGUN: Final = {length: b"\x00" + magic for length, magic in _MAGIC.items()}
"""Likewise what is hashed."""
_LENGTH: Final = {ALONE: b""} | {length: length.to_bytes(2) for length in _OF_A_BATCH}
"""What stands before a signature of this length."""


class Row(NamedTuple):
    """An event as it is stored, all of it as the bytes that PostgreSQL sends: a number has eight, big endian."""

    position: bytes
    version: bytes
    occurred: bytes
    """Microseconds since 1970, like `recorded`."""
    recorded: bytes
    stream: bytes
    topic: bytes
    signature: bytes
    state: bytes


class Portion(NamedTuple):
    """Several rows, column by column: what can be asked of many at once costs little."""

    positions: tuple[bytes, ...]
    versions: tuple[bytes, ...]
    occurred: tuple[bytes, ...]
    recorded: tuple[bytes, ...]
    streams: tuple[bytes, ...]
    topics: tuple[bytes, ...]
    signatures: tuple[bytes, ...]
    states: tuple[bytes, ...]

    def rows(self) -> Iterator[Row]:
        return map(Row._make, zip(*self, strict=True))

    def singly(self) -> Iterator["Portion"]:
        return (Portion(*zip(row, strict=True)) for row in zip(*self, strict=True))

    def cut(self, count: int) -> tuple["Portion", "Portion"]:
        """The first rows, and the others."""
        first, others = (column[:count] for column in self), (column[count:] for column in self)
        return Portion(*first), Portion(*others)


class Left(NamedTuple):
    """What is left of a lost event."""

    leaf: bytes
    recorded_at: int
    """Microseconds since 1970."""


class _Before(dict[int, bytes]):
    """By the length of a word: what stands before it in a leaf."""

    def __init__(self, always: bytes = b"") -> None:
        super().__init__()
        self._always = always

    def __missing__(self, length: int) -> bytes:
        self[length] = told = self._always + length.to_bytes(2)
        return told


class Leaves:
    """Of the rows of one log."""

    def __init__(self, origin: str) -> None:
        self._county = counted(origin.encode())
        self._before_stream, self._before_topic = _Before(self._county), _Before()

    def hashes(self, rows: Portion) -> list[bytes]:
        """Of a row with words too long for any leaf: the hash of nothing, which no leaf has."""
        try:
            return self._hashes(rows)
        except OverflowError:
            if len(rows.positions) == 1:
                return [sha256().digest()]
            return [each for row in rows.singly() for each in self.hashes(row)]

    def _hashes(self, rows: Portion) -> list[bytes]:
        # a whole log goes through here: the parts of the leaves are put side by side without a step of Python for each
        begun, signed = _around(rows.signatures)
        leaves = zip(
            begun,
            rows.positions,
            map(self._before_stream.__getitem__, map(len, rows.streams)),
            rows.streams,
            rows.versions,
            rows.occurred,
            map(self._before_topic.__getitem__, map(len, rows.topics)),
            rows.topics,
            hashed(rows.states),
            rows.recorded,
            signed,
            strict=False,
        )
        return hashed(map(b"".join, leaves))

    def event(self, row: Row) -> Event:
        """As whoever checks signatures reads it. A word too long for any leaf is cut: nobody has signed what is left."""
        if left := self.left(row):
            return event_of(left.leaf, None)
        topic, signature = counted(row.topic[:MOST_OF_A_WORD]), _possible(row.signature)
        told = (_MAGIC[len(signature)], self._place(row), topic, sha256(row.state).digest(), row.recorded,
                _LENGTH[len(signature)], signature)  # fmt: skip
        return event_of(b"".join(told), row.state)

    def left(self, row: Row) -> Left | None:
        """The leaf that stands in the row of a lost event; None: none does, or one of another place than the row's, which is not believed."""
        if row.topic != LOST or len(row.stream) > MOST_OF_A_WORD:
            return None
        try:
            leaf = b64decode(json.loads(row.state)["fact"]["leaf"], validate=True)
            event = event_of(leaf, None)
        except (Refused, *BROKEN):
            return None
        if not leaf[len(b"jdleaf1\n") :].startswith(self._place(row)):
            return None
        return Left(leaf, (event.recorded - EPOCH) // timedelta(microseconds=1))

    def _place(self, row: Row) -> bytes:
        """What a leaf says of position, county, stream, version and time of occurrence."""
        stream = counted(row.stream[:MOST_OF_A_WORD])
        return b"".join((row.position, self._county, stream, row.version, row.occurred))


def _around(signatures: Sequence[bytes]) -> tuple[Iterable[bytes], Iterable[bytes]]:
    """What is hashed of each leaf first and last."""
    lengths = list(map(len, signatures))
    if lengths.count(ALONE) == len(lengths):
        return repeat(_BEGUN[ALONE]), signatures
    signed = list(map(_possible, signatures))
    lengths = list(map(len, signed))
    return map(_BEGUN.__getitem__, lengths), map(add, map(_LENGTH.__getitem__, lengths), signed)


def _possible(signature: bytes) -> bytes:
    """One that is not as long as a leaf may hold was put there later; in its place stands one that nobody has made."""
    return signature if len(signature) in _LENGTH else bytes(ALONE)
