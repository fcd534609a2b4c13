"""The seal, for those who look at it: how far it is, its checkpoints, tiles and proofs."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from psycopg.abc import Params
from psycopg.rows import TupleRow

from domain.attestation import COSIGNATURES, COUNTY
from domain.attestation.events import CheckpointCosigned
from domain.proof.checkpoint import Checkpoint
from domain.proof.leaf import Leaf
from domain.proof.signing import KeyRing
from domain.store.connecting import Readers
from domain.store.keys import Told, told
from domain.store.leaves import leaves_between
from domain.store.mapper import Mapper, StoredEvent
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


class _Anybody:
    def __contains__(self, _: object) -> bool:
        return True


_ANYBODY: Final = _Anybody()
_MAPPER: Final = Mapper([COSIGNATURES])


@lru_cache(maxsize=4)  # statements are few and stay; their signatures are checked once, not for every answer
def _ring(said: Told) -> tuple[str, KeyRing] | None:
    origin = said.origin
    return (origin, said.ring(origin, _ANYBODY)) if origin else None


class SealReader:
    """Reads raise LogBusy where the database cannot be reached."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self.tree = StoredTree(readers.fetch)

    async def fetch(self, name: str, parameters: Params) -> list[TupleRow]:
        """The rows of a statement of queries.sql, for what is proved out of them."""
        return await self._readers.fetch(name, parameters)

    async def standing(self) -> SealStanding:
        return SealStanding(*(await self._readers.fetch("seal_standing", {}))[0])

    async def quarantined(self) -> Sequence[Quarantined]:
        return [Quarantined(*row) for row in await self._readers.fetch("quarantined", {})]

    async def keys(self) -> Told:
        return await told(self._readers)

    async def ring(self) -> tuple[str, KeyRing] | None:
        """The log's name and its keys as it tells them itself: for showing, never for judging. None: it has none."""
        return _ring(await self.keys())

    async def leaf(self, position: int) -> Leaf | None:
        """None where no event stands there, or the log has no keys."""
        found = await self.ring()
        leaves = await self.leaves(found[0], position, position) if found else []
        return leaves[0] if leaves else None

    async def amended(self, leaf: Leaf) -> str | None:
        """The topic of the last amendment of this event: it was corrected, or voided, since. None: neither."""
        rows = await self.fetch("amendments", {"stream": leaf.event.stream})
        said = [(topic, json.loads(state)["fact"]) for topic, state in rows]
        topics = [topic for topic, fact in said if fact["target_version"] == leaf.event.version]
        return topics[-1] if topics else None

    async def cosigned(self) -> tuple[int, str] | None:
        """The last checkpoint that witnesses have cosigned: its size and note."""
        rows = await self._readers.fetch("last_of_stream", {"stream": COSIGNATURES.stream(COUNTY)})
        if not rows:
            return None
        fact = _MAPPER.recorded(StoredEvent(*rows[0])).fact
        if not isinstance(fact, CheckpointCosigned):
            return None
        text = Checkpoint(fact.origin, fact.size, bytes.fromhex(fact.root)).text()
        return fact.size, f"{text}\n" + "".join(f"— {line}\n" for line in fact.lines)

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
