"""Where the tree's hashes lie in tiles of 256.  Source: C2SP tlog-tiles."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.proof.leaf import HASH_BYTES
from domain.proof.tree import node_hash

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT


@dataclass(frozen=True, slots=True)
class Tile:
    """The tile of a level by its number; `width` of its 256 hashes are there."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """As tlog-tiles spells it below the log's prefix: three digits a step, partial tiles with their width."""
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{_steps(self.number)}{partial}"


def tiles_of(size: int) -> Iterator[Tile]:
    """The tiles of a tree, level by level; the last of a level may be partial."""
    level = 0
    while size:
        yield from (Tile(level, number) for number in range(size // WIDTH))
        if size % WIDTH:
            yield Tile(level, size // WIDTH, size % WIDTH)
        level, size = level + 1, size // WIDTH


def place_of(height: int, index: int) -> tuple[int, int, int, int]:
    """Where to find the root of a full subtree: level and number of the tile, first hash and how many to fold."""
    level, above = divmod(height, HEIGHT)
    first = index << above
    return level, first // WIDTH, first % WIDTH, 1 << above


def fold(hashes: bytes) -> bytes:
    """The root over a power of two of hashes, 32 bytes each."""
    row = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def _steps(number: int) -> str:
    *above, last = _thousands(number)
    return "/".join([*(f"x{step:03d}" for step in above), f"{last:03d}"])


def _thousands(number: int) -> list[int]:
    steps = [number % 1000]
    while number := number // 1000:
        steps.insert(0, number % 1000)
    return steps
