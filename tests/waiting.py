"""Waiting for what happens elsewhere and rings no bell: asked again and again, for so long and no longer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeVar

Answer = TypeVar("Answer")

LONGEST_SECONDS = 90
"""Ten times what it takes on a busy machine: whoever waits so long waits for nothing."""


async def until(
    is_so: Callable[[], Answer | Awaitable[Answer]],
    *,
    every_seconds: float = 0.01,
    within_seconds: float = LONGEST_SECONDS,
) -> Answer:
    """What is answered as soon as it is true; other tasks go on meanwhile. Raises TimeoutError."""
    async with asyncio.timeout(within_seconds):
        while not (answer := await _answered(is_so())):  # noqa: ASYNC110  — what happens elsewhere rings no bell
            await asyncio.sleep(every_seconds)
    return answer


async def _answered(answer: Answer | Awaitable[Answer]) -> Answer:
    return await answer if isawaitable(answer) else answer


def wait_until(
    is_so: Callable[[], Answer], *, every_seconds: float = 0.1, within_seconds: float = LONGEST_SECONDS
) -> Answer:
    """Likewise where nothing else goes on in this process. Raises TimeoutError."""
    end = time.monotonic() + within_seconds
    while not (answer := is_so()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within_seconds} seconds; the last answer was {answer!r}")
        time.sleep(every_seconds)
    return answer
