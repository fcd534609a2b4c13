"""The bell: tells everyone who follows the log that it has grown.

It rings at once for what this process appends; for others' appends through LISTEN, which reconnects; and it looks by
itself every second, so that a lost notification costs a second and nothing else.
"""

import asyncio
from contextlib import suppress
from typing import Final

import psycopg
import structlog
from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from domain.log import LogBusy
from domain.store.connecting import Access, Readers, hung_up_after
from domain.store.statements import STATEMENTS

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS: Final = 1.0
SILENCE_SECONDS: Final = 30
"""A database that says nothing for so long is taken for lost."""


class Bell:
    """Knows the last position of the log, and wakes those who wait for it to move."""

    def __init__(self, access: Access, readers: Readers) -> None:
        self._access = access
        self._readers = readers
        self.position = 0
        """The log reaches at least so far."""
        self.strangers = 0
        """Rises whenever others seem to have appended."""
        self._moved = asyncio.Event()
        self._appended = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self.hear((await self._readers.fetch("last_position", {}))[0][0])
        self._tasks = [
            asyncio.create_task(self._listen(), name="listen"),
            asyncio.create_task(self._announce(), name="announce"),
        ]

    async def start_telling(self) -> None:
        """For a process that appends and follows nothing: others are told, nobody is listened to."""
        self._tasks = [asyncio.create_task(self._announce(), name="announce")]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ring(self, first: int, last: int) -> None:
        """This process has appended positions `first` to `last`: wakes those here at once, those elsewhere soon."""
        if first > self.position + 1:
            self.strangers += 1
        self._reach(last)
        self._appended.set()

    def hear(self, position: int) -> None:
        """The log was found to reach `position`."""
        if position > self.position:
            self.strangers += 1
            self._reach(position)

    def _reach(self, position: int) -> None:
        if position > self.position:
            self.position = position
            self._moved.set()
            self._moved = asyncio.Event()

    async def beyond(self, position: int) -> None:
        """Returns when the log reaches beyond `position`."""
        while self.position <= position:
            await self._moved.wait()

    async def _announce(self) -> None:
        """One NOTIFY at a time, of the latest position: many commits may share one."""
        while True:
            await self._appended.wait()
            self._appended.clear()
            with suppress(LogBusy, psycopg.Error):
                await self._readers.fetch("announce", {"last_position": self.position})

    async def _listen(self) -> None:
        while True:
            try:
                connection = await self._access.connect()
                async with connection:
                    await self._hear_all(connection)
            except psycopg.Error as error:
                log.warning("listening_interrupted", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _hear_all(self, connection: AsyncConnection[TupleRow]) -> None:
        await connection.execute(sql.SQL("listen {}").format(sql.Identifier(self._access.county.channel)))
        while True:
            with hung_up_after(SILENCE_SECONDS, connection):
                row = await (await connection.execute(STATEMENTS["last_position"])).fetchone()
            self.hear(row[0] if row else 0)
            async for notification in connection.notifies(timeout=LOOK_EVERY_SECONDS):
                self.hear(int(notification.payload))
