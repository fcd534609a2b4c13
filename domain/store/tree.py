"""The tree as its tiles hold it: roots and proofs for any size up to which it is sealed."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any, Final, NamedTuple, TypeVar

from psycopg.rows import TupleRow

from domain.proof.leaf import HASH_BYTES
from domain.proof.tiles import fold, place_of
from domain.proof.tree import Subtree, consistency_proof, inclusion_proof, root_of

Fetch = Callable[[str, dict[str, Any]], Awaitable[list[TupleRow]]]
"""The rows of a statement by its name."""
UNKNOWN: Final = bytes(HASH_BYTES)

T = TypeVar("T")


class TileMissing(Exception):  # noqa: N818  — the domain's word
    """The tiles do not hold what a tree of that size consists of."""


class Proofs(NamedTuple):
    """Of one tree."""

    inclusion_by_index: dict[int, list[bytes]]
    growth_by_size: dict[int, list[bytes]]


class StoredTree:
    """Reads whole tiles, each at most once for an answer."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    async def root(self, size: int) -> bytes:
        """Raises TileMissing."""
        return await self._made(lambda subtree: root_of(size, subtree))

    async def leaf(self, index: int) -> bytes:
        """The hash of a leaf. Raises TileMissing."""
        return (await self._subtrees([(0, index)]))[0, index]

    async def leaves(self, indices: Iterable[int]) -> dict[int, bytes]:
        """Hashes by index, at once; empty where no tile holds one."""
        places = {index: place_of(0, index) for index in indices}
        tiles = await self._tiles({(level, number) for level, number, _, _ in places.values()})
        return {
            index: tiles.get((level, number), b"")[first * HASH_BYTES : (first + 1) * HASH_BYTES]
            for index, (level, number, first, _) in places.items()
        }

    async def inclusion(self, index: int, size: int) -> list[bytes]:
        """Raises TileMissing, and ValueError unless index < size."""
        return await self._made(lambda subtree: inclusion_proof(index, size, subtree))

    async def consistency(self, earlier: int, later: int) -> list[bytes]:
        """Raises TileMissing, and ValueError unless 0 < earlier ≤ later."""
        return await self._made(lambda subtree: consistency_proof(earlier, later, subtree))

    async def proofs(self, indices: Collection[int], earlier: Collection[int], later: int) -> Proofs:
        """Of several leaves and several sizes at once. Raises as inclusion and consistency do."""
        return await self._made(
            lambda subtree: Proofs(
                {index: inclusion_proof(index, later, subtree) for index in indices},
                {size: consistency_proof(size, later, subtree) for size in earlier},
            )
        )

    async def _made(self, make: Callable[[Subtree], T]) -> T:
        """Made twice: once to hear which subtrees are asked for, once with them."""
        wanted: list[tuple[int, int]] = []

        def ask(height: int, index: int) -> bytes:
            wanted.append((height, index))
            return UNKNOWN

        make(ask)
        found = await self._subtrees(wanted)
        return make(lambda height, index: found[height, index])

    async def _subtrees(self, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        places = {each: place_of(*each) for each in wanted}
        tiles = await self._tiles({place[:2] for place in places.values()})
        return {each: _root_in(tiles, *place) for each, place in places.items()}

    async def _tiles(self, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        if not wanted:
            return {}
        levels, numbers = zip(*wanted, strict=True)
        rows = await self._fetch("tiles", {"levels": list(levels), "numbers": list(numbers)})
        return {(level, number): hashes for level, number, hashes in rows}


def _root_in(tiles: dict[tuple[int, int], bytes], level: int, number: int, first: int, count: int) -> bytes:
    hashes = tiles.get((level, number), b"")[first * HASH_BYTES : (first + count) * HASH_BYTES]
    if len(hashes) != count * HASH_BYTES:
        raise TileMissing(f"tile {level}/{number}")
    return fold(hashes)
