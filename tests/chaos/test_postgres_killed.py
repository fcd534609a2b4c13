"""kill -9 of every PostgreSQL process in the middle of commits, ten times, with hundreds of clients at work."""

import asyncio
from random import Random

from ops.embedded import running_dsn
from ops.embedded.cluster import place_of
from tests.chaos.clients import SET_BACK
from tests.chaos.faults import MortalServer, under_load, verdict
from tests.servers import kill_every_process
from tests.waiting import until

ROUNDS = 10


async def test_nothing_acknowledged_is_lost_or_doubled_when_postgresql_is_killed(settled, tmp_path):
    moments = Random(11)
    with MortalServer({"JIANDU_DATA_DIR": str(settled)}) as server:

        async def disturb(load):
            for _ in range(ROUNDS):
                await load.progress(300)
                await asyncio.sleep(moments.uniform(0, 0.2))
                kill_every_process(place_of(settled))
            await load.progress(300)

        load = await under_load(server.port, tmp_path / "journal", disturb)
        found = verdict(tmp_path / "journal", running_dsn(settled))
    assert load.unexpected == []
    assert load.acknowledged > ROUNDS * 300
    assert found == []
    assert server.lives[0].said.count("database_started_again") >= ROUNDS


async def test_a_database_that_acknowledges_before_its_log_is_on_disk_is_found_out(settled, tmp_path):
    """The control: the checker sees the loss, and the server records nothing over it."""
    careless = place_of(settled) / "local.conf"
    careless.write_text("synchronous_commit = off\nwal_writer_delay = 10s\nwal_writer_flush_after = '1GB'\n")
    careless.chmod(0o644)
    with MortalServer({"JIANDU_DATA_DIR": str(settled)}) as server:

        async def disturb(load):
            await load.progress(300)
            kill_every_process(place_of(settled))
            await until(lambda: load.refused[SET_BACK])

        # each that is asked again is refused, over a new connection
        await under_load(server.port, tmp_path / "journal", disturb, asked_again=50)
        found = verdict(tmp_path / "journal", running_dsn(settled))
    assert any("acknowledged at position" in sentence for sentence in found)
