"""The way to the database is dropped, stalled or half open, with a hundred clients at work: bounded waits, then all is well."""

from tests.chaos.clients import BUSY
from tests.chaos.faults import MortalServer, under_load, verdict
from tests.serving import keys_of, settle_county
from tests.waiting import until
from tests.wires import a_wire_to

ANSWER_SECONDS = 2
LONGEST_SECONDS = 10 * ANSWER_SECONDS
"""On a busy machine; a request that nobody answers is given up by its client after 30."""


async def test_connections_that_drop_stall_or_stay_half_open_cost_bounded_waits_and_nothing_else(
    database18, tmp_path
):
    await settle_county(database18)
    async with a_wire_to(database18) as (wire, wired):
        settings = {
            "JIANDU_DATABASE_URL": wired,
            "JIANDU_DATABASE_ANSWER_SECONDS": str(ANSWER_SECONDS),
            "JIANDU_KEYS_DIR": str(keys_of(database18)),
        }

        async def disturb(load):
            for fault in (wire.drop, wire.forget):
                await load.progress(100)
                fault()
            await load.progress(100)
            wire.stall()
            await until(lambda: load.refused[BUSY] and load.unknown)
            wire.flow()
            await load.progress(200)

        async with MortalServer(settings) as server:
            load = await under_load(server.port, tmp_path / "journal", disturb, clients=100)
    assert load.unexpected == []
    assert load.longest_seconds < LONGEST_SECONDS
    assert verdict(tmp_path / "journal", database18) == []
