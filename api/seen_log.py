"""The raw log as somebody is shown it who may look at one division: its cases, and the master data that everybody knows."""

from collections.abc import Sequence
from typing import Final, Protocol

from domain.application import Recorded
from domain.case import CASE
from domain.catalogue import MASTER_DATA
from domain.store.mapper import StoredEvent

REGISTERS: Final = frozenset(aggregate.name for aggregate in MASTER_DATA)
PAGE: Final = 1000


class Reader(Protocol):
    """The log, for those who read on in it. Reads raise LogBusy where it cannot be reached."""

    async def page(self, after: int, limit: int) -> Sequence[Recorded]:
        """At most `limit` events behind `after`, ascending."""
        ...

    async def stored(
        self,
        after: int,
        limit: int,
        *,
        until: int | None = None,
        topic: str | None = None,
        stream: str | None = None,
    ) -> Sequence[StoredEvent]:
        """As they are stored, with after < position ≤ until; fewer than `limit`: there is no more up to `until`."""
        ...

    async def last_position(self) -> int:
        """Where the log ends; 0 where nothing is recorded."""
        ...

    async def grown(self, beyond: int) -> None:
        """Returns when the log reaches beyond the position."""
        ...


class SeenLog:
    """`sight`: what the division codes of everything shown begin with; "" is the whole county, None is nothing."""

    def __init__(self, log: Reader, sight: str | None) -> None:
        self._log = log
        self._sight = sight

    async def page(self, after: int, limit: int) -> Sequence[Recorded]:
        """Unnarrowed: by it a repeat reads again what its sender has recorded."""
        return await self._log.page(after, limit)

    async def stored(
        self,
        after: int,
        limit: int,
        *,
        until: int | None = None,
        topic: str | None = None,
        stream: str | None = None,
    ) -> Sequence[StoredEvent]:
        """As the log's own. Events that are not shown are passed over, page after page."""
        if self._sight == "":
            return await self._log.stored(after, limit, until=until, topic=topic, stream=stream)
        if stream is not None and not self._shows(stream):
            return ()
        found: list[StoredEvent] = []
        while len(found) < limit:
            page = await self._log.stored(after, PAGE, until=until, topic=topic, stream=stream)
            found += [event for event in page if self._shows(event.stream)]
            if len(page) < PAGE:
                break
            after = page[-1].position
        return found[:limit]

    async def last_position(self) -> int:
        return await self._log.last_position()

    async def grown(self, beyond: int) -> None:
        await self._log.grown(beyond)

    def _shows(self, stream: str) -> bool:
        kind, _, identity = stream.partition(":")
        if self._sight is None:
            return False
        return kind in REGISTERS or (kind == CASE.name and identity.startswith(self._sight))
