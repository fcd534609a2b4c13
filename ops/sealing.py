"""封印 the seal: behind every commit, at most a second later, what was recorded becomes a leaf of the signed tree.

A round reads past what is sealed, seals up to the first event that it cannot vouch for, remembers outside the database which
tree it is about to sign, and writes tiles, seal and checkpoint in one transaction.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

import structlog

from domain.proof.checkpoint import Checkpoint
from domain.proof.growing import grow
from domain.proof.leaf import Leaf
from domain.proof.note import Note, Signer
from domain.proof.signing import UNSIGNED, Adoption, KeyRing, Use
from domain.proof.tree import CompactRange, leaf_hash
from domain.store.key_files import KeyFiles
from domain.store.keys import STREAM
from domain.store.sealing import Candidate, SealDesk, Standing
from domain.store.tree import StoredTree
from ops.seal_memory import SealMemory, Signed

PORTION: Final = 2000
"""So many events are read, and checked, at a time."""
TILES_SECONDS: Final = 10.0
"""So often the tiles are held against the memory; what sealing itself goes on from is, each time."""

MISSING: Final = "missing"
OUT_OF_ORDER: Final = "out-of-order"
BACKDATED: Final = "backdated"
UNSIGNED_EVENT: Final = "unsigned"
WRONGLY_SIGNED: Final = "wrongly-signed"
LOST: Final = "lost"

BeforeSigning = Callable[[str, int, int], Awaitable[None]]
"""Told the origin, the size that is sealed and the size about to be signed: whatever is signed can then be named from outside."""

_log = structlog.get_logger(__name__)


class SealingRefused(Exception):  # noqa: N818  — the domain's word
    """This log must not be signed as it is: it contradicts what was signed before, or it has no key to be signed with."""

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        """A code: unsigned-log, no-log-key, memory-missing, memory-contradicts, log-shorter."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a round did."""

    before: int
    size: int
    quarantined: int | None = None
    """The position at which it stopped."""
    trouble: str | None = None
    """What the database says of why sealing does not go on."""

    @property
    def has_grown(self) -> bool:
        return self.size > self.before


class Sealing:
    """Seals one county over one connection that holds its seat."""

    def __init__(
        self,
        desk: SealDesk,
        files: KeyFiles,
        memory: SealMemory,
        *,
        before_signing: BeforeSigning | None = None,
    ) -> None:
        self._desk = desk
        self._files = files
        self._memory = memory
        self._before_signing = before_signing
        self._tree = StoredTree(desk.fetch)
        self._origin = ""
        self._ring = KeyRing()
        self._is_stale = True
        """Whether statements about the keys may have come that the ring does not know."""
        self._vouched: set[Adoption] = set()
        self._promised_size = 0
        """Up to where the tree is known that is to be sealed: only there may something be lost."""
        self._tiles_compared: float | None = None

    async def round(self) -> Sealed:
        """Raises SealingRefused, SealMoved, MemoryUnreadable, KeysUnreadable, OSError, psycopg.Error."""
        if self._is_stale:
            await self._read_keys()
        standing = await self._desk.standing()
        head, signed = standing.head, self._memory.last()
        await self._refuse_contradiction(standing, signed)
        is_behind = signed is not None and signed.size > standing.size
        if signed and is_behind:  # a crash took back what was signed: exactly that again, and nothing else
            return await self._seal(standing, signed.size, signed)
        if head == standing.size:
            return Sealed(standing.size, standing.size, trouble=standing.trouble)
        return await self._seal(standing, head, None)

    async def _read_keys(self) -> None:
        """Raises SealingRefused where the log has none."""
        said = await self._desk.told()
        if said.origin is None:
            raise SealingRefused("unsigned-log")
        self._origin = said.origin
        self._ring = said.ring(said.origin, self._files.anchors())
        self._is_stale = False

    async def _refuse_contradiction(self, standing: Standing, signed: Signed | None) -> None:
        if signed is None:
            if standing.size:
                raise SealingRefused("memory-missing")
            return
        if standing.head < max(signed.size, standing.size):
            raise SealingRefused("log-shorter")
        if signed.size <= standing.size:
            await self._compare_tiles(signed)
        if signed.size == standing.size and standing.tree().root() != signed.root:
            raise SealingRefused("memory-contradicts")

    async def _compare_tiles(self, signed: Signed) -> None:
        if self._tiles_compared is not None and monotonic() - self._tiles_compared < TILES_SECONDS:
            return
        if await self._tree.root(signed.size) != signed.root:
            raise SealingRefused("memory-contradicts")
        self._tiles_compared = monotonic()

    async def _seal(self, standing: Standing, upto: int, promised: Signed | None) -> Sealed:
        self._promised_size = promised.size if promised else 0
        async with self._desk.transaction():
            tree = standing.tree()
            stopped = await self._grow(tree, upto)
            if promised and (tree.size, tree.root()) != promised:
                raise SealingRefused("memory-contradicts")
            if tree.size > standing.size:
                await self._sign(standing, tree, promised)
        trouble = standing.trouble if tree.size == standing.size else None  # advancing has ended it
        return Sealed(standing.size, tree.size, stopped, trouble)

    async def _grow(self, tree: CompactRange, upto: int) -> int | None:
        """Up to `upto`, or up to an event that cannot be sealed: its position, quarantined."""
        while tree.size < upto:
            after = tree.size
            candidates = await self._desk.to_seal(self._origin, after, min(upto, after + PORTION))
            if any(each.is_lost or each.leaf.event.stream == STREAM for each in candidates):
                await self._read_keys()
            sound, objection = await self._sound(candidates, after)
            await self._desk.write_pieces(grow(tree, [leaf_hash(leaf.to_bytes()) for leaf in sound]))
            if objection:
                await self._stop(tree.size + 1, objection)
                return tree.size + 1
        return None

    async def _sound(self, candidates: Sequence[Candidate], after: int) -> tuple[list[Leaf], str | None]:
        """Those that can be sealed, and what is wrong with the next."""
        sound: list[Leaf] = []
        for candidate in candidates:
            objection = await self._objection(candidate, after + len(sound) + 1)
            if objection:
                return sound, objection
            sound.append(candidate.leaf)
        return sound, None if sound else MISSING

    async def _objection(self, candidate: Candidate, position: int) -> str | None:
        leaf = candidate.leaf
        if leaf.position != position:
            return MISSING
        if not candidate.follows:
            return OUT_OF_ORDER
        if not candidate.is_in_time:
            return BACKDATED
        if candidate.is_lost:  # whose signature it bears, the tree that was signed before the loss has told
            is_stated = position <= self._promised_size and self._ring.is_stated_lost(position)
            return None if is_stated else LOST
        if self._ring.signer(leaf) or await self._is_adopted(leaf):
            return None
        return UNSIGNED_EVENT if leaf.signature == UNSIGNED else WRONGLY_SIGNED

    async def _is_adopted(self, leaf: Leaf) -> bool:
        """Whether a statement vouches for the leaf, among exactly those that it names."""
        adoption = self._ring.adoption_of(leaf.position)
        if adoption is None or adoption in self._vouched:
            return adoption is not None
        leaves = await self._desk.leaves(self._origin, adoption.first, adoption.last)
        is_vouched = adoption.names(leaves)
        if is_vouched:
            self._vouched.add(adoption)
        return is_vouched

    async def _stop(self, position: int, objection: str) -> None:
        """Nothing behind it is sealed. A statement may put it right at any time, so the keys are read anew."""
        self._is_stale = True
        if await self._desk.quarantine(position, objection):
            _log.critical("event_quarantined", position=position, reason=objection)

    async def _sign(self, standing: Standing, tree: CompactRange, promised: Signed | None) -> None:
        signers = self._signers(tree.size)
        if promised is None:
            if self._before_signing:
                await self._before_signing(self._origin, standing.size, tree.size)
            self._memory.remember(Signed(tree.size, tree.root()))
        text = Checkpoint(self._origin, tree.size, tree.root()).text()
        note = Note(text, tuple(signer.sign(text) for signer in signers))
        await self._desk.advance(standing.size, tree, note.to_bytes().decode())

    def _signers(self, size: int) -> list[Signer]:
        """All log keys of the folder that count: while one takes over from another, both sign."""
        own = {file.key: file for file in self._files.of(Use.log) if file.is_private}
        counting = [own[key].signer() for key in self._ring.at(size, Use.log) if key in own]
        if not counting:
            raise SealingRefused("no-log-key")
        return counting
