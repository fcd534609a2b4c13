"""Keeps a catalogue up to date by following the master data in the log."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Final

import structlog
from psycopg.rows import TupleRow

from domain.catalogue import FOLDED, Catalogue
from domain.log import LogBusy
from domain.store.bell import Bell
from domain.store.connecting import Readers
from domain.store.mapper import Mapper, StoredEvent

log = structlog.get_logger(__name__)

KINDS: Final = [aggregate.name for aggregate in FOLDED]
RETRY_SECONDS: Final = 1.0


class CatalogueFeed:
    """Applies every fact of the master-data streams to `catalogue`, in the order of the log."""

    def __init__(self, readers: Readers, mapper: Mapper, bell: Bell, catalogue: Catalogue) -> None:
        self._readers = readers
        self._mapper = mapper
        self._bell = bell
        self.catalogue = catalogue
        self.position = 0
        """The catalogue knows everything up to here."""
        self._moved = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Fills the catalogue from the log as it stands, then follows it. Raises what reading raises."""
        until = self._bell.position
        self._apply(await self._readers.fetch("kinds_upto", {"kinds": KINDS, "until": until}), until)
        self._following = asyncio.create_task(self._follow(), name="catalogue")

    def grow(self, first: int, last: int, streams: Collection[str]) -> None:
        """This process has appended positions `first` to `last`, in these streams at most: tells all who follow the log.

        What holds nothing of the catalogue and comes right behind what it knows, mostly all there is, need not be read.
        """
        if first == self.position + 1 and not any(_kind(stream) in KINDS for stream in streams):
            self._reach(last)
        self._bell.ring(first, last)

    @property
    def is_following(self) -> bool:
        """False where it stopped over an event that this version of the programme cannot read."""
        return self._following is not None and not self._following.done()

    async def close(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def reach(self, position: int) -> None:
        """Returns when the catalogue knows everything up to `position`.

        Raises what stopped the feed: an event of the master data that this version of the programme cannot read.
        """
        while self.position < position:
            if self._following is None or self._following.done():
                self._following.result() if self._following else None
                raise LogBusy
            moved = asyncio.create_task(self._moved.wait())
            await asyncio.wait((moved, self._following), return_when=asyncio.FIRST_COMPLETED)
            moved.cancel()

    async def _follow(self) -> None:
        while True:
            await self._bell.beyond(self.position)
            until = self._bell.position
            window = {"kinds": KINDS, "after": self.position, "until": until}
            try:
                self._apply(await self._readers.fetch("kinds_between", window), until)
            except LogBusy:
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                log.exception("catalogue_stopped", position=self.position)
                raise

    def _apply(self, rows: Sequence[TupleRow], until: int) -> None:
        for row in rows:
            event = self._mapper.recorded(StoredEvent(*row))
            self.catalogue.apply(event.stream, event.fact, event.version)
        self._reach(until)

    def _reach(self, position: int) -> None:
        self.position = max(self.position, position)
        self._moved.set()
        self._moved = asyncio.Event()


def _kind(stream: str) -> str:
    return stream.partition(":")[0]
