"""The worker: follows the log with every projection it may keep, for as long as it runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.connecting import Access
from domain.store.interruptions import Interruptions
from projections.engine import Engine, Limits
from projections.engine_crew import Crew, crew_of
from projections.engine_desk import Desk, State
from projections.engine_schema import ViewNames, connect
from projections.projection import Projection

LOOK_EVERY_SECONDS: Final = 1.0
"""So soon it notices what no growth of the log announces: a wish to rebuild, a worker that died."""

ROUND_SECONDS: Final = 0.1
"""So long a round of refreshes takes at least: under load one round then carries many events, and costs less of the
machine that records them. The first event after a quiet moment waits for nothing."""

RETRY: Final = timedelta(seconds=5)
"""So long a failing projection rests; the others go on."""

Growth = Callable[[int], Awaitable[None]]
"""Returns when the log reaches beyond a position."""


class Worker:
    """One process's share of the work: whatever no other process's worker keeps. Waits for the log through `grown`."""

    def __init__(
        self,
        access: Access,
        projections: Sequence[Projection],
        grown: Growth,
        *,
        limits: Limits | None = None,
        retry: timedelta = RETRY,
    ) -> None:
        self._access = access
        self._projections = projections
        self._grown = grown
        self._limits = limits
        self._retry = retry

    async def run(self) -> NoReturn:
        """Until it is cancelled. A lost database is waited for."""
        interruptions = Interruptions(self._access, "projecting_interrupted")
        while True:
            try:
                connection = await connect(self._access, is_projector=True)
                async with connection, crew_of(self._access) as crew:
                    await self._follow(self._engine(connection, crew))
            except psycopg.Error as error:
                await interruptions.tell(error)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _engine(self, connection: AsyncConnection[TupleRow], crew: Crew) -> Engine:
        desk = Desk(connection, ViewNames(self._access.county))
        return Engine(desk, self._projections, self._limits, crew)

    async def _follow(self, engine: Engine) -> NoReturn:
        await engine.prepare()
        while True:
            began = time.monotonic()
            states = await engine.desk.states()
            if await engine.run_once(leave_out=self._resting(states)):
                await asyncio.sleep(max(0, began + ROUND_SECONDS - time.monotonic()))
            else:
                await self._wait(engine.head)

    def _resting(self, states: dict[str, State]) -> frozenset[str]:
        since = datetime.now(UTC) - self._retry
        return frozenset(
            name for name, state in states.items() if state.failed_at is not None and state.failed_at > since
        )

    async def _wait(self, head: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_SECONDS):
                await self._grown(head)
