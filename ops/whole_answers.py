"""Answers in one piece: head and body of an answer leave in one write, where uvicorn makes two of them.

A write wakes whoever waits for the answer, and is the dearest thing the server does for a small request.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD: Final = b"HTTP/1."
"""How the head of an answer begins, which uvicorn writes by itself."""


class WholeAnswers(HttpToolsProtocol):
    """uvicorn's own protocol, writing through a `Gathering`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(cast("asyncio.Transport", Gathering(transport, self.loop.call_soon)))


class Gathering:
    """A transport that holds a head back until its body comes, at most until the loop's next turn.

    Nothing else is held back: what is too much for the receiver is heard of as soon as ever.
    """

    def __init__(self, transport: asyncio.Transport, soon: Callable[[Callable[[], None]], object]) -> None:
        self._transport = transport
        self._soon = soon
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            self._transport.write(self._head + data)
            self._head = b""
        elif data.startswith(HEAD):
            self._head = data
            self._soon(self._send_head)
        else:
            self._transport.write(data)

    def close(self) -> None:
        self._send_head()
        self._transport.close()

    def _send_head(self) -> None:
        if self._head:
            self._transport.write(self._head)
            self._head = b""

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's."""
        return getattr(self._transport, name)
