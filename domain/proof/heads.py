"""案头 the case heads: a Merkle map from every stream to its latest leaf, so that nobody can hide a stream's newest events.

The tree branches by the bits of SHA-256(stream), the highest first. A subtree with one stream is that stream's leaf,
whatever its depth; one with none is empty. So each set of heads has one root, however it came about, and a stream can
stand at one place only: that of its own bits.
"""

from bisect import bisect_left
from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Final, NamedTuple

from domain.proof.leaf import counted_text
from domain.proof.tree import leaf_hash, node_hash

HEAD: Final = b"jdhead1\n"
NOTHING: Final = bytes(32)
"""An empty subtree. No hash of anything is known to be it."""

Bits = str
"""The way from the root, as "0" for left and "1" for right."""


@dataclass(frozen=True, slots=True)
class Head:
    """The latest event of a stream that the tree holds."""

    stream: str
    version: int
    leaf_hash: bytes

    def hashed(self) -> bytes:
        told = HEAD + counted_text(self.stream) + self.version.to_bytes(8) + self.leaf_hash
        return leaf_hash(told)

    def way(self) -> Bits:
        return f"{int.from_bytes(sha256(self.stream.encode()).digest()):0256b}"


class Place(NamedTuple):
    """What stands at a place of the tree: a lone stream's way below it, or None where it branches."""

    hashed: bytes
    way: Bits | None


class Heads:
    """The map over its places, by the bits of their way; `places` may live in a database."""

    def __init__(self, places: MutableMapping[Bits, Place]) -> None:
        self._places = places

    def root(self) -> bytes:
        return self._hash_at("")

    def put(self, head: Head) -> None:
        """The stream stands at this head from now on."""
        way, depth = head.way(), 0
        while (place := self._places.get(way[:depth])) is not None and place.way != way:
            if place.way is not None:
                self._places[place.way[: depth + 1]] = place  # the lone stream makes room
                self._places[way[:depth]] = Place(NOTHING, None)
            depth += 1
        self._places[way[:depth]] = Place(head.hashed(), way)
        for above in reversed(range(depth)):
            self._branch(way[:above])

    def proof(self, stream: str) -> list[bytes]:
        """The hashes beside the way from the stream's place up to the root, lowest first. Raises KeyError."""
        way, beside = Head(stream, 0, NOTHING).way(), list[bytes]()
        while self._places[way[: len(beside)]].way is None:
            beside.append(self._hash_at(_beside(way[: len(beside) + 1])))
        if self._places[way[: len(beside)]].way != way:
            raise KeyError(stream)
        return beside[::-1]

    def _branch(self, at: Bits) -> None:
        self._places[at] = Place(node_hash(self._hash_at(at + "0"), self._hash_at(at + "1")), None)

    def _hash_at(self, at: Bits) -> bytes:
        place = self._places.get(at)
        return NOTHING if place is None else place.hashed


def proofs_among(heads: Iterable[Head], streams: Iterable[str]) -> list[list[bytes]]:
    """As `Heads.proof`, of several streams of a map that is told whole. Raises KeyError."""
    placed = sorted((head.way(), head.hashed()) for head in heads)
    return [_proof_in(placed, stream) for stream in streams]


def _proof_in(placed: Sequence[tuple[Bits, bytes]], stream: str) -> list[bytes]:
    way, low, high, beside = Head(stream, 0, NOTHING).way(), 0, len(placed), list[bytes]()
    while high - low > 1:
        depth = len(beside)
        middle = _middle(placed, low, high, depth)
        if way[depth] == "0":
            beside.append(_root_of(placed, middle, high, depth + 1))
            high = middle
        else:
            beside.append(_root_of(placed, low, middle, depth + 1))
            low = middle
    if [each for each, _ in placed[low:high]] != [way]:
        raise KeyError(stream)
    return beside[::-1]


def _root_of(placed: Sequence[tuple[Bits, bytes]], low: int, high: int, depth: int) -> bytes:
    if high - low <= 1:  # a lone stream stands as high as it can
        return placed[low][1] if low < high else NOTHING
    middle = _middle(placed, low, high, depth)
    return node_hash(_root_of(placed, low, middle, depth + 1), _root_of(placed, middle, high, depth + 1))


def _middle(placed: Sequence[tuple[Bits, bytes]], low: int, high: int, depth: int) -> int:
    """Where the ways turn right."""
    return bisect_left(placed, "1", low, high, key=lambda place: place[0][depth])


def is_head(head: Head, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the stream's latest event under this root is that head."""
    way, folded = head.way(), head.hashed()
    if len(proof) > len(way):
        return False
    for depth, beside in zip(range(len(proof) - 1, -1, -1), proof, strict=True):
        folded = node_hash(folded, beside) if way[depth] == "0" else node_hash(beside, folded)
    return compare_digest(folded, root)


def _beside(at: Bits) -> Bits:
    return at[:-1] + ("1" if at[-1] == "0" else "0")
