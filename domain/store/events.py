"""Reading the log by position: page by page, as it stood, or following it as it grows."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from domain.access.shown import Shown
from domain.log import Recorded
from domain.store.bell import Bell
from domain.store.connecting import Readers
from domain.store.mapper import Mapper, StoredEvent

END: Final = 2**63 - 1
FOLLOWED_AT_ONCE: Final = 200
LOOKED_THROUGH: Final = 10_000
"""So many events are looked at one by one for those that somebody is shown, before their names are asked for."""


class EventReader:
    """The log, for those who read on in it. Positions are dense and never change.

    Reads raise LogBusy where the database cannot be reached, TopicUnknown and StateUnreadable where an event
    cannot be read by this version of the programme.
    """

    def __init__(self, readers: Readers, mapper: Mapper, bell: Bell) -> None:
        self._readers = readers
        self._mapper = mapper
        self._bell = bell

    async def last_position(self) -> int:
        """Where the log ends; 0 where nothing is recorded."""
        position: int = (await self._readers.fetch("last_position", {}))[0][0]
        return position

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
        """As `page`, the states still bytes: also what this version of the programme cannot read."""
        until = END if until is None else until
        window: dict[str, object] = {"after": after, "until": until, "limit": limit, "topic": topic}
        if stream is not None:
            return await self._fetched("stream_page", window | {"stream": stream})
        if shown is not None:
            return await self._shown(shown, window, after, limit, until)
        return await self._fetched("page", window)

    async def _shown(
        self, shown: Shown, window: Mapping[str, object], after: int, limit: int, until: int
    ) -> Sequence[StoredEvent]:
        """The next stretch of the log is looked through; what is still missing is found by the streams' names, and so is
        everything where no case is shown: the rest are few.
        """
        ranges = list(shown.ranges())
        names = {"lowest": [each[0] for each in ranges], "beyond": [each[1] for each in ranges]}
        asked = {**window, **names, "without": list(shown.without)}
        if shown.sight is None:
            return await self._fetched("shown_far", asked)
        near = min(until, after + LOOKED_THROUGH)
        found = await self._fetched("shown_near", asked | {"until": near})
        if len(found) == limit or near == until:
            return found
        return [
            *found,
            *await self._fetched("shown_far", asked | {"after": near, "limit": limit - len(found)}),
        ]

    async def _fetched(self, statement: str, asked: Mapping[str, object]) -> list[StoredEvent]:
        return [StoredEvent(*row) for row in await self._readers.fetch(statement, asked)]

    async def page(
        self,
        after: int,
        limit: int,
        *,
        until: int | None = None,
        topic: str | None = None,
        stream: str | None = None,
    ) -> Sequence[Recorded]:
        """At most `limit` events with after < position ≤ until, ascending; of one topic, of one stream.

        Fewer than `limit`: there is no more up to `until`.
        """
        rows = await self.stored(after, limit, until=until, topic=topic, stream=stream)
        return [self._mapper.recorded(row) for row in rows]

    async def grown(self, beyond: int) -> None:
        """Returns when the log reaches beyond the position."""
        await self._bell.beyond(beyond)

    async def follow(
        self, after: int = 0, *, topic: str | None = None, stream: str | None = None
    ) -> AsyncIterator[Recorded]:
        """Every event behind `after`, in order, none twice; then waits for more, without end."""
        while True:
            until = await self.last_position()
            page = await self.page(after, FOLLOWED_AT_ONCE, until=until, topic=topic, stream=stream)
            for event in page:
                yield event
            if len(page) == FOLLOWED_AT_ONCE:
                after = page[-1].position
            else:
                after = max(after, until)
                await self.grown(after)
