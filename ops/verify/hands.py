"""The whole log read, and its case heads folded, by several processes at once."""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, pairwise
from multiprocessing.connection import Connection
from typing import Any, Final, Self

import psycopg

from ops.verify.beside import Beside, Desk, Task, way_to_begin
from ops.verify.heads import joined
from ops.verify.rows import Source
from ops.verify.streams import Followed, followed
from ops.verify.stretches import Reader, Stretch, nothing_collected
from ops.verify.tree import TILE
from ops.verify.troubles import Trouble

WORTH_A_PROCESS: Final = 150_000
"""Rows below which a second process costs more than it saves."""
MOST: Final = 8
"""Processes, on however large a machine: each takes a connection that the county may need."""
SMALLEST: Final = 24
"""Tiles of a part. To ask for one costs what reading two does."""


class Hands:
    """As many as a log up to this position is worth, or so many. The others begin when this does: they are there when there is work."""

    def __init__(
        self, connection: psycopg.Connection, source: Source, last: int, count: int | None = None
    ) -> None:
        self._last = last
        self._count = count or worth(last)
        way, ends = way_to_begin(), list[Connection]()
        self._desk = Desk(connection, source, way.Value("q", 0))
        self._others = [Beside(way, ends, source, self._desk.taken) for _ in range(self._count - 1)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for other in self._others:
            other.end()

    def read(self, heads_size: int = 0) -> list[Stretch]:
        """Every row, hashed; once. The heads are those up to a size."""
        parts, bits = _parts(self._last, self._count), self._count.bit_length() - 1
        reading = partial(_read, parts, heads_size, bits)
        with nothing_collected():
            found = dict(chain(*self._done([reading] * self._count)))
        return [found[n] for n in range(len(parts))]

    def followed(self, read: Sequence[Stretch], heads_size: int) -> tuple[list[Trouble], bytes]:
        """Versions that do not follow each other from piece to piece of what was read, and the root of the map of case heads."""
        pieces = [piece for stretch in read for piece in stretch.pieces]
        shares = list(zip(*(piece.shares for piece in pieces), strict=True)) or [()]
        lasts, bits = [piece.last for piece in pieces], len(shares).bit_length() - 1
        passages = [list(zip(lasts, share, strict=True)) for share in shares]
        found = self._done([partial(_follow, each, heads_size, bits) for each in passages])
        troubles = list(chain(*(each.troubles for each in found)))
        return troubles, joined([each.heads for each in found])

    def _done(self, tasks: Sequence[Task]) -> list[Any]:
        """By as many processes as there are; the first, and those for which there is none, by this one."""
        told = list(zip(self._others, tasks[1:], strict=False))
        for other, task in told:
            other.tell(task)
        first, *more = [task(self._desk) for task in (tasks[0], *tasks[1 + len(told) :])]
        return [first, *(other.done() for other, _ in told), *more]


def worth(last: int) -> int:
    """How many processes a log up to this position is."""
    return min(os.cpu_count() or 1, MOST) if last >= WORTH_A_PROCESS else 1


def read(source: Source, last: int, heads_size: int = 0, count: int | None = None) -> list[Stretch]:
    """Every row up to a position, hashed, by hands that do nothing else."""
    with (
        psycopg.connect(source.dsn, autocommit=True) as connection,
        Hands(connection, source, last, count) as hands,
    ):
        return hands.read(heads_size)


def _read(
    parts: Sequence[tuple[int, int]], heads_size: int, bits: int, desk: Desk
) -> list[tuple[int, Stretch]]:
    """The next part that nobody has taken, until none is left."""
    reader = Reader(desk.connection, desk.source, heads_size, bits)
    return [(n, reader.read(*parts[n])) for n in _turns(desk, len(parts))]


def _follow(passages: Sequence[tuple[int, bytes]], heads_size: int, bits: int, _: Desk) -> Followed:
    return followed(passages, heads_size, bits)


def _turns(desk: Desk, count: int) -> Iterator[int]:
    while (n := _next(desk)) < count:
        yield n


def _next(desk: Desk) -> int:
    with desk.taken.get_lock():
        desk.taken.value += 1
        return desk.taken.value - 1


def _parts(last: int, count: int) -> list[tuple[int, int]]:
    """First and last position of each, which begins where a tile begins. They grow smaller, so that nobody waits long for the last."""
    tiles, begins = -(-last // TILE), [0]
    while count > 1 and (left := tiles - begins[-1]) > 0:
        each = max(SMALLEST, -(-left // (2 * count)))
        begins += [begins[-1] + each * n for n in range(1, count + 1)]
    cuts = [begin * TILE for begin in begins if begin < max(tiles, 1)]
    return [(begin + 1, end) for begin, end in pairwise([*cuts, max(last, 1)])]
