"""案头 the case heads at work: the map from every stream to its last sealed leaf, and its root as an event of the log."""

from typing import Final

import structlog

from domain.attestation import COSIGNATURES, COUNTY, HEADS
from domain.attestation.commands import RootCaseHeads
from domain.attestation.state import Seen
from domain.grammar import Actor
from domain.proof.heads import Bits, Heads, Place
from domain.store.attesting import Attester
from domain.store.sealing import SealDesk
from domain.window.values import Role

AT_ONCE: Final = 10_000
"""So many positions enter the map in one transaction."""
ABOUT_THE_TREE: Final = (HEADS.stream(COUNTY), COSIGNATURES.stream(COUNTY))
"""Statements that follow from sealing itself: they alone are no reason to make another."""
SEALER: Final = Actor(staff_id="jiandu-seal", role=Role.clock)

_log = structlog.get_logger(__name__)


class _Touched(dict[Bits, Place]):
    """Places, and which of them were written."""

    def __init__(self, places: dict[Bits, Place]) -> None:
        super().__init__(places)
        self.written: set[Bits] = set()

    def __setitem__(self, way: Bits, place: Place) -> None:
        self.written.add(way)
        super().__setitem__(way, place)


class Rooting:
    """Keeps the map of heads and roots it."""

    def __init__(self, desk: SealDesk, attester: Attester) -> None:
        self._desk = desk
        self._attester = attester

    async def root(self) -> int | None:
        """Brings the map up to what is sealed and says so in the log: the size; None where nothing was added since.

        Raises SealMoved, psycopg.Error, Rejected, VersionConflict, LogBusy, OutcomeUnknown.
        """
        standing = await self._desk.standing()
        seen: Seen = (await self._attester.last())[0]
        if await self._desk.last_told(seen.size, standing.size, ABOUT_THE_TREE) is None:
            return None
        for after in range(standing.heads_size, standing.size, AT_ONCE):
            await self._take_in(after, min(after + AT_ONCE, standing.size))
        root = await self._desk.heads_root()
        await self._attester.say(RootCaseHeads(size=standing.size, root=root.hex()))
        _log.info("case_heads_rooted", size=standing.size)
        return standing.size

    async def _take_in(self, after: int, upto: int) -> None:
        async with self._desk.transaction():
            heads = await self._desk.heads(after, upto)
            touched = _Touched(await self._desk.places(heads))
            tree = Heads(touched)
            for head in heads:
                tree.put(head)
            await self._desk.keep_places({way: touched[way] for way in touched.written}, after, upto)
