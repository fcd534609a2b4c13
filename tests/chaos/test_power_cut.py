"""The power of the disk is cut, or its flushes fail, with a hundred clients at work."""

import asyncio
import shutil
import subprocess

import psycopg
import pytest

from ops.embedded import EmbeddedPostgresError, running_dsn
from ops.embedded.cluster import place_of
from tests.chaos.disks import a_mortal_disk
from tests.chaos.faults import MortalServer, under_load, verdict, writers
from tests.clusters import own_postgres, put_cluster
from tests.servers import fresh_database, kill_every_process, missing
from tests.serving import settle_county
from tests.waiting import wait_until

CLIENTS = 100
DISK_MIB = 400
CAREFULLY = ""
CARELESSLY = "fsync = off\n"


async def cut_in_mid_commit(disk, journal_file, settings, *, after):
    """The load while the power goes, once, and what the log is found to be afterwards."""
    put_cluster(disk.place, settle_county)
    disk.flush()
    local = place_of(disk.place) / "local.conf"
    local.write_text(settings)
    local.chmod(0o644)
    with MortalServer({"JIANDU_DATA_DIR": str(disk.place)}) as server:

        async def disturb(load):
            await load.progress(200)
            disk.cut_power()
            server.kill()
            kill_every_process(place_of(disk.place))
            disk.unmount()
            disk.mount()
            await asyncio.to_thread(server.start)
            await load.progress(after)

        load = await under_load(server.port, journal_file, disturb, clients=CLIENTS)
        return load, verdict(journal_file, running_dsn(disk.place))


async def test_nothing_acknowledged_is_lost_when_the_power_is_cut(tmp_path):
    with a_mortal_disk(DISK_MIB) as disk:
        load, found = await cut_in_mid_commit(disk, tmp_path / "journal", CAREFULLY, after=200)
    assert load.unexpected == []
    assert load.unknown > 0
    assert found == []


async def test_a_database_that_does_not_flush_is_found_out_by_a_power_cut(tmp_path):
    """The control: it survives every kill, and not this."""
    with a_mortal_disk(DISK_MIB) as disk:
        try:
            _, found = await cut_in_mid_commit(disk, tmp_path / "journal", CARELESSLY, after=0)
        except* (EmbeddedPostgresError, AssertionError, OSError, psycopg.Error) as error:
            found = [f"acknowledged at position: nothing stands any more: {error}"]
    assert any("acknowledged at position" in sentence for sentence in found)


async def test_a_flush_that_fails_costs_no_acknowledged_action(tmp_path):
    """PostgreSQL ends itself rather than ask the disk again: what it had not flushed may be gone for ever."""
    with (
        own_postgres() as postgres,
        fresh_database(postgres.dsn) as dsn,
    ):
        await settle_county(dsn)
        with MortalServer({"JIANDU_DATABASE_URL": dsn}) as server:

            async def disturb(load):
                for n in range(2):
                    await load.progress(150)
                    await asyncio.to_thread(fail_a_flush, dsn, tmp_path / f"said-{n}")
                await load.progress(150)

            load = await under_load(server.port, tmp_path / "journal", disturb, clients=CLIENTS)
        assert load.unexpected == []
        assert verdict(tmp_path / "journal", dsn) == []


def fail_a_flush(dsn, said):
    """The next fdatasync of whoever appends answers that the disk could not."""
    if shutil.which("strace") is None:
        missing("strace is not installed")
    traced = [word for pid in wait_until(lambda: writers(dsn)) for word in ("-p", str(pid))]
    words = [
        "strace",
        "-qq",
        "-e",
        "trace=fdatasync",
        "-e",
        "inject=fdatasync:error=EIO",
        "-o",
        said,
        *traced,
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    if "attach" in done.stderr and not said.read_text():
        pytest.skip(f"a process cannot be traced here: {done.stderr.strip()}")
    assert "EIO (Input/output error) (INJECTED)" in said.read_text()
