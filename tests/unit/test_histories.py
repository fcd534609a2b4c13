"""Histories are read together; whoever asks is answered, whenever that is."""

import asyncio

from domain.store.log import Histories


class Gated:
    """Answers that no stream holds anything, once the gate is open."""

    def __init__(self):
        self.gate = asyncio.Event()

    async def fetch(self, _name, _parameters):
        await self.gate.wait()
        return []


async def test_who_asks_as_the_last_reads_end_is_answered():
    """At that moment nobody reads any more, though the event loop has not told so yet."""
    readers = Gated()
    histories = Histories(readers, at_once=2)

    async def asked_later():
        await readers.gate.wait()
        return await histories.of("c")

    asking = []
    for each in (histories.of("a"), histories.of("b"), asked_later()):
        asking.append(asyncio.create_task(each))
        await asyncio.sleep(0.01)  # each of the first two begins a read of its own
    readers.gate.set()
    assert await asyncio.wait_for(asyncio.gather(*asking), 10) == [[], [], []]
