"""kill -9 of the API, ten times, with hundreds of clients at work."""

import asyncio
from random import Random

from tests.chaos.faults import MortalServer, under_load, verdict
from tests.serving import settle_county

ROUNDS = 10


async def test_nothing_acknowledged_is_lost_or_doubled_when_the_api_is_killed(database18, tmp_path):
    await settle_county(database18)
    moments = Random(7)
    with MortalServer({"JIANDU_DATABASE_URL": database18}) as server:

        async def disturb(load):
            for _ in range(ROUNDS):
                await load.progress(300)
                await asyncio.sleep(moments.uniform(0, 0.2))
                server.kill()
                await asyncio.to_thread(server.start)
            await load.progress(300)

        load = await under_load(server.port, tmp_path / "journal", disturb)
    assert load.unexpected == []
    assert load.acknowledged > ROUNDS * 300
    assert load.unknown > 0
    assert verdict(tmp_path / "journal", database18) == []
