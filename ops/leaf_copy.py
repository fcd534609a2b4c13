"""A copy of the leaves outside the database, so that what a restored backup lacks can be named.

A leaf tells stream, version, times, topic and the hash of the state, never a name. They stand one behind the other, each behind its
length in two bytes, as in the entry bundles of C2SP tlog-tiles; a last one that is cut off is written again.
"""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from domain.proof.leaf import Leaf
from domain.proof.tree import CompactRange, leaf_hash
from ops.settings import Settings

LENGTH_BYTES: Final = 2


class LeafCopy:
    """The file of one log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._count, self._end = self._measured()

    def __len__(self) -> int:
        return self._count

    def cut(self, count: int) -> None:
        """Forgets what stands behind the first `count` leaves."""
        if count < self._count:
            self._end = sum(LENGTH_BYTES + len(leaf) for leaf in islice(self.all(), count))
            self._count = count

    def extend(self, leaves: Iterable[Leaf]) -> None:
        """On disk when it returns. Raises OSError."""
        with self.path.open("r+b" if self.path.exists() else "x+b") as file:
            file.seek(self._end)
            file.truncate()
            for leaf in leaves:
                told = leaf.to_bytes()
                file.write(len(told).to_bytes(LENGTH_BYTES) + told)
                self._count += 1
            self._end = file.tell()
            file.flush()
            os.fsync(file.fileno())

    def all(self) -> Iterator[bytes]:
        """In order of position."""
        if self.path.exists():
            with self.path.open("rb") as file:
                yield from _framed(file)

    def root(self) -> bytes:
        """Of the tree over all of them."""
        tree = CompactRange()
        for leaf in self.all():
            list(tree.append(leaf_hash(leaf)))
        return tree.root()

    def _measured(self) -> tuple[int, int]:
        lengths = [LENGTH_BYTES + len(leaf) for leaf in self.all()]
        return len(lengths), sum(lengths)


def leaf_copy_of(chosen: Settings) -> LeafCopy:
    return LeafCopy((chosen.leaves_dir or chosen.keys_folder) / f"{chosen.county}.leaves")


def _framed(file: BinaryIO) -> Iterator[bytes]:
    while len(length := file.read(LENGTH_BYTES)) == LENGTH_BYTES:
        leaf = file.read(int.from_bytes(length))
        if len(leaf) < int.from_bytes(length):
            return
        yield leaf
