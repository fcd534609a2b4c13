"""What a bundle is made of, read out of the database: one case as the log of one checkpoint holds it."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from psycopg.rows import TupleRow

from domain.attestation import COSIGNATURES, COUNTY, HEADS
from domain.evidence.bundle import Evidence, SealedRow
from domain.evidence.verify import note_of
from domain.loss import EventLost
from domain.proof.checkpoint import Checkpoint
from domain.proof.heads import NOTHING, Head, is_head
from domain.proof.leaf import HASH_BYTES, Leaf, SealedEvent, state_hash
from domain.proof.note import Note
from domain.proof.signing import KeyRing, Use
from domain.proof.tiles import WIDTH
from domain.proof.tree import leaf_hash
from domain.store.keys import Told
from domain.store.leaves import leaf_left_of, signature_in_leaf
from domain.store.seal_reading import SealReader

HEADS_STREAM: Final = HEADS.stream(COUNTY)
COSIGNED_STREAM: Final = COSIGNATURES.stream(COUNTY)
PATIENCE: Final = 3
"""So often the map of heads may move while it is read."""
AROUND: Final = 2
"""So many cosigned checkpoints behind an event are looked at for one that covers it."""


class NoSuchStream(Exception):  # noqa: N818  — the domain's word
    """The log holds no event of the stream."""


class EvidenceNotYet(Exception):  # noqa: N818
    """The case is not wholly sealed and rooted yet; in a minute it will be."""


class EvidenceReader:
    """Makes bundles. Reads raise LogBusy where the database cannot be reached."""

    def __init__(self, seal: SealReader) -> None:
        self._seal = seal

    async def first_broken(self, stream: str) -> int | None:
        """The position of the stream's first event that is not what was sealed, or that nobody's signature covers.

        By the log's own word on its keys, and its own tiles: who doubts these asks `jiandu verify`.
        """
        told = await self._seal.ring()
        standing = await self._seal.standing()
        if told is None:
            return None
        origin, ring = told
        for row in await self._stream(stream):
            leaf = _leaf(row, origin)
            if leaf.position > standing.size:
                break
            place = (leaf.position - 1) % WIDTH * HASH_BYTES
            tile = await self._seal.tile(0, (leaf.position - 1) // WIDTH)
            is_sealed = tile[place : place + HASH_BYTES] == leaf_hash(leaf.to_bytes())
            if not is_sealed or not (_is_vouched(ring, leaf) or ring.is_stated_lost(leaf.position)):
                return leaf.position
        return None

    async def of(self, stream: str, *, since: Iterable[int] = ()) -> Evidence:
        """Everything that proves the stream's events. `since`: sizes of checkpoints that somebody holds.

        Raises NoSuchStream, EvidenceNotYet.
        """
        rows = await self._stream(stream)
        if not rows:
            raise NoSuchStream(stream)
        said = await self._seal.keys()
        if said.origin is None:
            raise EvidenceNotYet(stream)
        for _ in range(PATIENCE):
            if found := await self._tried(rows, said, since):
                return found
        raise EvidenceNotYet(stream)

    async def _tried(self, rows: Sequence[TupleRow], said: Told, since: Iterable[int]) -> Evidence | None:
        """None: the case is not covered yet, or the map of heads moved while it was read."""
        rooted = await self._last(HEADS_STREAM)
        note = await self._checkpoint_over(rooted[0]) if rooted else None
        if rooted is None or note is None:
            return None
        top, heads_size = Checkpoint.from_text(note.text), _fact(rooted)["size"]
        root = bytes.fromhex(_fact(rooted)["root"])
        proofs = [
            await self._head_proof(own, heads_size, root, said.origin or "") for own in (rows, said.rows)
        ]
        if proofs[0] is None or proofs[1] is None:
            return None
        case = [row for row in rows if row[0] <= top.size]
        cosigned = await self._cosigned_around([row[0] for row in case], top.size)
        beside = sorted([*said.rows, rooted, *cosigned], key=lambda row: row[0])
        sizes = {_fact(row)["size"] for row in cosigned} | {size for size in since if 0 < size <= top.size}
        return Evidence(
            note=note.to_bytes(),
            case=[await self._sealed(row, top) for row in case],
            beside=[await self._sealed(row, top) for row in beside if row[0] <= top.size],
            growth_by_size={size: await self._seal.tree.consistency(size, top.size) for size in sizes},
            case_head=proofs[0],
            keys_head=proofs[1],
            policy=await self._own_policy(),
            keys=f"process {_fact(said.rows[0])['key']} 1\n",
        )

    async def _own_policy(self) -> str:
        """What the log says of itself: for comparing, not for believing."""
        told = await self._seal.ring()
        terms = told[1].terms if told else ()
        logs = [f"log {term.key.vkey()}\n" for term in terms if term.use is Use.log]
        return "".join([*logs, "quorum none\n"])

    # Events.

    async def _stream(self, stream: str) -> list[TupleRow]:
        return await self._seal.fetch("key_statements", {"stream": stream})

    async def _last(self, stream: str) -> TupleRow | None:
        """None where it is lost, too: the next takes its place within a minute."""
        rows = await self._seal.fetch("event_of_stream", {"stream": stream, "version": None})
        return rows[0] if rows and not _is_lost(rows[0]) else None

    async def _sealed(self, row: TupleRow, top: Checkpoint) -> SealedRow:
        leaf = _leaf(row, top.origin)
        proof = await self._seal.tree.inclusion(leaf.position - 1, top.size)
        return SealedRow(leaf.position, leaf.to_bytes(), None if _is_lost(row) else row[6], proof)

    # The checkpoint, and earlier ones.

    async def _checkpoint_over(self, position: int) -> Note | None:
        """The latest that covers the position: a cosigned one, where the log tells of one that does."""
        latest, told = await self._seal.checkpoint(), await self._last(COSIGNED_STREAM)
        if latest is None or latest.size < position:
            return None
        if (cosigned := await self._cosigned_over(position)) is not None:
            return cosigned
        if told is not None and _fact(told)["size"] >= position:
            return Note.from_bytes(note_of(_fact(told)))
        return Note.from_bytes(latest.note.encode())

    async def _cosigned_over(self, position: int) -> Note | None:
        """The largest that covers the position and that witnesses have cosigned, with the lines of all who have."""
        rows = await self._seal.fetch("cosigned_over", {"position": position})
        kept = await self._seal.checkpoint(rows[0][0]) if rows else None
        if kept is None:
            return None
        lines = "".join(line for size, line in rows if size == kept.size)
        return Note.from_bytes(kept.note.encode()).signed_by(
            *Note.from_bytes(f"-\n\n{lines}".encode()).signatures
        )

    async def _cosigned_around(self, positions: Iterable[int], size: int) -> list[TupleRow]:
        """What the log tells of checkpoints that witnesses saw just before and just behind each of these events."""
        last = await self._last(COSIGNED_STREAM)
        if last is None:
            return []
        found, wanted = {last[2]: last}, set[int]()
        for position in positions:
            behind = await self._first_cosigned_behind(position, last[2], found)
            wanted |= {behind - 1} if behind > 1 else set()
            for version in range(behind, min(last[2], behind + AROUND) + 1):
                wanted.add(version)
                told = await self._cosigned(version, found)
                if not _is_lost(told) and _fact(told)["size"] >= position:
                    break
        rows = [await self._cosigned(version, found) for version in sorted(wanted)]
        return [row for row in rows if row[0] <= size and not _is_lost(row)]

    async def _first_cosigned_behind(self, position: int, last: int, found: dict[int, TupleRow]) -> int:
        """The version of the first that stands behind the position; one above the last where none does."""
        low, high = 1, last + 1
        while low < high:
            middle = (low + high) // 2
            if (await self._cosigned(middle, found))[0] > position:
                high = middle
            else:
                low = middle + 1
        return low

    async def _cosigned(self, version: int, found: dict[int, TupleRow]) -> TupleRow:
        if version not in found:
            asked = {"stream": COSIGNED_STREAM, "version": version}
            found[version] = (await self._seal.fetch("event_of_stream", asked))[0]
        return found[version]

    # Heads.

    async def _head_proof(
        self, rows: Sequence[TupleRow], size: int, root: bytes, origin: str
    ) -> list[bytes] | None:
        """That nothing newer stood in the stream at that size; None where the map holds something else by now."""
        covered = [row for row in rows if row[0] <= size]
        if not covered:
            return None
        leaf = _leaf(covered[-1], origin)
        head = Head(leaf.event.stream, leaf.event.version, leaf_hash(leaf.to_bytes()))
        beside = await self._seal.fetch("beside_way", {"way": head.way()})
        proof = [hashed or NOTHING for (hashed,) in beside]
        return proof if is_head(head, proof, root) else None


def _is_vouched(ring: KeyRing, leaf: Leaf) -> bool:
    return bool(ring.signer(leaf) or ring.adoption_of(leaf.position))


def _is_lost(row: TupleRow) -> bool:
    topic: str = row[3]
    return topic == EventLost.TOPIC


def _leaf(row: TupleRow, origin: str) -> Leaf:
    position, stream, version, topic, occurred_at, recorded_at, state, signature = row
    if _is_lost(row) and (left := leaf_left_of((position, stream, version, occurred_at), origin, state)):
        return left
    event = SealedEvent(origin, stream, version, occurred_at, topic, state_hash(state))
    return Leaf(position, event, recorded_at, signature_in_leaf(signature))


def _fact(row: TupleRow) -> dict[str, Any]:
    fact: dict[str, Any] = json.loads(row[6])["fact"]
    return fact
