"""案头 The root of the map of case heads, computed anew from the last event of every stream."""

from bisect import bisect_left
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

MOST_OF_A_WORD: Final = (1 << 16) - 1
"""Bytes of a stream or topic in a leaf. What is longer was never recorded, and no signature is over its beginning."""
Ways = list[tuple[str, bytes]]
"""The way of a stream, its bits from the highest, and the hash of its head."""


def root(version_by_stream: Mapping[bytes, tuple[int, bytes]]) -> bytes:
    """Given by stream: the version of its last event, and the hash of that event's leaf.

    A stream too long for any leaf has no head: its events are named where they are read.
    """
    return _root(
        sorted(
            _head(stream, *told)
            for stream, told in version_by_stream.items()
            if len(stream) <= MOST_OF_A_WORD
        ),
        0,
    )


def _head(stream: bytes, version: int, leaf_hash: bytes) -> tuple[str, bytes]:
    told = len(stream).to_bytes(2) + stream + version.to_bytes(8, signed=True) + leaf_hash
    return f"{int.from_bytes(sha256(stream).digest()):0256b}", sha256(b"\x00jdhead1\n" + told).digest()


def _root(heads: Ways, depth: int) -> bytes:
    if len(heads) < 2:  # noqa: PLR2004  — a subtree with one stream is that stream's head, an empty one is nothing
        return heads[0][1] if heads else bytes(32)
    middle = bisect_left(heads, "1", key=lambda head: head[0][depth])
    left, right = _root(heads[:middle], depth + 1), _root(heads[middle:], depth + 1)
    return sha256(b"\x01" + left + right).digest()
