"""The seal, for those who look at it: how far it is, its checkpoints, tiles and proofs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.proof.leaf import Leaf
from domain.store.connecting import Readers
from domain.store.keys import Told, told
from domain.store.leaves import leaves_between
from domain.store.tree import StoredTree


class Quarantined(NamedTuple):
    """An event that is not sealed because nobody vouches for it."""

    position: int
    reason: str
    found_at: datetime


class SealStanding(NamedTuple):
    """How far the log is sealed."""

    head: int
    size: int
    trouble: str | None
    waits_since: datetime | None
    """When the first event that is not sealed was recorded."""
    now: datetime
    """By the database's clock."""
    note: str | None
    """The latest checkpoint."""
    quarantined_events: int

    @property
    def lag(self) -> timedelta:
        return max(self.now - self.waits_since, timedelta(0)) if self.waits_since else timedelta(0)


class Kept(NamedTuple):
    """A checkpoint as it was signed."""

    size: int
    root: bytes
    note: str
    sealed_at: datetime


class SealReader:
    """Reads raise LogBusy where the database cannot be reached."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self.tree = StoredTree(readers.fetch)

    async def standing(self) -> SealStanding:
        return SealStanding(*(await self._readers.fetch("seal_standing", {}))[0])

    async def quarantined(self) -> Sequence[Quarantined]:
        return [Quarantined(*row) for row in await self._readers.fetch("quarantined", {})]

    async def keys(self) -> Told:
        return await told(self._readers)

    async def checkpoint(self, size: int | None = None) -> Kept | None:
        """The latest, or that of a size."""
        return next((Kept(*row) for row in await self._readers.fetch("checkpoint", {"size": size})), None)

    async def checkpoint_over(self, position: int) -> Kept | None:
        """The first that covers the position; None: it is not sealed yet."""
        rows = await self._readers.fetch("checkpoint_over", {"position": position})
        return next((Kept(*row) for row in rows), None)

    async def tile(self, level: int, number: int) -> bytes:
        """Its hashes so far, 32 bytes each; empty where it is not begun."""
        rows = await self._readers.fetch("tiles", {"levels": [level], "numbers": [number]})
        return rows[0][2] if rows else b""

    async def leaves(self, origin: str, first: int, last: int) -> list[Leaf]:
        return await leaves_between(self._readers, origin, first, last)
