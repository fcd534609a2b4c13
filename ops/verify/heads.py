"""案头 The root of the map of case heads, computed anew from the last event of every stream."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import repeat
from typing import Final

from ops.verify.tree import hashed

MOST_OF_A_WORD: Final = (1 << 16) - 1
"""Bytes of a stream or topic in a leaf. What is longer was never recorded, and no signature is over its beginning."""
_BEGUN: Final = b"\x00jdhead1\n"
_NOTHING: Final = bytes(32)
_BITS: Final = 256
"""Of a way: that of a stream goes by them from the highest down to where it is alone."""
Head = tuple[bytes, int, bytes]
"""A stream, the version of its last event, and the hash of that event's leaf."""


def root(heads: Iterable[Head]) -> bytes:
    """A stream too long for any leaf has no head: its events are named where they are read."""
    known = [head for head in heads if len(head[0]) <= MOST_OF_A_WORD]
    if not known:
        return _NOTHING
    streams, versions, leaves = zip(*known, strict=True)
    lengths = (len(stream).to_bytes(2) for stream in streams)
    numbers = (version.to_bytes(8, signed=True) for version in versions)
    told = zip(repeat(_BEGUN), lengths, streams, numbers, leaves, strict=False)
    by_way = dict(zip(hashed(streams), hashed(map(b"".join, told)), strict=True))
    return _Ways(by_way).root(0, len(by_way), _BITS)


class _Ways:
    def __init__(self, head_by_way: Mapping[bytes, bytes]) -> None:
        ways = sorted(head_by_way)
        self._ways, self._heads = list(map(int.from_bytes, ways)), list(map(head_by_way.__getitem__, ways))

    def root(self, begin: int, end: int, height: int) -> bytes:
        """Over those from `begin` to `end`, at least one, none other of which has the same bits from `height` on."""
        if end - begin == 1:  # a subtree with one stream is that stream's head
            return self._heads[begin]
        first, last = self._ways[begin], self._ways[end - 1]
        fork = (first ^ last).bit_length() - 1
        middle = bisect_left(self._ways, last >> fork << fork, begin + 1, end)
        folded = sha256(b"\x01" + self.root(begin, middle, fork) + self.root(middle, end, fork)).digest()
        for bit in range(fork + 1, height):  # an empty one is nothing
            folded = sha256(b"\x01" + (_NOTHING + folded if first >> bit & 1 else folded + _NOTHING)).digest()
        return folded
