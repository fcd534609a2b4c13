"""A worker in a process of its own, to be killed: `python -m tests.chaos.projecting <dsn> <keys>`."""

import asyncio
import sys

from projections.engine import Limits
from projections.engine_worker import Worker
from tests.projected import access, three


async def _at_once(_position):
    await asyncio.sleep(0.005)


if __name__ == "__main__":
    worker = Worker(
        access(sys.argv[1]),
        three(),
        _at_once,
        limits=Limits(events=7, keys=int(sys.argv[2])),
    )
    asyncio.run(worker.run())
