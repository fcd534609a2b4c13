"""Several connections that fill tables at the same time, while the engine's own goes on following the log."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.connecting import Access
from domain.store.passing import passes
from projections.engine_building import Filler
from projections.engine_desk import Desk
from projections.engine_gathering import Gathering
from projections.engine_schema import ViewNames, connect_to_fill
from projections.projection import Projection

LOOK_AGAIN_SECONDS: Final = 0.2

MOST_HANDS: Final = 4

Connect = Callable[[], Awaitable[AsyncConnection[TupleRow]]]


class Crew:
    """At most `size` connections; they are opened when there is something to fill and closed when nothing is left."""

    def __init__(self, connect: Connect, names: ViewNames, size: int) -> None:
        self._connect = connect
        self._names = names
        self._size = size
        self._wanted: list[Projection] = []
        self._hands: set[asyncio.Task[None]] = set()
        self._busy = 0
        self._news = asyncio.Event()
        self._failures: list[tuple[Projection, psycopg.Error]] = []

    async def fill(self, projections: Sequence[Projection], *, wait: bool) -> bool:
        """Sets to work on what is to be filled, `wait`s a moment for it, and says whether anybody is at work."""
        self._wanted = list(projections)
        if self._wanted and not self._hands:
            self._hands = {asyncio.create_task(self._work(hand)) for hand in range(self._size)}
        if self._hands and wait:
            await asyncio.wait(self._hands, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        done = {hand for hand in self._hands if hand.done()}
        self._hands -= done
        for hand in done:
            hand.result()
        return bool(self._hands or done)

    def take_failures(self) -> list[tuple[Projection, psycopg.Error]]:
        """Whose portion could not be filled, and why, since this was last asked."""
        failures, self._failures = self._failures, []
        return failures

    async def disband(self) -> None:
        """What is being filled is given up; its portions wait for the next worker."""
        for hand in self._hands:
            hand.cancel()
        await asyncio.gather(*self._hands, return_exceptions=True)
        self._hands.clear()

    async def _work(self, hand: int) -> None:
        async with await self._connect() as connection:
            desk = Desk(connection, self._names)
            filler = Filler(desk, Gathering(desk), hand, self._size)
            while self._wanted and (await self._fills(filler, connection) or self._busy):
                pass

    async def _fills(self, filler: Filler, connection: AsyncConnection[TupleRow]) -> bool:
        news = self._news
        self._busy += 1
        try:
            has_filled = await filler.fill_next(self._wanted)
        except psycopg.Error as error:
            if passes(error):
                return True
            failing = filler.at
            if connection.closed or failing is None:
                raise
            self._failures.append((failing, error))
            self._wanted = [projection for projection in self._wanted if projection != failing]
            return True
        finally:
            self._busy -= 1
        if has_filled or not self._busy:
            self._tell()
        else:
            # while others fill, more may come: a table to finish, or what stands on a table that is ready
            await self._hear(news)
        return has_filled

    def _tell(self) -> None:
        """Those who found nothing to do look again: there may be something, or nobody is left who could bring more."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _hear(self, news: asyncio.Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                await news.wait()


@asynccontextmanager
async def crew_of(access: Access) -> AsyncIterator[Crew]:
    """As many connections as this machine has processors, four at most; disbanded in the end."""
    hands = min(MOST_HANDS, os.cpu_count() or 1)
    crew = Crew(partial(connect_to_fill, access), ViewNames(access.county), hands)
    try:
        yield crew
    finally:
        await crew.disband()
