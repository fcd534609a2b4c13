"""案头 The root of the map of case heads, computed anew from the last event of every stream."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import repeat
from typing import Final, NamedTuple

from ops.verify.tree import hashed

MOST_OF_A_WORD: Final = (1 << 16) - 1
"""Bytes of a stream or topic in a leaf. What is longer was never recorded, and no signature is over its beginning."""
_BEGUN: Final = b"\x00jdhead1\n"
_NOTHING: Final = bytes(32)
_BITS: Final = 256
"""Of a way: that of a stream goes by them from the highest down to where it is alone."""


Head = tuple[int, bytes, bytes]
"""Of a stream: the version of its last event, the hash of that event's leaf, and the stream's way, which is its own hash."""


class Folded(NamedTuple):
    """The root over a part of the map."""

    streams: int
    """How many have their heads in it."""
    node: bytes


def folded(ends: Mapping[bytes, Head], bits: int) -> Folded:
    """Over streams whose ways have the first so many bits in common. One too long for any leaf has no head: its events are named where they are read."""
    if max(map(len, ends), default=0) > MOST_OF_A_WORD:
        ends = {stream: head for stream, head in ends.items() if len(stream) <= MOST_OF_A_WORD}
    if not ends:
        return Folded(0, _NOTHING)
    versions, leaves, ways = zip(*ends.values(), strict=True)
    lengths = (len(stream).to_bytes(2) for stream in ends)
    numbers = (version.to_bytes(8, signed=True) for version in versions)
    told = zip(repeat(_BEGUN), lengths, ends, numbers, leaves, strict=False)
    by_way = dict(zip(ways, hashed(map(b"".join, told)), strict=True))
    return Folded(len(by_way), _Ways(by_way).root(0, len(by_way), _BITS - bits))


def joined(parts: Sequence[Folded]) -> bytes:
    """The root over all of them."""
    while len(parts) > 1:
        children = iter(parts)
        parts = [_above(left, right) for left, right in zip(children, children, strict=True)]
    return parts[0].node


def _above(left: Folded, right: Folded) -> Folded:
    streams = left.streams + right.streams
    if streams < 2:  # noqa: PLR2004  — a subtree with one stream is that stream's head
        return left if left.streams else right
    return Folded(streams, sha256(b"\x01" + left.node + right.node).digest())


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
        if end - begin == 2:  # noqa: PLR2004  — two streams: most forks are of these
            below = self._heads[begin] + self._heads[begin + 1]
        else:
            middle = bisect_left(self._ways, last >> fork << fork, begin + 1, end)
            below = self.root(begin, middle, fork) + self.root(middle, end, fork)
        folded = sha256(b"\x01" + below).digest()
        for bit in range(fork + 1, height):  # an empty one is nothing
            folded = sha256(b"\x01" + (_NOTHING + folded if first >> bit & 1 else folded + _NOTHING)).digest()
        return folded
