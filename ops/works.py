"""What a process does beside answering, for as long as it runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import structlog

AGAIN_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]


@asynccontextmanager
async def beside(works: Iterable[Work]) -> AsyncIterator[None]:
    """They run for as long as the block does; what one of them dies of ends neither the others nor the block."""
    tasks = [asyncio.create_task(_kept_up(work)) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_up(work: Work) -> None:
    """Until it has nothing more to do. What it dies of is said, and it begins again: nobody would miss a watch that is gone."""
    while True:
        try:
            return await work()
        except Exception:  # noqa: BLE001  — whatever it was, what it did is still to be done
            _log.exception("work_interrupted", work=_name(work))
            await asyncio.sleep(AGAIN_SECONDS)


def _name(work: Work) -> str:
    return (work.func if isinstance(work, partial) else work).__name__
