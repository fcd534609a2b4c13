"""Turns on streams: who writes to one waits until those before them have written, in this process."""

import asyncio
from collections import deque


class Turns:
    """One at a time on each stream, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        """Those who wait for the stream, of each stream that somebody has."""

    def take(self, stream: str) -> bool:
        """Whether nobody had the stream, so that it is the caller's now, until passed on."""
        if stream in self._waiting:
            return False
        self._waiting[stream] = deque()
        return True

    async def wait(self, stream: str) -> None:
        """Returns when the stream is the caller's, until passed on."""
        if self.take(stream):
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting[stream].append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it came as its owner left
                self.pass_on(stream)
            raise

    def pass_on(self, stream: str) -> None:
        """To whoever has waited longest and still waits."""
        waiting = self._waiting[stream]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._waiting[stream]
