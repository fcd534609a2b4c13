"""The watch over a county that is served: rounds at a time that the test says."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

from api.signals import SignalList
from domain.application import Keeper
from domain.store.connecting import Access
from domain.store.schema import County
from ops.watching import Watchman
from projections.registry import PROJECTIONS
from projections.view_readers import ViewReaders
from tests import county
from tests.playing import named
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


class Hall:
    """A served county, its watchman, and whoever acts in it."""

    def __init__(self, served, watchman):
        self.served = served
        self.watchman = watchman

    async def look(self, when):
        self.served.time.set(at(when))
        await self.watchman.round(await head(self.served))
        self.served.position = await head(self.served)

    async def read(self, path, **query):
        return await self.served.read(path, **query)

    async def signals(self, **query):
        """Those about cases."""
        page = await self.read("/v1/signals", **query)
        SignalList.model_validate(page)
        return [each for each in page["signals"] if each["case_no"]]

    async def act(self, signal_no, action, by, *, match="*", key=None):
        self.served.time.set(self.served.time() + timedelta(seconds=1))
        headers = {"X-Jiandu-Speaks-For": named(county.actor_at(by)), "If-Match": match}
        if key:
            headers["Idempotency-Key"] = key
        response = await self.served.client.post(
            f"/v1/signals/{signal_no}/actions", json={"action": action}, headers=headers
        )
        if response.status_code == 201:
            self.served.position = response.json()["events"][-1]["position"]
        return response


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
