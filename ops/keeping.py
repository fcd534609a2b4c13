"""Keeping the views in a process of their own: `jiandu serve` has one beside it, `jiandu projections keep` is one.

Under load a server's event loop is busy with requests: a worker inside it waits for its turn at every statement, and the
views fall behind by seconds that nobody works on (0091).
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, NoReturn

import structlog

from domain.store.bell import Bell
from domain.store.connecting import Access, Readers
from domain.store.schema import County
from projections.engine_worker import Worker
from projections.registry import PROJECTIONS

ANSWER_SECONDS: Final = 30.0
START_AGAIN_SECONDS: Final = 1.0
STOP_SECONDS: Final = 5.0

_log = structlog.get_logger(__name__)


async def keep_views(dsn: str, county: str) -> NoReturn:
    """Follows the log with every view that no other process keeps, until it is cancelled."""
    access = Access(dsn, County.named(county))
    readers = Readers(access, size=1, answer_within_seconds=ANSWER_SECONDS)
    bell = Bell(access, readers)
    try:
        await bell.start()
        await Worker(access, PROJECTIONS, bell.beyond).run()
    finally:
        await bell.close()
        await readers.close()


async def keep_views_while_attached(dsn: str, county: str) -> None:
    """The same for as long as standard input is open: whoever holds its other end may die without a word."""
    is_closed = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), is_closed.set)
    keeping = asyncio.create_task(keep_views(dsn, county))
    released = asyncio.create_task(is_closed.wait())
    await asyncio.wait({keeping, released}, return_when=asyncio.FIRST_COMPLETED)
    for task in (keeping, released):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await keeping


async def keep_views_beside(dsn: str, county: str) -> NoReturn:
    """Has a process beside this one keep the views; starts it again when it ends."""
    words = {"JIANDU_DATABASE_URL": dsn, "JIANDU_COUNTY": county}
    while True:
        code = await _beside(os.environ | words)
        _log.warning("views_keeper_ended", code=code)
        await asyncio.sleep(START_AGAIN_SECONDS)


async def _beside(environment: Mapping[str, str]) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops.command", "projections", "keep", "--attached"),
        stdin=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
