"""A wire to PostgreSQL that can be cut, before a request arrives or after it was carried out, and that can fall silent."""

import asyncio
import threading
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.servers import open_directory

PORT = 5432
WRITES = b"from append("
EXECUTE = b"E\x00\x00\x00\x09\x00\x00\x00\x00\x00"
COMMIT = b"COMMIT"
MOST_CONVERSATIONS = 200


class Wire:
    """A relay in front of the server's socket. Each flag says what happens to what passes from now on."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._carried = set()
        self.loses_requests = 0
        """So many things that are sent to be appended cut their connection and never arrive."""
        self.loses_replies = 0
        """So many answers cut their connection: the request was carried out, and nobody hears of it."""
        self.at = EXECUTE
        """Which message of a writer's conversation the two are about: the append itself, or COMMIT."""
        self.is_cut = False
        """No new connection comes through."""
        self._moves = asyncio.Event()
        self._moves.set()
        self._forgotten = asyncio.Event()

    async def carry(self, reader, writer):
        carrying = asyncio.current_task()
        self._carried.add(carrying)
        try:
            if not self.is_cut and len(self._carried) <= MOST_CONVERSATIONS:
                await self._relay(reader, writer)
        finally:
            self._carried.discard(carrying)
            await _hang_up(writer)

    async def _relay(self, reader, writer):
        from_server, to_server = await asyncio.open_unix_connection(self._server)
        line, forgotten = _Line(self), self._forgotten
        ways = [
            asyncio.create_task(_pump(reader, to_server, line.loses_request, self._moves)),
            asyncio.create_task(_pump(from_server, writer, line.loses_reply, self._moves)),
            asyncio.create_task(forgotten.wait()),
        ]
        with suppress(asyncio.CancelledError):
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await _hang_up(to_server)
        if forgotten.is_set():
            await _swallow(reader)

    def cut(self):
        """Ends every conversation now, and lets no new one through."""
        self.is_cut = True
        self.drop()

    def drop(self):
        """Ends every conversation now."""
        for carrying in self._carried:
            carrying.cancel()

    def stall(self):
        """Nothing moves any more, in old conversations and in new ones, and nobody is told."""
        self._moves.clear()

    def flow(self):
        """What was stalled arrives after all."""
        self._moves.set()

    def forget(self):
        """Half-open: the server hears that its clients are gone, and they hear nothing. New conversations go through."""
        self._forgotten.set()
        self._forgotten = asyncio.Event()

    async def close(self):
        self.cut()
        await asyncio.gather(*self._carried, return_exceptions=True)


class _Line:
    """One conversation; only the appends in it are interfered with, not how they are prepared."""

    def __init__(self, wire):
        self._wire = wire
        self._is_writers = False
        self._appends = False

    def loses_request(self, data):
        self._is_writers = self._is_writers or WRITES in data
        self._appends = self._is_writers and self._wire.at in data
        if not (self._appends and self._wire.loses_requests):
            return False
        self._wire.loses_requests -= 1
        return True

    def loses_reply(self, _):
        if not (self._appends and self._wire.loses_replies):
            return False
        self._wire.loses_replies -= 1
        return True


async def _pump(reader, writer, is_lost, moves):
    with suppress(ConnectionError, asyncio.CancelledError):
        while data := await reader.read(1 << 16):
            if is_lost(data):
                return
            await moves.wait()
            writer.write(data)
            await writer.drain()


async def _swallow(reader):
    with suppress(ConnectionError, asyncio.CancelledError):
        while await reader.read(1 << 16):
            pass


async def _hang_up(writer):
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def a_wire_to(dsn):
    """The wire, and the conninfo of the database at its other end."""
    server = Path(conninfo_to_dict(dsn)["host"]) / f".s.PGSQL.{PORT}"
    with open_directory() as directory:
        wire = Wire(server)
        async with await asyncio.start_unix_server(wire.carry, directory / f".s.PGSQL.{PORT}"):
            yield wire, make_conninfo(dsn, host=str(directory))
            await wire.close()


@contextmanager
def a_wire_beside(dsn):
    """Likewise, for tests that are not asynchronous: the wire works in a thread of its own."""
    opened, done = Future(), threading.Event()

    async def keep_open():
        async with a_wire_to(dsn) as wire_and_conninfo:
            opened.set_result(wire_and_conninfo)
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(keep_open(),))
    thread.start()
    try:
        yield opened.result(timeout=10)
    finally:
        done.set()
        thread.join()
