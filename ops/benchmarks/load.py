"""A load of HTTP/1.1 requests over keep-alive connections to 127.0.0.1, cheap enough to share two cores with its server.

Each connection is a closed loop: send, wait for the whole answer, note the latency, send the next, at once or in its
turn. The load ends by itself after `seconds`; requests are made beforehand by the caller, so that making them is not measured.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Final, NamedTuple

HEAD_END: Final = b"\r\n\r\n"


@dataclass(slots=True)
class Measured:
    """What a load saw. Latencies in seconds, in no particular order."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile_ms(self, percent: int) -> float:
        return quantiles(self.latencies, n=100)[percent - 1] * 1000


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + HEAD_END + body


class Connection(asyncio.Protocol):
    """One keep-alive connection: `ask` sends a request and resolves to the answer's status."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(HEAD_END)
        if head_end < 0 or self._answer is None:
            return
        head = bytes(self._received[:head_end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(self._received) < head_end + len(HEAD_END) + length:
            return
        del self._received[: head_end + len(HEAD_END) + length]
        self._answer.set_result(int(head[9:12]))

    async def ask(self, message: bytes) -> int:
        if self._transport is None:
            raise ConnectionError("not connected")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(message)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def run(
    port: int, requests: Sequence[Callable[[], bytes]], *, seconds: float, per_second: float | None = None
) -> Measured:
    """Loads the server with one connection for each maker in `requests` for `seconds`: as fast as it answers, or so many
    requests `per_second` over all connections, evenly, as far as it keeps up.
    """
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(Connection, "127.0.0.1", port))[1] for _ in range(len(requests))
    ]
    measured = Measured(seconds)
    gap = 1 / per_second if per_second else 0.0
    began = time.perf_counter()
    end = began + seconds
    try:
        await asyncio.gather(
            *(
                _loop(connection, make, Turns(began + n * gap, len(connections) * gap, end), measured)
                for n, (connection, make) in enumerate(zip(connections, requests, strict=True))
            )
        )
    finally:
        for connection in connections:
            connection.close()
    measured.seconds += time.perf_counter() - end
    return measured


class Turns(NamedTuple):
    """When a connection sends, in seconds of the performance counter: first, then so long after, and no more at the end."""

    first: float
    every: float
    end: float


async def _loop(connection: Connection, make: Callable[[], bytes], turns: Turns, measured: Measured) -> None:
    turn = turns.first
    while max(turn, time.perf_counter()) < turns.end:
        if (early := turn - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        started = time.perf_counter()
        status = await connection.ask(make())
        measured.latencies.append(time.perf_counter() - started)
        measured.statuses[status] = measured.statuses.get(status, 0) + 1
        turn = max(turn + turns.every, started)
