"""What a server does beside answering goes on, whatever befalls it."""

import asyncio
from contextlib import suppress
from functools import partial

from structlog.testing import capture_logs

from domain.log import VersionConflict
from ops import works
from ops.works import beside


class Watch:
    """A work that loses a race before it settles down."""

    def __init__(self, races):
        self.races, self.rounds, self.settled = races, 0, asyncio.Event()

    async def keep(self):
        self.rounds += 1
        if self.rounds <= self.races:
            raise VersionConflict("case:1", 3, 4)
        self.settled.set()
        await asyncio.Event().wait()


async def test_a_work_that_dies_is_said_to_and_begins_again(monkeypatch):
    monkeypatch.setattr(works, "AGAIN_SECONDS", 0)
    watch = Watch(races=2)
    with capture_logs() as said:
        async with asyncio.timeout(10), beside([watch.keep]):
            await watch.settled.wait()
    assert watch.rounds == 3
    assert [(line["event"], line["work"]) for line in said] == [("work_interrupted", "keep")] * 2


async def test_a_work_that_has_nothing_more_to_do_is_not_begun_again():
    done = []
    async with beside([partial(_does_once, done)]):
        await asyncio.sleep(0.01)
    assert done == [1]


async def _does_once(done):
    done.append(1)


async def test_works_end_with_the_block():
    watch = Watch(races=0)
    with suppress(LookupError):
        async with beside([watch.keep]):
            await watch.settled.wait()
            raise LookupError
    assert len(asyncio.all_tasks()) == 1
