"""Connections to one county: in its schema, as its recorder, in UTC."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os import dup
from typing import Any, Final

from psycopg import AsyncConnection, Connection, Error, OperationalError, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from domain.application import LogBusy
from domain.store.schema import County
from domain.store.statements import STATEMENTS

KEEPALIVE: Final[dict[str, str | int]] = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Notices a server that vanished without a word within half a minute (seconds; the last one milliseconds)."""


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
            "set role {recorder}; set search_path = {schema}, pg_temp; set timezone = 'UTC'; set enable_seqscan = off"
        ).format(recorder=sql.Identifier(self.county.recorder), schema=sql.Identifier(self.county.schema))

    async def connect(self) -> AsyncConnection[TupleRow]:
        """Raises psycopg.OperationalError.

        Cancelled, it first finishes and then closes: psycopg would leave a half-open conversation behind, which
        the server keeps for a minute and which nobody can end.
        """
        connecting = asyncio.create_task(self._connect())
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            with suppress(Error):
                await (await connecting).close()
            raise

    async def _connect(self) -> AsyncConnection[TupleRow]:
        connection = await AsyncConnection.connect(self.conninfo, autocommit=True)
        try:
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


class Readers:
    """A few connections for reading. A read that lost its connection is asked again, once for each reader."""

    def __init__(self, access: Access, *, size: int = 4) -> None:
        self._size = size
        self._pool = AsyncConnectionPool(
            access.conninfo,
            min_size=1,
            max_size=size,
            open=False,
            timeout=10,
            kwargs={"autocommit": True},
            configure=access.settle,
        )

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close()

    async def fetch(self, name: str, parameters: Mapping[str, object]) -> Sequence[TupleRow]:
        """The rows of a statement of queries.sql. Raises LogBusy where the database cannot be reached."""
        for _ in range(self._size + 1):
            try:
                return await self._fetch(name, parameters)
            except PoolTimeout:
                break
            except OperationalError:
                continue
        raise LogBusy

    async def _fetch(self, name: str, parameters: Mapping[str, object]) -> Sequence[TupleRow]:
        async with self._pool.connection() as connection:
            cursor = await connection.cursor(binary=True).execute(STATEMENTS[name], parameters)
            return await cursor.fetchall()
