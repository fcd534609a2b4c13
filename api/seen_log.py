"""The raw log as somebody is shown it: the streams that `domain/access/shown.py` names, and no page of the others."""

from collections.abc import Sequence
from typing import Final, Protocol

import orjson

from domain.access.decision import Principal
from domain.access.shown import (
    INVESTIGATION,
    REGISTERS,
    Opened,
    Shown,
    knows_of_investigations,
    shown_to,
    with_investigations,
)
from domain.catalogue import Catalogue
from domain.investigation.events import InvestigationOpened
from domain.log import Recorded
from domain.store.mapper import StoredEvent

MOST_INVESTIGATIONS: Final = 100_000


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
        shown: Shown | None = None,
    ) -> Sequence[StoredEvent]:
        """As they are stored, with after < position ≤ until; fewer than `limit`: there is no more up to `until`.

        `shown`: of these streams alone.
        """
        ...

    async def last_position(self) -> int:
        """Where the log ends; 0 where nothing is recorded."""
        ...

    async def grown(self, beyond: int) -> None:
        """Returns when the log reaches beyond the position."""
        ...


class SeenLog:
    """`shown` None: all of it, for what the door itself reads."""

    def __init__(self, log: Reader, shown: Shown | None) -> None:
        self._log = log
        self._shown = shown

    @classmethod
    def from_afar(cls, log: Reader, sight: str | None) -> "SeenLog":
        """As who looks over a division may see what single things of it stand on; "" is the whole county."""
        return cls(log, None if sight == "" else Shown(frozenset() if sight is None else REGISTERS, sight))

    async def open_to(self, principal: Principal, sight: str | None, catalogue: Catalogue) -> "SeenLog":
        """The log as the permission table opens it to somebody who reads on in it.

        Asked for after it is known up to where is read: what is opened meanwhile must not come through.
        """
        shown = shown_to(principal, sight)
        if sight == "" and knows_of_investigations(principal):
            member = catalogue.staff(principal.actor.staff_id)
            opened = [_opened(each) for each in await self._openings()]
            shown = with_investigations(shown, principal, member.person_ref if member else None, opened)
        return SeenLog(self._log, shown)

    @property
    def shown(self) -> Shown | None:
        return self._shown

    async def _openings(self) -> Sequence[StoredEvent]:
        return await self._log.stored(
            0, MOST_INVESTIGATIONS, topic=InvestigationOpened.TOPIC, shown=Shown(frozenset({INVESTIGATION}))
        )

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
        shown: Shown | None = None,
    ) -> Sequence[StoredEvent]:
        """As the log's own; `shown` is the reader's own already."""
        if self._shown is None:
            return await self._log.stored(after, limit, until=until, topic=topic, stream=stream, shown=shown)
        if stream is not None and not self._shown.shows(stream):
            return ()
        only = self._shown if stream is None else None
        return await self._log.stored(after, limit, until=until, topic=topic, stream=stream, shown=only)

    async def last_position(self) -> int:
        return await self._log.last_position()

    async def grown(self, beyond: int) -> None:
        await self._log.grown(beyond)


def _opened(event: StoredEvent) -> Opened:
    fact = orjson.loads(event.state)["fact"]
    return Opened(event.stream, fact["officers"], fact["scope"].get("persons", ()))
