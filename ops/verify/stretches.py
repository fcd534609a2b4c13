"""A stretch of the log, read and hashed by one process: all that can be said of its rows without those around it."""

import gc
import sys
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, compress, repeat
from operator import lt
from typing import Final

import psycopg
from psycopg import sql

from ops.verify.leaves import LOST, Leaves, Left, Portion
from ops.verify.rows import Source, portions
from ops.verify.streams import Passage, Piece
from ops.verify.tree import HASH, TILE, fold, hashed
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
    opens: tuple[int, int] | None = None
    """Position of the first row that is here, and when it says it was recorded; None where none is."""
    closes: int = _LONG_AGO
    """When the last that is here says it was."""
    pieces: list[Piece] = field(default_factory=list)
    """Two where the heads are those up to a row within."""
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


class Reader:
    """Over one connection, one stretch after the other."""

    def __init__(
        self, connection: psycopg.Connection, source: Source, heads_size: int, bits: int = 0
    ) -> None:
        self._connection, self._source, self._heads_size, self._bits = connection, source, heads_size, bits

    @nothing_collected()
    def read(self, first: int, last: int) -> Stretch:
        """Reads and hashes every row between two positions, and compares with the tiles."""
        reading = _Reading(Stretch(first), Leaves(self._source.origin), self._heads_size, self._bits)
        with closing(portions(self._connection, self._source, first, last)) as found:
            for portion in found:
                reading.take(portion)
        stretch = reading.finished()
        stretch.troubles += _differences(self._connection, self._source, stretch)
        return stretch


class _Reading:
    """A stretch on its way."""

    def __init__(self, stretch: Stretch, leaves: Leaves, heads_size: int, bits: int) -> None:
        self._stretch, self._leaves, self._heads_size, self._bits = stretch, leaves, heads_size, bits
        self._next = stretch.first
        self._versions: list[int] = []
        """By place."""
        self._begins: list[int] = []
        """The position of the first event of each stream in this piece, in the order of `_ends`."""
        self._ends: dict[bytes, int] = {}
        """Likewise of its last. Versions are looked up by these: pairs of both would not stay near the processor."""
        self._hashes = bytearray()
        self._tile: list[bytes] = []
        """The leaf hashes behind the last full tile: folded while they are near the processor."""

    def take(self, rows: Portion) -> None:
        """One by one where they do not follow each other."""
        positions = _numbers(rows.positions)
        if positions == list(range(self._next, self._next + len(positions))):
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
        self._versions.extend(repeat(0, until - self._next))
        self._stretch.recorded.extend(repeat(self._stretch.closes, until - self._next))
        for begin in range(self._next, until, TILE):
            self._grow([bytes(HASH)] * min(TILE, until - begin))
        self._next = until

    def _take_following(self, rows: Portion, positions: Sequence[int]) -> None:
        asked_for = self._heads_size - self._next + 1
        if 0 < asked_for < len(positions):  # the heads are those behind this row
            for part in rows.cut(asked_for):
                self.take(part)
            return
        self._next += len(positions)
        self._continue_times(_numbers(rows.recorded), positions)
        self._continue_streams(rows.streams, _numbers(rows.versions), positions)
        hashes = self._leaves.hashes(rows)
        self._grow(self._left(rows, positions, hashes) if LOST in rows.topics else hashes)
        if positions[-1] == self._heads_size:
            self._end_piece()

    def _continue_times(self, times: list[int], positions: Sequence[int]) -> None:
        """Named are those that say that they were recorded before the one in front of them."""
        stretch = self._stretch
        if times[0] < stretch.closes or sorted(times) != times:
            too_early = compress(positions, map(lt, times, chain((stretch.closes,), times)))
            stretch.troubles += [Trouble(position, "time") for position in too_early]
        stretch.opens = stretch.opens or (positions[0], times[0])
        stretch.closes = times[-1]
        stretch.recorded.fromlist(times)

    def _continue_streams(
        self, streams: Sequence[bytes], versions: Sequence[int], positions: Sequence[int]
    ) -> None:
        begins, ends, first = self._begins, self._ends, self._stretch.first
        self._versions += versions
        for stream, version, position in zip(streams, versions, positions, strict=True):
            known = ends.get(stream)
            if known is None:
                begins.append(position)
            elif version != self._versions[known - first] + 1:
                self._stretch.troubles.append(Trouble(position, "version"))
            ends[stream] = position

    def _left(self, rows: Portion, positions: Sequence[int], hashes: Sequence[bytes]) -> list[bytes]:
        """The hashes; where nothing but the leaf is left of an event, that leaf's."""
        return [
            self._believed(position, left) if (left := self._leaves.left(row)) else own
            for position, row, own in zip(positions, rows.rows(), hashes, strict=True)
        ]

    def _believed(self, position: int, left: Left) -> bytes:
        self._stretch.lost[position] = left.recorded_at
        return sha256(b"\x00" + left.leaf).digest()

    def _grow(self, hashes: Sequence[bytes]) -> None:
        self._hashes += b"".join(hashes)
        self._tile += hashes
        if len(self._tile) >= TILE:
            self._stretch.roots.append(fold(self._tile[:TILE]))
            del self._tile[:TILE]

    def _end_piece(self) -> None:
        if not self._ends:
            return
        first, hashes = self._stretch.first, self._hashes
        begins = [self._versions[position - first] for position in self._begins]
        places = [position - first for position in self._ends.values()]
        versions = list(map(self._versions.__getitem__, places))
        leaves = [bytes(hashes[place * HASH : place * HASH + HASH]) for place in places]
        streams = list(self._ends)
        passage = Passage(streams, hashed(streams), begins, self._begins, versions, leaves)
        shares = [share.packed() for share in passage.divided(self._bits)]
        self._stretch.pieces.append(Piece(self._next - 1, shares))
        self._begins, self._ends = [], {}

    def finished(self) -> Stretch:
        self._end_piece()
        found = self._stretch
        found.hashes = bytes(self._hashes)
        for position, recorded_at in found.lost.items():
            found.recorded[position - found.first] = recorded_at
        return found


def _numbers(column: Sequence[bytes]) -> list[int]:
    numbers = array("q", b"".join(column))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tolist()


def _differences(connection: psycopg.Connection, source: Source, stretch: Stretch) -> Iterator[Trouble]:
    """The first row of each tile that is not what the tile says."""
    begin = (stretch.first - 1) // TILE
    asked = sql.SQL(_TILES).format(
        tiles=sql.Identifier(source.schema, "tiles"),
        first=sql.Literal(begin),
        last=sql.Literal(begin + len(stretch.hashes) // (TILE * HASH)),
    )
    for number, sealed in connection.cursor(binary=True).execute(asked):
        offset = (number - begin) * TILE * HASH
        own = stretch.hashes[offset : offset + len(sealed)]
        if own != sealed[: len(own)]:
            wrong = next(n for n in range(0, len(own), HASH) if own[n : n + HASH] != sealed[n : n + HASH])
            yield Trouble(number * TILE + wrong // HASH + 1, "changed")
