"""Room on the disks of the embedded database.

Recording stops while there is still some: when the write-ahead log cannot grow, PostgreSQL ends as a whole, and nobody
can read either.
"""

import asyncio
import shutil
from pathlib import Path
from typing import Final

import structlog

from domain.store.log import PostgresLog

MIB: Final = 2**20
LOOK_SECONDS: Final = 0.5
LITTLE_BYTES: Final = 48 * MIB
"""With less a database may not start: recovery writes too (three files of its write-ahead log)."""

_log = structlog.get_logger(__name__)


def free_bytes(cluster: Path) -> int:
    """What the database's account may still write, where it has least; its write-ahead log may lie on another disk."""
    return min(shutil.disk_usage(place).free for place in (cluster, cluster / "pg_wal"))


async def keep_room(cluster: Path, log: PostgresLog, reserve_bytes: int) -> None:
    """Nothing is recorded while there is less room than `reserve_bytes`."""
    is_full = False
    while True:
        free = free_bytes(cluster)
        if is_full != (free < reserve_bytes):
            is_full = not is_full
            log.heed_storage(is_full=is_full)
            say = _log.error if is_full else _log.warning
            say("recording_stopped_for_space" if is_full else "recording_goes_on", free_mib=free // MIB)
        await asyncio.sleep(LOOK_SECONDS)
