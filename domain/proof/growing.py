"""What a growing tree adds to its tiles."""

from collections.abc import Iterable
from typing import NamedTuple

from domain.proof.leaf import HASH_BYTES
from domain.proof.tiles import HEIGHT, WIDTH
from domain.proof.tree import CompactRange


class Piece(NamedTuple):
    """Hashes to write behind the first `begins` of a tile."""

    level: int
    number: int
    begins: int
    hashes: bytes


def grow(tree: CompactRange, leaf_hashes: Iterable[bytes]) -> list[Piece]:
    """Takes the hashes of further leaves into the tree; answers what their tiles gain, each tile once, by level."""
    gained: dict[tuple[int, int], tuple[int, bytearray]] = {}
    for hashed in leaf_hashes:
        for height, index, root in tree.append(hashed):
            if height % HEIGHT == 0:
                number, place = divmod(index, WIDTH)
                gained.setdefault((height // HEIGHT, number), (place, bytearray()))[1].extend(root)
    return [Piece(*tile, begins, bytes(hashes)) for tile, (begins, hashes) in sorted(gained.items())]


def roots_in(stored: bytes) -> list[bytes]:
    """The roots of a compact range as they are stored: one behind the other."""
    return [stored[at : at + HASH_BYTES] for at in range(0, len(stored), HASH_BYTES)]
