"""The streams of the log, followed from one piece of it to the next: their versions, and the heads that their last events are.

They are divided by how their ways begin, so that several processes follow a share each.
"""

import marshal
from collections.abc import Sequence
from itertools import compress
from typing import Any, Final, NamedTuple

from ops.verify.heads import Folded, Head, folded
from ops.verify.troubles import Trouble

_WITHOUT_REFERENCES: Final = 2
"""A version of marshal's format."""


class Passage(NamedTuple):
    """What a piece of the log has of several streams, column by column."""

    streams: list[bytes]
    ways: list[bytes]
    """Hashes of the streams."""
    begins: list[int]
    """Versions of their first events here."""
    positions: list[int]
    """Of those events."""
    versions: list[int]
    """Of their last events here."""
    leaves: list[bytes]
    """The hashes of those events' leaves."""

    def divided(self, bits: int) -> list["Passage"]:
        """Into shares whose ways begin with the same so many bits, at most eight, in the order of these."""
        if not bits:
            return [self]
        begun = [way[0] >> 8 - bits for way in self.ways]
        ours = ([each == share for each in begun] for share in range(1 << bits))
        return [self._only(each) for each in ours]

    def _only(self, ours: Sequence[bool]) -> "Passage":
        columns: Any = (list(compress(column, ours)) for column in self)
        return Passage(*columns)

    def packed(self) -> bytes:
        """As another process of the same interpreter reads it: in a third of the time that pickling takes."""
        return marshal.dumps(tuple(self), _WITHOUT_REFERENCES)


class Piece(NamedTuple):
    """Of the log, from where the one in front of it ends."""

    last: int
    """Position."""
    shares: list[bytes]
    """Passages, packed."""


class Followed(NamedTuple):
    """A share of the streams."""

    troubles: list[Trouble]
    """Versions that do not follow each other from piece to piece: within one this is done already."""
    heads: Folded
    """Up to the size that was asked for."""


def followed(passages: Sequence[tuple[int, bytes]], heads_size: int, bits: int) -> Followed:
    """A share of all pieces of a log, in order, with their last positions. Where none ends at the size, the heads are those of them all."""
    troubles, found = list[Trouble](), None
    ends = dict[bytes, Head]()
    for last, packed in passages:
        passage = Passage(*marshal.loads(packed))  # noqa: S302  — of a process of ours, never out of a file
        known = map(ends.get, passage.streams)
        for end, version, position in zip(known, passage.begins, passage.positions, strict=True):
            if (version != end[0] + 1) if end else version not in (0, 1):
                troubles.append(Trouble(position, "version"))
        ends.update(
            zip(
                passage.streams, zip(passage.versions, passage.leaves, passage.ways, strict=True), strict=True
            )
        )
        if last == heads_size:
            found = folded(ends, bits)
    return Followed(troubles, found or folded(ends, bits))
