"""A hundred thousand acknowledged actions in one run, while everything under them is killed: none lost, none doubled."""

import asyncio
from dataclasses import replace
from random import Random

from ops.embedded import running_dsn
from ops.embedded.cluster import place_of
from tests.chaos import journal as journals
from tests.chaos.batches import BatchLoad
from tests.chaos.checker import rows_of, violations
from tests.chaos.faults import CLERK, MortalServer, acting, kill_a_writer, opening
from tests.chaos.journal import Ok
from tests.servers import kill_every_process
from tests.serving import SCHEMA

ACTIONS = 100_000
CLIENTS = 6


async def test_of_a_hundred_thousand_acknowledged_actions_none_is_lost_and_none_doubled(settled, tmp_path):
    with MortalServer({"JIANDU_DATA_DIR": str(settled)}) as server:

        def kill_a_backend():
            kill_a_writer(running_dsn(settled))

        def kill_postgresql():
            kill_every_process(place_of(settled))

        def kill_the_api():
            server.kill()
            server.start()

        faults = (kill_a_backend, kill_postgresql, kill_the_api, kill_a_backend, kill_postgresql)

        async def disturb(load):
            for n, fault in enumerate(faults, start=1):
                await load.reach(n * ACTIONS // (len(faults) + 1))
                await asyncio.to_thread(fault)

        with journals.Journal(tmp_path / "journal") as journal:
            load = BatchLoad(server.port, journal, CLIENTS, CLERK, opening, acting, ACTIONS)
            await load.run(disturb)
        log = rows_of(running_dsn(settled), SCHEMA)
    journal = journals.read(tmp_path / "journal")
    assert load.unexpected == []
    assert load.unknown > 0
    assert len({line.key for line in journal if isinstance(line, Ok)}) >= ACTIONS
    assert violations(journal, log) == []
    is_found_out(journal, log, Random(13))


def is_found_out(journal, log, chance):
    """The control: of a hundred thousand, one is lost and another is doubled."""
    lost, doubled = chance.sample([row for row in log if row.key], 2)
    again = replace(doubled, position=len(log) + 1, correlation="again")
    found = violations(journal, [*(row for row in log if row is not lost), again])
    assert any(lost.key in sentence for sentence in found)
    assert f"{again.key}: recorded 2 times" in found
