"""The Merkle tree over the log's leaves, kept as its compact range.  Source: RFC 9162, section 2.1."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Final

EMPTY_ROOT: Final = sha256(b"").digest()

Subtree = Callable[[int, int], bytes]
"""The root of the full subtree of height h whose leaves begin at index i · 2ʰ, given (h, i)."""


def leaf_hash(leaf: bytes) -> bytes:
    """32 bytes: SHA-256(0x00 || leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """32 bytes: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The roots of the full subtrees that a tree of `size` leaves falls into, the largest first: all that growing needs."""

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        if len(roots) != size.bit_count():
            raise ValueError(
                f"a tree of {size} leaves falls into {size.bit_count()} subtrees, not {len(roots)}"
            )
        self.size = size
        self.roots = list(roots)

    def append(self, hashed: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Takes in the hash of one more leaf; tells each subtree it completes, as (height, index, root)."""
        index, height = self.size, 0
        yield height, index, hashed
        while index & 1:
            hashed = node_hash(self.roots.pop(), hashed)
            index >>= 1
            height += 1
            yield height, index, hashed
        self.roots.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """The root of the whole tree; of an empty one SHA-256 of nothing."""
        if not self.roots:
            return EMPTY_ROOT
        *others, folded = self.roots
        for root in reversed(others):
            folded = node_hash(root, folded)
        return folded


def root_of(size: int, subtree: Subtree) -> bytes:
    """The root that the tree had when it had `size` leaves."""
    return CompactRange(size, [subtree(height, index) for height, index in _cover(0, size)]).root()


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The hashes beside the way from leaf `index` up to the root of the tree of `size`, lowest first.

    Source: RFC 9162, section 2.1.3.1. Raises ValueError unless index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    return _path(index, 0, size, subtree)


def consistency_proof(earlier: int, later: int, subtree: Subtree) -> list[bytes]:
    """What shows that the tree of `later` leaves begins with the tree of `earlier`.

    Source: RFC 9162, section 2.1.4.1. Raises ValueError unless 0 < earlier ≤ later.
    """
    if not 0 < earlier <= later:
        raise ValueError(f"no consistency to prove between {earlier} and {later} leaves")
    return _growth(earlier, 0, later, subtree, is_known=True)


def _path(index: int, begin: int, end: int, subtree: Subtree) -> list[bytes]:
    if end - begin == 1:
        return []
    middle = begin + _split(end - begin)
    if index < middle:
        return [*_path(index, begin, middle, subtree), _root_between(middle, end, subtree)]
    return [*_path(index, middle, end, subtree), _root_between(begin, middle, subtree)]


def _growth(earlier: int, begin: int, end: int, subtree: Subtree, *, is_known: bool) -> list[bytes]:
    """`is_known`: the verifier holds the root of what lies between `begin` and `earlier`."""
    if earlier == end:
        return [] if is_known else [_root_between(begin, end, subtree)]
    middle = begin + _split(end - begin)
    if earlier <= middle:
        inner = _growth(earlier, begin, middle, subtree, is_known=is_known)
        return [*inner, _root_between(middle, end, subtree)]
    inner = _growth(earlier, middle, end, subtree, is_known=False)
    return [*inner, _root_between(begin, middle, subtree)]


def _split(size: int) -> int:
    """The largest power of two smaller than `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _root_between(begin: int, end: int, subtree: Subtree) -> bytes:
    *others, folded = [subtree(height, index) for height, index in _cover(begin, end)]
    for root in reversed(others):
        folded = node_hash(root, folded)
    return folded


def _cover(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The full subtrees between two leaves, in order, as (height, index); `begin` lies where the largest may begin."""
    while begin < end:
        height = (end - begin).bit_length() - 1
        yield height, begin >> height
        begin += 1 << height
