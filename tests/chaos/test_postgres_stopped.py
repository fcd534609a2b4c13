"""PostgreSQL stands still, or loses one of its processes, with two hundred clients at work."""

import asyncio
import os
import re
import signal
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ops.embedded.processes import processes_in
from tests.chaos.clients import BUSY
from tests.chaos.faults import MortalServer, kill_a_writer, under_load, verdict
from tests.clusters import own_postgres
from tests.servers import fresh_database
from tests.serving import settle_county

ANSWER_SECONDS = 2
WAITING_COMMANDS = 64
STILL_SECONDS = 2 * ANSWER_SECONDS
MOST_GROWTH_BYTES = 64 * 2**20
LONGEST_SECONDS = 10 * ANSWER_SECONDS
SETTINGS = {
    "JIANDU_DATABASE_ANSWER_SECONDS": str(ANSWER_SECONDS),
    "JIANDU_WAITING_COMMANDS": str(WAITING_COMMANDS),
}


@pytest.fixture(scope="module")
def cluster():
    """A server that nobody else uses: it is stopped and its processes are killed."""
    with own_postgres() as postgres:
        yield postgres


@pytest.fixture
async def county(cluster):
    with fresh_database(cluster.dsn) as dsn:
        await settle_county(dsn)
        yield dsn


async def test_a_database_that_stands_still_is_shed_and_loses_nothing(cluster, county, tmp_path):
    with MortalServer({"JIANDU_DATABASE_URL": county, **SETTINGS}) as server:

        async def disturb(load):
            await load.progress(300)
            before = resident_bytes(server)
            with standing_still(cluster):
                await asyncio.sleep(STILL_SECONDS)
            assert load.refused[BUSY] > WAITING_COMMANDS
            assert resident_bytes(server) - before < MOST_GROWTH_BYTES
            await load.progress(300)

        load = await under_load(server.port, tmp_path / "journal", disturb)
    assert load.unexpected == []
    assert load.longest_seconds < LONGEST_SECONDS
    assert verdict(tmp_path / "journal", county) == []


async def test_a_killed_backend_costs_nobody_anything(county, tmp_path):
    """All others are restarted by PostgreSQL itself, which trusts no memory that a killed process shared."""
    with MortalServer({"JIANDU_DATABASE_URL": county, **SETTINGS}) as server:

        async def disturb(load):
            for _ in range(3):
                await load.progress(200)
                await asyncio.to_thread(kill_a_writer, county)
            await load.progress(200)

        load = await under_load(server.port, tmp_path / "journal", disturb)
    assert load.unexpected == []
    assert verdict(tmp_path / "journal", county) == []


@contextmanager
def standing_still(cluster):
    """Every process of the cluster is stopped, and none is told."""
    pids = processes_in(cluster.cluster)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def resident_bytes(server):
    status = Path(f"/proc/{server.lives[-1].process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
