"""A few connections in a county's views, for those who read them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Final

from psycopg import AsyncConnection, Error, IsolationLevel, sql
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from domain.store.connecting import Access, hung_up_after
from projections.engine_schema import ViewNames, connect
from projections.engine_views import hash_of
from projections.projection import Projection

CONNECTIONS: Final = 8
LOCK_TIMEOUT: Final = "10s"
"""So long a reader waits for whoever makes the definitions or switches a table; the server itself then ends the wait, which
would go on where only the client hung up."""


class ViewsUnreachable(Exception):  # noqa: N818  — the domain's word
    """The database did not answer, or not in time."""


class Use(Enum):
    """What a connection is used for. The statements about a few cases are planned once for each connection: planning the
    clock's definition takes ten times as long as running it. A plan stands for one search_path, so tables and
    definitions have connections of their own; lists are planned each time, for what they are asked.
    """

    lists = auto()
    few_in_tables = auto()
    few_in_definitions = auto()


class ViewReaders:
    """Bounded: whoever finds no connection free waits for one. Every transaction sees one snapshot and writes nothing."""

    def __init__(self, access: Access, projections: Sequence[Projection], *, size: int = CONNECTIONS) -> None:
        self.projections = tuple(projections)
        """What there is to read; each stands behind those it needs."""
        self.hash_by_name = {projection.name: projection.hash for projection in projections}
        self.definitions_hash = hash_of(projections)
        self.tables = ViewNames(access.county).live
        """The schema in which the live tables lie."""
        self.sight = ""
        """What the division codes of everything shown begin with; "" is the whole county."""
        self._stood: set[str | None] = set()
        self._access = access
        self._size = size
        self._seats = asyncio.Semaphore(size)
        self._idle: defaultdict[Use, list[AsyncConnection[TupleRow]]] = defaultdict(list)
        self._taken = 0
        self._is_closed = False

    def note(self, definitions_hash: str | None) -> None:
        """By whose definitions an answer was looked for."""
        self._stood.add(definitions_hash)

    def are_taken_over(self, definitions_hash: str | None) -> bool:
        """Whether these definitions are another version's, and this programme's stood before."""
        return definitions_hash != self.definitions_hash and self.definitions_hash in self._stood

    async def close(self) -> None:
        """Waits for the answers that are being read."""
        self._is_closed = True
        for _ in range(self._size):
            await self._seats.acquire()
        await self.close_idle()
        for _ in range(self._size):
            self._seats.release()

    async def close_idle(self) -> None:
        """When one connection was lost, those beside it are likely to be lost too."""
        for idle in self._idle.values():
            while idle:
                await idle.pop().close()

    @asynccontextmanager
    async def connection(
        self, use: Use = Use.lists, *, within_seconds: float
    ) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """One that is in no transaction. It is hung up after so long: what is asked then raises OperationalError.

        Raises ViewsUnreachable where there is none to be had.
        """
        async with self._seat(within_seconds):
            self._taken += 1
            try:
                connection = await self._open(use)
            except BaseException:
                self._taken -= 1
                raise
            try:
                with hung_up_after(within_seconds, connection):
                    yield connection
            finally:
                self._taken -= 1
                if connection.info.transaction_status == TransactionStatus.IDLE:
                    self._idle[use].append(connection)
                else:
                    await connection.close()

    @asynccontextmanager
    async def _seat(self, within_seconds: float) -> AsyncIterator[None]:
        """Whoever waits for a connection waits no longer than for an answer."""
        try:
            async with asyncio.timeout(within_seconds):
                await self._seats.acquire()
        except TimeoutError:
            raise ViewsUnreachable from None
        try:
            yield
        finally:
            self._seats.release()

    async def _open(self, use: Use) -> AsyncConnection[TupleRow]:
        if self._is_closed:
            raise ViewsUnreachable
        if self._idle[use]:
            return self._idle[use].pop()
        await self._give_up_another()
        try:
            connection = await connect(self._access)
            try:
                await _prepare(connection, use)
            except BaseException:  # also where the reader goes away meanwhile
                await connection.close()
                raise
        except Error as error:
            raise ViewsUnreachable from error
        return connection

    async def _give_up_another(self) -> None:
        """As many as there are seats are open at most."""
        if sum(map(len, self._idle.values())) + self._taken > self._size:
            for idle in self._idle.values():
                if idle:
                    await idle.pop(0).close()
                    return


async def _prepare(connection: AsyncConnection[TupleRow], use: Use) -> None:
    """One snapshot to an answer, and nothing written."""
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await connection.set_read_only(True)
    await connection.execute(sql.SQL("set lock_timeout = {}").format(LOCK_TIMEOUT))
    if use is not Use.lists:
        connection.prepare_threshold = 0
        await connection.execute("set plan_cache_mode = force_generic_plan")


NOTHING: Final = "-"
"""A sight that shows nothing: no division code begins so."""


class Outlook(ViewReaders):
    """The same connections, for somebody who is shown one division, or nothing."""

    def __init__(self, readers: ViewReaders, sight: str | None) -> None:
        self._readers = readers
        self._stood = readers._stood  # noqa: SLF001  — what one has seen, all know
        self.projections = readers.projections
        self.hash_by_name = readers.hash_by_name
        self.definitions_hash = readers.definitions_hash
        self.tables = readers.tables
        self.sight = NOTHING if sight is None else sight

    @asynccontextmanager
    async def connection(
        self, use: Use = Use.lists, *, within_seconds: float
    ) -> AsyncIterator[AsyncConnection[TupleRow]]:
        async with self._readers.connection(use, within_seconds=within_seconds) as connection:
            yield connection

    async def close_idle(self) -> None:
        await self._readers.close_idle()

    async def close(self) -> None:
        await self._readers.close()
