"""A process of its own beside the server: started again when it ends, gone when the server is."""

import asyncio
import os
import sys
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final, NoReturn

import structlog

START_AGAIN_SECONDS: Final = 1.0
STOP_SECONDS: Final = 5.0

_log = structlog.get_logger(__name__)


async def keep_beside(dsn: str, county: str, *words: str) -> NoReturn:
    """Has a process do `jiandu <words> --attached` on that county; starts it again when it ends."""
    environment = os.environ | {"JIANDU_DATABASE_URL": dsn, "JIANDU_COUNTY": county}
    while True:
        code = await _beside(environment, words)
        _log.warning("process_beside_ended", words=" ".join(words), code=code)
        await asyncio.sleep(START_AGAIN_SECONDS)


async def _beside(environment: Mapping[str, str], words: tuple[str, ...]) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops.command", *words, "--attached"),
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


async def while_attached(work: Coroutine[Any, Any, object]) -> None:
    """Works for as long as standard input is open: whoever holds its other end may die without a word."""
    is_closed = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), is_closed.set)
    working = asyncio.create_task(work)
    released = asyncio.create_task(is_closed.wait())
    await asyncio.wait({working, released}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, released):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await working
