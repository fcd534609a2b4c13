"""A stretch of the log, read and hashed by one process: all that can be said of its rows without those around it."""

import gc
import struct
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import compress, count, islice
from operator import lt
from typing import Final

import psycopg
from psycopg import sql

from ops.verify.leaves import LOST, Leaves, Portion
from ops.verify.rows import Source, portions
from ops.verify.tree import HASH, TILE, tile_roots
from ops.verify.troubles import Trouble

_LONG_AGO: Final = -(1 << 63)
_TILES: Final = """
select number, hashes
from {tiles}
where level = 0 and number between {first} and {last}
order by number
"""


@dataclass(slots=True)
class Stretch:
    """What came of reading the positions from `first` to `last`; `first` begins a tile."""

    first: int
    hashes: bytes = b""
    """Of the leaves; of a row that is missing 32 zero bytes."""
    roots: list[bytes] = field(default_factory=list)
    """Of the full tiles."""
    recorded: "array[int]" = field(default_factory=lambda: array("q"))
    """Microseconds since 1970, by place."""
    begins: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """By stream: version and position of its first event here."""
    ends: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """Likewise of its last."""
    heads: dict[bytes, tuple[int, int]] | None = None
    """Likewise of its last up to the size that was asked for, where that lies here."""
    lost: dict[int, int] = field(default_factory=dict)
    """Positions of events of which nothing but the leaf is left, and when they had been recorded."""
    troubles: list[Trouble] = field(default_factory=list)


@contextmanager
def nothing_collected() -> Iterator[None]:
    """What is read goes in no circles; to look for some again and again in all else that the process holds takes long."""
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_collecting:
            gc.enable()


@nothing_collected()
def read(source: Source, first: int, last: int, heads_size: int = 0) -> Stretch:
    """Reads and hashes every row between two positions, and compares with the tiles."""
    with psycopg.connect(source.dsn) as connection:
        reading = _Reading(Stretch(first), Leaves(source.origin), heads_size)
        with closing(portions(connection, source, first, last)) as found:
            for portion in found:
                reading.take(portion)
        stretch = reading.finished()
        stretch.troubles += _differences(connection, source, stretch)
    return stretch


class _Reading:
    """A stretch on its way."""

    def __init__(self, stretch: Stretch, leaves: Leaves, heads_size: int) -> None:
        self._stretch, self._leaves, self._heads_size = stretch, leaves, heads_size
        self._next = stretch.first
        self._hashes: list[bytes] = []
        self._times: list[int] = []

    def take(self, rows: Portion) -> None:
        """One by one where they do not follow each other."""
        positions = _numbers(rows.positions)
        if positions == tuple(range(self._next, self._next + len(positions))):
            self._take_following(rows, positions)
        elif len(positions) > 1:
            for row in rows.singly():
                self.take(row)
        elif positions[0] < self._next:
            self._stretch.troubles.append(Trouble(positions[0], "twice"))
        else:
            self._miss(positions[0])
            self._take_following(rows, positions)

    def _miss(self, until: int) -> None:
        self._stretch.troubles.append(Trouble(self._next, "missing", str(until - 1)))
        self._hashes += [bytes(HASH)] * (until - self._next)
        self._times += (self._times[-1:] or [_LONG_AGO]) * (until - self._next)
        self._next = until

    def _take_following(self, rows: Portion, positions: Sequence[int]) -> None:
        asked_for = self._heads_size - self._next + 1
        if 0 < asked_for < len(positions):  # the heads are those behind this row
            for part in rows.cut(asked_for):
                self.take(part)
            return
        self._next += len(positions)
        self._hashes += self._leaves.hashes(rows)
        self._times += _numbers(rows.recorded)
        self._continue_streams(rows.streams, _numbers(rows.versions), positions)
        if positions[-1] == self._heads_size:
            self._stretch.heads = dict(self._stretch.ends)
        if LOST in rows.topics:
            self._believe_what_is_left(rows, positions)

    def _continue_streams(
        self, streams: Sequence[bytes], versions: Sequence[int], positions: Sequence[int]
    ) -> None:
        begins, ends = self._stretch.begins, self._stretch.ends
        for stream, here in zip(streams, zip(versions, positions, strict=True), strict=True):
            known = ends.get(stream)
            if known is None:
                begins[stream] = here
            elif here[0] != known[0] + 1:
                self._stretch.troubles.append(Trouble(here[1], "version"))
            ends[stream] = here

    def _believe_what_is_left(self, rows: Portion, positions: Sequence[int]) -> None:
        for position, row in zip(positions, rows.rows(), strict=True):
            if left := self._leaves.left(row):
                self._hashes[position - self._stretch.first] = sha256(b"\x00" + left.leaf).digest()
                self._stretch.lost[position] = left.recorded_at

    def finished(self) -> Stretch:
        found = self._stretch
        found.hashes, found.recorded = b"".join(self._hashes), array("q", self._times)
        found.roots = tile_roots(self._hashes)
        found.troubles += [Trouble(position, "time") for position in self._too_early()]
        for position, recorded_at in found.lost.items():
            found.recorded[position - found.first] = recorded_at
        return found

    def _too_early(self) -> Iterator[int]:
        """Positions of those that say that they were recorded before the one in front of them."""
        own = islice(self._times, 1, None)
        return compress(count(self._stretch.first + 1), map(lt, own, self._times))


def _numbers(column: Sequence[bytes]) -> tuple[int, ...]:
    return struct.unpack(f">{len(column)}q", b"".join(column))


def _differences(connection: psycopg.Connection, source: Source, stretch: Stretch) -> Iterator[Trouble]:
    """The first row of each tile that is not what the tile says."""
    begin = (stretch.first - 1) // TILE
    asked = sql.SQL(_TILES).format(
        tiles=sql.Identifier(source.schema, "tiles"),
        first=sql.Literal(begin),
        last=sql.Literal(begin + len(stretch.hashes) // (TILE * HASH)),
    )
    for number, sealed in connection.execute(asked):
        offset = (number - begin) * TILE * HASH
        own = stretch.hashes[offset : offset + len(sealed)]
        if own != sealed[: len(own)]:
            wrong = next(n for n in range(0, len(own), HASH) if own[n : n + HASH] != sealed[n : n + HASH])
            yield Trouble(number * TILE + wrong // HASH + 1, "changed")
