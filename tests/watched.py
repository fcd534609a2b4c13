"""The watch over a county that is served: rounds at a time that the test says."""

import asyncio
from contextlib import asynccontextmanager

from domain.application import Keeper
from domain.store.connecting import Access
from domain.store.schema import County
from ops.watching import Watchman
from projections.registry import PROJECTIONS
from projections.view_readers import ViewReaders
from tests.serving import SCHEMA
from tests.spec import at


async def built(served):
    """The first building of all views takes its time on a busy machine."""
    async with asyncio.timeout(60):
        while (await served.client.get("/v1/watch")).status_code == 503:  # noqa: ASYNC110  — another task builds them
            await asyncio.sleep(0.2)


@asynccontextmanager
async def a_watchman(served):
    """A process of its own, as far as the county can tell."""
    readers = ViewReaders(Access(served.dsn, County.named(SCHEMA)), PROJECTIONS, size=2)
    try:
        yield Watchman(readers, Keeper(served.keeper._log, served.keeper.catalogue), served.time)
    finally:
        await readers.close()


async def events(served, kind):
    page = await served.client.get("/v1/events", params={"topic": kind.TOPIC, "limit": 1000})
    return page.json()["events"]


async def looked(served, watchman, when):
    """What a round at that time recorded, by rule; T and P alone, for nobody works at most windows here."""
    served.time.set(at(when))
    made = await watchman.round(await head(served))
    return {rule: count for rule, count in sorted(made.raised.items()) if rule != "Z01"}


async def head(served):
    return (await served.client.get("/v1/events", params={"limit": 1})).json()["last_position"]
