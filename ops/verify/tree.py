"""The tree over leaf hashes that were just computed, folded row by row.  Source: RFC 9162, section 2.1.1."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

HASH: Final = 32
TILE: Final = 256
_NODE: Final = sha256(b"\x01")
"""As each inner node begins. A copy is quicker than beginning anew, and a third of all hashes of a log are these."""


def hashed(each: Iterable[bytes]) -> list[bytes]:
    return [sha256(told).digest() for told in each]


def parents(row: Sequence[bytes]) -> list[bytes]:
    """The row of the tree above this one; a last that has no neighbour has no parent."""
    children, begun, found = iter(row), _NODE.copy, list[bytes]()
    for left, right in zip(children, children, strict=False):
        node = begun()
        node.update(left + right)
        found.append(node.digest())
    return found


def fold(row: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(row) > 1:
        row = parents(row)
    return row[0]


def cut(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


class Tree:
    """Over the leaf hashes of a log from its first position on, and the roots of their full tiles."""

    def __init__(self, hashes: bytes, roots: list[bytes]) -> None:
        self._hashes, self._rows = hashes, [roots]
        while len(row := self._rows[-1]) > 1:
            self._rows.append(parents(row))

    @property
    def size(self) -> int:
        return len(self._hashes) // HASH

    def root(self, size: int) -> bytes:
        """That it had with the first `size` leaves; at most its own size."""
        if not size:
            return sha256().digest()
        tiles, rest = divmod(size, TILE)
        peaks = [*self._peaks_of_tiles(tiles), *self._peaks_within(tiles * TILE, rest)]
        folded = peaks.pop()
        while peaks:
            folded = sha256(b"\x01" + peaks.pop() + folded).digest()
        return folded

    def _peaks_of_tiles(self, tiles: int) -> list[bytes]:
        """The largest first: one for each bit of the number."""
        heights = [height for height in range(tiles.bit_length()) if tiles >> height & 1]
        return [self._rows[height][(tiles >> height) - 1] for height in reversed(heights)]

    def _peaks_within(self, begin: int, count: int) -> list[bytes]:
        peaks = []
        for height in reversed(range(count.bit_length())):
            if count >> height & 1:
                end = begin + (1 << height)
                peaks.append(fold(cut(self._hashes[begin * HASH : end * HASH])))
                begin = end
        return peaks
