"""The leading database is cut off from the one that follows it, which leads: for a while both take writes."""

import asyncio

from tests.chaos import journal as journals
from tests.chaos.clients import Load
from tests.chaos.faults import CLERK, MortalServer, acting, first_case, opening, verdict
from tests.chaos.standbys import ALL_REPLICATED, a_divisible_pair, either
from tests.serving import keys_of
from tests.wires import a_wire_to

CLIENTS = 30
STILL_SECONDS = 1.5


def served(*dsns, keys):
    settings = {"JIANDU_DATABASE_ANSWER_SECONDS": "2", "JIANDU_KEYS_DIR": str(keys)}
    return MortalServer({"JIANDU_DATABASE_URL": either(*dsns), **settings})


async def all_is_answered(load):
    """What the cut-off leader had acknowledged before, its clients have heard by now: so many."""
    told = -1
    while told != load.acknowledged:
        told = load.acknowledged
        await asyncio.sleep(STILL_SECONDS)
    return told


async def test_a_leader_that_is_cut_off_acknowledges_nothing_and_its_clients_lose_nothing(
    settled, place, tmp_path
):
    """Clients on either side; shut out and brought back, the old leader forgets what nobody else has."""
    async with (
        a_divisible_pair(settled, place / "second", settings=ALL_REPLICATED) as (pair, line, beyond),
        a_wire_to(pair.follower.dsn) as (line_back, from_here),
    ):
        line_back.cut()
        keys = keys_of(pair.dsn)
        async with (
            served(pair.leader.dsn, from_here, keys=keys) as here,
            served(beyond, pair.follower.dsn, keys=keys) as there,
        ):
            with journals.Journal(tmp_path / "journal") as journal:
                cut_off = Load(here.port, journal, CLIENTS, CLERK, opening, acting)
                others = Load(there.port, journal, CLIENTS, CLERK, opening, acting, first_client=1000)
                cut_off.shared_case = others.shared_case = await first_case(others)
                is_whole_again = asyncio.Event()

                async def wait(load):
                    await is_whole_again.wait()
                    await load.progress(50)

                async def divide(load):
                    await cut_off.progress(100)
                    await load.progress(100)
                    line.cut()
                    await asyncio.to_thread(pair.promote)
                    await asyncio.to_thread(pair.lead_alone)
                    acknowledged = await all_is_answered(cut_off)
                    await load.progress(200)
                    assert cut_off.acknowledged == acknowledged
                    pair.kill_follower()
                    await asyncio.to_thread(pair.rejoin)
                    line_back.is_cut = False
                    is_whole_again.set()
                    await load.progress(50)

                await asyncio.gather(cut_off.run(wait), others.run(divide))
        assert (cut_off.unexpected, others.unexpected) == ([], [])
        assert cut_off.unknown > 0
        assert verdict(tmp_path / "journal", pair.dsn) == []
