"""The sealing worker's side of the database: a connection as the sealer, and what it reads and writes there."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

from psycopg import AsyncConnection, AsyncTransaction, sql
from psycopg.rows import TupleRow

from domain.proof.growing import Piece, roots_in
from domain.proof.heads import Bits, Head, Place
from domain.proof.leaf import Leaf
from domain.proof.tree import CompactRange
from domain.store.connecting import Access
from domain.store.keys import STREAM, Told
from domain.store.leaves import leaf_of
from domain.store.statements import SEALING


class SealMoved(Exception):  # noqa: N818  — the domain's word
    """Somebody else has written to the tree since it was read."""


class Standing(NamedTuple):
    """How far the log is sealed."""

    size: int = 0
    roots: bytes = b""
    heads_size: int = 0
    trouble: str | None = None
    head: int = 0
    """The last position of the log."""

    def tree(self) -> CompactRange:
        return CompactRange(self.size, roots_in(self.roots))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event that may be sealed next."""

    leaf: Leaf
    follows: bool
    """Whether it is the next of its stream."""
    is_in_time: bool
    """Whether it was not recorded before the one before it."""
    is_lost: bool = False
    """Whether nothing but its leaf is left of it."""


async def connect(access: Access) -> AsyncConnection[TupleRow]:
    """A connection that acts as the sealer. Raises psycopg.Error."""
    connection = await access.connect()
    # synchronous_commit: what a crash takes back follows from the log again, and the memory says how far it must
    settings = sql.SQL("set role {}; set synchronous_commit = off").format(
        sql.Identifier(access.county.sealer)
    )
    await connection.execute(settings)
    return connection


class SealDesk:
    """What one connection does for the seal. Every method may raise psycopg.Error."""

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def fetch(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[TupleRow]:
        cursor = self._connection.cursor(binary=True)
        await cursor.execute(SEALING[name], parameters, prepare=True)
        return await cursor.fetchall() if cursor.description else []

    def transaction(self) -> AbstractAsyncContextManager[AsyncTransaction]:
        return self._connection.transaction()

    async def is_seated(self) -> bool:
        """Whether this connection is the one that seals the county from now on."""
        return (await self.fetch("seat"))[0][0] is True

    async def standing(self) -> Standing:
        return Standing(*(await self.fetch("standing"))[0])

    async def told(self) -> Told:
        return Told(tuple(await self.fetch("key_statements", {"stream": STREAM})))

    async def to_seal(self, origin: str, after: int, until: int) -> list[Candidate]:
        rows = await self.fetch("to_seal", {"after": after, "until": until})
        return [
            Candidate(leaf_of(row[:9], origin), row[9], row[10], is_lost=row[8] is not None) for row in rows
        ]

    async def leaves(self, origin: str, first: int, last: int) -> list[Leaf]:
        rows = await self.fetch("leaves", {"first": first, "last": last})
        return [leaf_of(row, origin) for row in rows]

    async def write_pieces(self, pieces: Iterable[Piece]) -> None:
        """Raises SealMoved."""
        for piece in pieces:
            written = await self.fetch("write_piece", piece._asdict())
            if written != [(piece.begins * 32 + len(piece.hashes),)]:
                raise SealMoved(f"tile {piece.level}/{piece.number}")

    async def advance(self, before: int, tree: CompactRange, note: str) -> None:
        """The tree is sealed as it stands, under this checkpoint. Raises SealMoved."""
        to = {"before": before, "size": tree.size, "roots": b"".join(tree.roots)}
        if not await self.fetch("advance", to):
            raise SealMoved(f"size {before}")
        await self.fetch("keep_checkpoint", {"size": tree.size, "root": tree.root(), "note": note})
        await self.fetch("release", {"before": before, "size": tree.size})

    async def quarantine(self, position: int, reason: str) -> bool:
        """Whether it was not quarantined before."""
        return bool(await self.fetch("quarantine", {"position": position, "reason": reason}))

    async def complain(self, trouble: str | None) -> None:
        await self.fetch("complain", {"trouble": trouble})

    async def last_told(self, after: int, until: int, besides: Sequence[str]) -> int | None:
        """The last event behind `after` of any other stream; None: there is none."""
        asked = {"after": after, "until": until, "besides": list(besides)}
        position: int | None = (await self.fetch("last_told", asked))[0][0]
        return position

    async def heads(self, after: int, until: int) -> list[Head]:
        """The streams that have events there, each as it stands at `until`."""
        return [Head(*row) for row in await self.fetch("heads_between", {"after": after, "until": until})]

    async def places(self, heads: Iterable[Head]) -> dict[Bits, Place]:
        """All places that putting these heads can touch."""
        rows = await self.fetch("places", {"ways": [head.way() for head in heads]})
        return {way: Place(hashed, lone_way) for way, hashed, lone_way in rows}

    async def heads_root(self) -> bytes:
        """Of the map as it stands."""
        root: bytes = (await self.fetch("heads_root"))[0][0]
        return root

    async def keep_places(self, places: Mapping[Bits, Place], before: int, size: int) -> None:
        """The map of heads goes on from `before`. Raises SealMoved."""
        columns = {
            "ways": list(places),
            "hashes": [place.hashed for place in places.values()],
            "lone_ways": [place.way for place in places.values()],
        }
        await self.fetch("keep_places", columns)
        if not await self.fetch("keep_heads", {"before": before, "size": size}):
            raise SealMoved(f"heads {before}")
