"""What a bundle is made of, read out of the database: one case as the log of one checkpoint holds it."""

import asyncio
import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from psycopg.rows import TupleRow

from domain.attestation import COSIGNATURES, COUNTY, HEADS
from domain.evidence.bundle import Evidence, SealedRow, complete_as_of
from domain.evidence.verify import BROKEN, note_of
from domain.loss import EventLost
from domain.proof.checkpoint import Checkpoint, MalformedCheckpoint
from domain.proof.heads import NOTHING, Head, is_head, proofs_among
from domain.proof.leaf import Leaf, SealedEvent, state_hash
from domain.proof.note import MalformedNote, Note
from domain.proof.signing import KeyRing
from domain.proof.tree import leaf_hash
from domain.store.keys import Told
from domain.store.leaves import leaf_left_of, signature_in_leaf
from domain.store.seal_reading import Kept, SealReader
from domain.store.tree import Proofs

HEADS_STREAM: Final = HEADS.stream(COUNTY)
COSIGNED_STREAM: Final = COSIGNATURES.stream(COUNTY)
PATIENCE: Final = 3
"""So often the map of heads may move while it is read."""
STANDSTILL: Final = timedelta(minutes=2)
"""What has waited so long was passed over by root, seal and witnesses, for which a minute is enough: something stands still."""
GIVEN_UP: Final = timedelta(days=1)
"""Witnesses that saw nothing of what was sealed in so long do not count as there."""
AROUND: Final = 2
"""So many cosigned checkpoints behind an event are looked at for one that covers it."""


class NoSuchStream(Exception):  # noqa: N818  — the domain's word
    """The log holds no event of the stream."""


class Awaited(StrEnum):
    """The first step of those that a case still lacks to be proved whole."""

    keys = "keys"  # 签名钥: nobody signs this log yet
    seal = "seal"  # 封印
    case_heads = "case_heads"  # 归入案头
    witnesses = "witnesses"  # 见证


class EvidenceNotYet(Exception):  # noqa: N818
    """No root of case heads covers the case yet that is sealed and that witnesses, where there are any, have seen.

    In a minute one will, where the log goes on; `is_overdue`: it does not, for the newest event has waited longer than that.
    """

    def __init__(self, awaited: Awaited, *, is_overdue: bool) -> None:
        super().__init__(awaited)
        self.awaited, self.is_overdue = awaited, is_overdue


class EvidenceBroken(Exception):  # noqa: N818
    """The event at this position is not what was sealed: no root will ever cover the case as it stands now."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


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
        leaves = [_leaf(row, origin) for row in await self._stream(stream) if row[0] <= standing.size]
        hashes = await self._seal.tree.leaves(leaf.position - 1 for leaf in leaves)
        for leaf in leaves:
            is_sealed = hashes[leaf.position - 1] == leaf_hash(leaf.to_bytes())
            if not is_sealed or not (_is_vouched(ring, leaf) or ring.is_stated_lost(leaf.position)):
                return leaf.position
        return None

    async def of(
        self, stream: str, *, since: Collection[int] = (), standstill: timedelta = STANDSTILL
    ) -> Evidence:
        """What proves the stream's events; those that nothing proves are named. `since`: sizes of checkpoints that somebody holds.

        Proved by the newest root of case heads, which witnesses must have seen where there are any; else by the last that was sealed
        and seen. Something is left out, or a checkpoint that is held not reached (`complete_as_of`), only where it has waited for
        `standstill`, or where the log ends before that checkpoint. Raises NoSuchStream, EvidenceNotYet, EvidenceBroken.
        """
        rows = await self._stream(stream)
        if not rows:
            raise NoSuchStream(stream)
        said = await self._seal.keys()
        held = max(since, default=0)
        is_overdue = await self._has_waited(rows[-1][5], held, standstill)
        if said.origin is None:
            raise EvidenceNotYet(Awaited.keys, is_overdue=is_overdue)
        found = None
        for _ in range(PATIENCE):
            if found := await self._by_newest_root(rows, said, since):
                break
        if found and (is_overdue or (not found.later and await self._reaches(found, held))):
            return found
        notes = await (self._last_checkpoints() if is_overdue else self._whole_and_seen(rows[-1][0]))
        found = await self._by_sealed_root(rows, said, notes, since)
        if found and (is_overdue or await self._reaches(found, held)):
            return found
        if (position := await self.first_broken(stream)) is not None:
            raise EvidenceBroken(position)
        raise EvidenceNotYet(await self._awaited(max(rows[-1][0], held)), is_overdue=is_overdue)

    async def _has_waited(self, recorded_at: datetime, held: int, standstill: timedelta) -> bool:
        """The newest event of the case, and the checkpoint that somebody holds: for so long that waiting brings nothing."""
        now = (await self._seal.standing()).now
        over = await self._seal.checkpoint_over(held) if held else None
        sealed_at = over.sealed_at if over else recorded_at
        return now - max(recorded_at, sealed_at) >= standstill

    async def _reaches(self, found: Evidence, held: int) -> bool:
        """As far as the log itself does."""
        return complete_as_of(found) >= held or held > (await self._seal.standing()).head

    async def _awaited(self, position: int) -> Awaited:
        sealed, rooted = (await self._seal.standing()).size, await self._last(HEADS_STREAM)
        if sealed < position:
            return Awaited.seal
        if rooted is None or rooted[0] > sealed or _fact(rooted)["size"] < position:
            return Awaited.case_heads
        return Awaited.witnesses

    async def _by_newest_root(
        self, rows: Sequence[TupleRow], said: Told, since: Iterable[int]
    ) -> Evidence | None:
        """None: the case is not covered or not seen yet, or the map of heads moved while it was read."""
        rooted = await self._last(HEADS_STREAM)
        note = await self._checkpoint_over(rooted[0]) if rooted else None
        if rooted is None or note is None:
            return None
        heads = _heads((rows, said.rows), rooted, said)
        proofs = await self._ways_up(heads) if heads else []
        return await self._proved(rows, said, _Under(note, rooted, heads, proofs), since)

    async def _by_sealed_root(
        self, rows: Sequence[TupleRow], said: Told, notes: Iterable[Note], since: Iterable[int]
    ) -> Evidence | None:
        """By the first of these checkpoints that covers a root over the case. None: none does."""
        for note in notes:
            top = Checkpoint.from_text(note.text)
            until = {"stream": HEADS_STREAM, "until": top.size}
            for rooted in await self._seal.fetch("last_kept_until", until):
                heads = _heads((rows, said.rows), rooted, said)
                proofs = await self._ways_up_at(heads, _fact(rooted)["size"]) if heads else []
                if found := await self._proved(rows, said, _Under(note, rooted, heads, proofs), since):
                    return found
        return None

    async def _proved(
        self, rows: Sequence[TupleRow], said: Told, under: "_Under", since: Iterable[int]
    ) -> Evidence | None:
        """None where the root is not of these heads."""
        if not under.holds():
            return None
        rooted, top, origin = under.rooted, Checkpoint.from_text(under.note.text), said.origin or ""
        case = [row for row in rows if row[0] <= top.size]
        cosigned = await self._cosigned_around([row[0] for row in case], top.size)
        beside = sorted((row for row in (*said.rows, rooted, *cosigned) if row[0] <= top.size), key=_position)
        sizes = {_fact(row)["size"] for row in cosigned} | {size for size in since if 0 < size <= top.size}
        proofs = await self._seal.tree.proofs([row[0] - 1 for row in (*case, *beside)], sizes, top.size)
        case_head, keys_head = under.proofs
        return Evidence(
            note=under.note.to_bytes(),
            case=[_sealed(row, origin, proofs) for row in case],
            beside=[_sealed(row, origin, proofs) for row in beside],
            growth_by_size=proofs.growth_by_size,
            case_head=case_head,
            keys_head=keys_head,
            policy=_own_policy(said),
            keys=f"process {_fact(said.rows[0])['key']} 1\n",
            later=[f"#{row[0]} v{row[2]} {row[3]}" for row in rows if row[0] > top.size],
        )

    # Events.

    async def _stream(self, stream: str) -> list[TupleRow]:
        return await self._seal.fetch("key_statements", {"stream": stream})

    async def _last(self, stream: str) -> TupleRow | None:
        """None where it is lost, too: the next takes its place within a minute."""
        rows = await self._seal.fetch("last_with_signature", {"stream": stream})
        return rows[0] if rows and not _is_lost(rows[0]) else None

    # The checkpoint, and earlier ones.

    async def _checkpoint_over(self, position: int) -> Note | None:
        """The latest that covers the position, and that witnesses have seen. None: there is none yet.

        The log tells of what a quorum has cosigned: it goes before what fewer have.
        """
        latest, told = await self._seal.checkpoint(), await self._told()
        if latest is None or latest.size < position:
            return None
        is_about = told is not None and await self._is_of_the_days_of(latest, told)
        for seen in (told, await self._cosigned_over(position)):
            if seen is not None and size_of(seen) >= position and not (is_about and _bears_fewer(seen, told)):
                return seen
        return None if is_about else Note.from_bytes(latest.note.encode())

    async def _whole_and_seen(self, position: int) -> list[Note]:
        """Those that leave out nothing up to the position; none with fewer witnesses than are still about."""
        last = await self._last_checkpoints()
        return [note for note in last if size_of(note) >= position and not _bears_fewer(note, last[0])]

    async def _last_checkpoints(self) -> list[Note]:
        """The last that a quorum, or else a witness, has cosigned, unless these were given up; then the last at all."""
        latest = await self._seal.checkpoint()
        if latest is None:
            return []
        seen = [await self._told(), await self._cosigned_over(1)]
        cosigned = [note for note in seen if note and await self._is_of_the_days_of(latest, note)]
        return [*cosigned, Note.from_bytes(latest.note.encode())]

    async def _told(self) -> Note | None:
        """The last of which the log tells that witnesses have cosigned it. None, too, where it tells of no checkpoint."""
        told = await self._last(COSIGNED_STREAM)
        if told is None:
            return None
        try:
            note = Note.from_bytes(note_of(_fact(told)))
            Checkpoint.from_text(note.text)
        except (*BROKEN, MalformedNote, MalformedCheckpoint):
            return None
        return note

    async def _is_of_the_days_of(self, latest: Kept, note: Note) -> bool:
        kept = await self._seal.checkpoint(size_of(note))
        return kept is not None and latest.sealed_at - kept.sealed_at <= GIVEN_UP

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

    async def _cosigned_around(self, positions: Sequence[int], size: int) -> list[TupleRow]:
        """What the log tells of checkpoints that witnesses saw just before and just behind each of these events."""
        asked = {"stream": COSIGNED_STREAM, "positions": positions, "behind": AROUND}
        found = await self._seal.fetch("events_around", asked)
        wanted = {row[0]: row for position in positions for row in _around(found, position)}
        return [row for at, row in sorted(wanted.items()) if at <= size and not _is_lost(row)]

    # Heads.

    async def _ways_up(self, heads: Sequence[Head]) -> list[list[bytes]]:
        """The proofs of these heads in the map as it stands."""
        found = await self._seal.fetch("beside_ways", {"ways": [head.way() for head in heads]})
        proof_by_way = dict[str, list[bytes]]()
        for way, hashed in found:
            proof_by_way.setdefault(way, []).append(hashed or NOTHING)
        return [proof_by_way.get(head.way(), []) for head in heads]

    async def _ways_up_at(self, heads: Sequence[Head], size: int) -> list[list[bytes]]:
        """Their proofs in the map as it stood at that size, made anew: the map that is kept has gone on."""
        rows = await self._seal.fetch("streams_until", {"until": size})
        hashes = await self._seal.tree.leaves(position - 1 for *_, position in rows)
        every = [Head(stream, version, hashes[position - 1]) for stream, version, position in rows]
        return await asyncio.to_thread(proofs_among, every, [head.stream for head in heads])


def size_of(note: Note) -> int:
    return Checkpoint.from_text(note.text).size


def _bears_fewer(note: Note, other: Note | None) -> bool:
    """Lines of fewer hands."""
    hands = [len({line.name for line in each.signatures}) for each in (note, other or note)]
    return hands[0] < hands[1]


class _Under(NamedTuple):
    """A checkpoint, a root of case heads that it covers, and the proofs under that root of the case and the keys."""

    note: Note
    rooted: TupleRow
    heads: Sequence[Head]
    proofs: Sequence[list[bytes]]

    def holds(self) -> bool:
        root = bytes.fromhex(_fact(self.rooted)["root"])
        found = [is_head(*each, root) for each in zip(self.heads, self.proofs, strict=True)]
        return bool(found) and all(found)


def _position(row: TupleRow) -> int:
    position: int = row[0]
    return position


def _sealed(row: TupleRow, origin: str, proofs: Proofs) -> SealedRow:
    leaf, state = _leaf(row, origin), None if _is_lost(row) else row[6]
    return SealedRow(leaf.position, leaf.to_bytes(), state, proofs.inclusion_by_index[leaf.position - 1])


def _heads(streams: Iterable[Sequence[TupleRow]], rooted: TupleRow, said: Told) -> list[Head]:
    """Where these streams stood when the heads were rooted; none at all where one of them had not begun."""
    size, origin = _fact(rooted)["size"], said.origin or ""
    found = [_head(rows, size, origin) for rows in streams]
    return [head for head in found if head] if all(found) else []


def _head(rows: Sequence[TupleRow], size: int, origin: str) -> Head | None:
    """The last of a stream's events at that size."""
    covered = [row for row in rows if row[0] <= size]
    if not covered:
        return None
    leaf = _leaf(covered[-1], origin)
    return Head(leaf.event.stream, leaf.event.version, leaf_hash(leaf.to_bytes()))


def _around(rows: Sequence[TupleRow], position: int) -> Iterator[TupleRow]:
    """The last of these statements before an event, and those behind it up to one that covers it."""
    behind = bisect_right(rows, position, key=_position)
    yield from rows[max(behind - 1, 0) : behind]
    for row in rows[behind : behind + AROUND + 1]:
        yield row
        if not _is_lost(row) and _fact(row)["size"] >= position:
            return


def _own_policy(said: Told) -> str:
    """What the log says of itself: for comparing, not for believing."""
    return "".join([*(f"log {key.vkey()}\n" for key in said.log_keys), "quorum none\n"])


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
