"""Connections to one county: in its schema, as its recorder, in UTC."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import ceil
from os import dup
from types import TracebackType
from typing import Any, Final

import structlog
from psycopg import AsyncConnection, BaseConnection, Connection, Error, OperationalError, sql
from psycopg.abc import Params
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import Diagnostic, DiskFull
from psycopg.rows import TupleRow

from domain.log import LogBusy, NewerSchema, StorageFull
from domain.store.schema import STEPS, County
from domain.store.statements import STATEMENTS

KEEPALIVE: Final[dict[str, str | int]] = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Notices a server that vanished without a word within half a minute (seconds; the last one milliseconds)."""
GREETING_SECONDS: Final = 10
"""So long a server may take to answer a knock, and again to give a fresh connection its role."""
REFUSALS: Final = "JD"
"""With what the codes begin by which the schema's own functions refuse."""
MOST_WAITING: Final = 4096
"""So many may wait to read; a database that stands still must not fill the memory with those who ask it."""

_log = structlog.get_logger(__name__)


class Conversation(AsyncConnection[TupleRow]):
    """Closed when its block is left, also where that is cancelled while it ends: psycopg's own then stays open."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            await self.close()


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach one county's log."""

    dsn: str
    county: County

    @property
    def conninfo(self) -> str:
        return make_conninfo("", **(KEEPALIVE | conninfo_to_dict(self.dsn)))

    @property
    def _settings(self) -> sql.Composed:
        # enable_seqscan: a plan made while the log was small must serve when it is large.
        return sql.SQL(
            "set role {recorder}; set search_path = {schema}, {vault}, pg_temp; set timezone = 'UTC';"
            " set enable_seqscan = off"
        ).format(
            recorder=sql.Identifier(self.county.recorder),
            schema=sql.Identifier(self.county.schema),
            vault=sql.Identifier(self.county.vault),
        )

    async def connect(self, *, within_seconds: float = GREETING_SECONDS) -> AsyncConnection[TupleRow]:
        """Raises psycopg.OperationalError.

        Cancelled, it first finishes and then closes: psycopg would leave a half-open conversation behind, which
        the server keeps for a minute and which nobody can end.
        """
        connecting = asyncio.create_task(self._connect(min(within_seconds, GREETING_SECONDS)))
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            with suppress(Error):
                await (await connecting).close()
            raise

    async def _connect(self, within_seconds: float) -> AsyncConnection[TupleRow]:
        connection = await Conversation.connect(
            self.conninfo, autocommit=True, connect_timeout=ceil(within_seconds)
        )
        try:
            with hung_up_after(within_seconds, connection):
                await self.settle(connection)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def settle(self, connection: AsyncConnection[Any]) -> None:
        """Gives a fresh connection its role and schema."""
        await connection.execute(self._settings)

    def settle_blocking(self, connection: Connection[Any]) -> None:
        connection.execute(self._settings)


def hang_up(connection: AsyncConnection[Any]) -> None:
    """Ends a conversation that the other side may never end: whoever waits for its answer gets OperationalError."""
    with suppress(OSError, OperationalError), socket.socket(fileno=dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


@contextmanager
def hung_up_after(seconds: float, connection: AsyncConnection[Any]) -> Iterator[None]:
    """What is asked inside raises OperationalError where the answer takes longer: keepalives see only what is dead."""
    alarm = asyncio.get_running_loop().call_later(seconds, hang_up, connection)
    try:
        yield
    finally:
        alarm.cancel()


class ConnectionLost(Exception):  # noqa: N818  — the domain's word
    """The connection broke: whether what was asked was carried out is not known."""


class Unconfirmed(ConnectionLost):
    """The database answered before its standby had what was asked: a failover may still lose it."""


@contextmanager
def heeding_standbys(connection: BaseConnection[Any]) -> Iterator[None]:
    """Raises Unconfirmed where a commit inside gave up waiting for its standby.

    PostgreSQL then answers as if all were well, with no more than a warning. Its words depend on the server's
    language; where in its source it comes from does not.
    """
    given_up: list[str] = []

    def hear(notice: Diagnostic) -> None:
        if notice.source_function == "SyncRepWaitForLSN":
            given_up.append(notice.message_primary or "")

    connection.add_notice_handler(hear)
    try:
        yield
    finally:
        connection.remove_notice_handler(hear)
    if given_up:
        raise Unconfirmed(given_up[0])


class Link:
    """A connection that is opened when it is needed and given up when it is doubtful. One question at a time."""

    def __init__(self, access: Access, *, answer_within_seconds: float) -> None:
        self._access = access
        self._answer_within_seconds = answer_within_seconds
        self._connection: AsyncConnection[TupleRow] | None = None

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    async def open(self) -> AsyncConnection[TupleRow]:
        """Raises ConnectionLost."""
        if self._connection is None:
            try:
                self._connection = await self._access.connect(within_seconds=self._answer_within_seconds)
            except Error as error:
                raise ConnectionLost from error
        return self._connection

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def ask(self, name: str, parameters: Params) -> list[TupleRow]:
        """The rows of a statement of queries.sql.

        Raises ConnectionLost, also where no answer came in time; psycopg.Error where the database refused.
        """
        connection = await self.open()
        try:
            with hung_up_after(self._answer_within_seconds, connection), heeding_standbys(connection):
                cursor = connection.cursor(binary=True)
                await cursor.execute(STATEMENTS[name], parameters, prepare=True)
                return await cursor.fetchall()
        except Error as error:
            if not connection.closed:
                raise
            await self.close()
            raise ConnectionLost from error
        except BaseException:
            await self.close()
            raise


async def is_newer(link: Link) -> bool:
    """Whether a newer version of the programme has migrated the schema since. Raises ConnectionLost, psycopg.Error."""
    ((version,),) = await link.ask("schema_version", {})
    return bool(version > len(STEPS))


class Readers:
    """A few connections for reading, and for small writes that may be said twice."""

    def __init__(self, access: Access, *, size: int = 4, answer_within_seconds: float = 30) -> None:
        self._access = access
        self._answer_within_seconds = answer_within_seconds
        self._size = size
        self._seats = asyncio.Semaphore(size)
        self._waiting = 0
        self._idle: list[Link] = []
        self._is_closed = False

    async def close(self) -> None:
        """Waits for the questions that are being asked."""
        self._is_closed = True
        for _ in range(self._size):
            await self._seats.acquire()
        await self._close_idle()
        for _ in range(self._size):
            self._seats.release()

    async def fetch(self, name: str, parameters: Params) -> list[TupleRow]:
        """The rows of a statement of queries.sql. A question whose connection was lost is asked once more, if in time.

        Raises StorageFull, NewerSchema, and LogBusy where the database cannot be reached or cannot answer now, or all seats are
        taken by those who wait for it.
        """
        in_time = asyncio.get_running_loop().time() + self._answer_within_seconds
        await self._take_seat(in_time)
        try:
            for _ in range(2):
                with suppress(ConnectionLost):
                    return await self._fetch(name, parameters)
                await self._close_idle()
                if asyncio.get_running_loop().time() > in_time:
                    break
        finally:
            self._seats.release()
        raise LogBusy

    async def _take_seat(self, in_time: float) -> None:
        if self._waiting >= MOST_WAITING:
            raise LogBusy
        self._waiting += 1
        try:
            async with asyncio.timeout_at(in_time):
                await self._seats.acquire()
        except TimeoutError:
            raise LogBusy from None
        finally:
            self._waiting -= 1

    async def _fetch(self, name: str, parameters: Params) -> list[TupleRow]:
        if self._is_closed:
            raise LogBusy
        new = Link(self._access, answer_within_seconds=self._answer_within_seconds)
        link = self._idle.pop() if self._idle else new
        try:
            return await link.ask(name, parameters)
        except DiskFull as full:
            raise StorageFull from full
        except OperationalError as error:
            # Not what was asked is wrong: its disk fails, it ends, somebody holds a lock. Nobody else would be told of a failing disk.
            _log.error("database_cannot_answer", asked=name, reason=str(error).strip())
            raise LogBusy from error
        except Error as error:
            # what is not one of its own words may be one that whoever asks expects
            if (error.sqlstate or "").startswith(REFUSALS) and await is_newer(link):
                raise NewerSchema from error
            raise
        finally:
            self._idle.append(link)  # also where the database refused: the connection is none the worse

    async def _close_idle(self) -> None:
        """When one connection was lost, those beside it are likely to be lost too."""
        idle, self._idle = self._idle, []
        for link in idle:
            await link.close()
