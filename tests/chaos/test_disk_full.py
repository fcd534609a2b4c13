"""The disk fills up under fifty clients: recording stops and says why, reading goes on where it can, nothing is lost."""

import asyncio
import os
import shutil
from contextlib import suppress

import orjson
import psycopg

from ops.embedded import running_dsn
from ops.embedded.cluster import place_of
from tests.chaos.clients import FULL, Wire
from tests.chaos.disks import a_small_disk, filled_up
from tests.chaos.faults import CLERK, MortalServer, opening, under_load, verdict
from tests.clusters import put_cluster
from tests.serving import settle_county
from tests.waiting import until

CLIENTS = 50
RESERVE_MIB = 80
SAID = (
    "存储空间已满，本次没有记录任何内容；已有记录仍可查阅。",
    "The storage is full; nothing was recorded.",
)


async def test_recording_stops_before_the_disk_is_full_and_goes_on_when_there_is_room(tmp_path):
    with a_small_disk(320) as disk:
        put_cluster(disk, settle_county)
        settings = {"JIANDU_DATA_DIR": str(disk), "JIANDU_DISK_RESERVE_MB": str(RESERVE_MIB)}
        with MortalServer(settings) as server:

            async def disturb(load):
                await load.progress(100)
                with filled_up(disk, but_for_mib=RESERVE_MIB - 4):
                    await until(lambda: load.refused[FULL])
                    await is_told_and_may_read(server.port)
                await load.progress(100)

            load = await under_load(server.port, tmp_path / "journal", disturb, clients=CLIENTS)
            found = verdict(tmp_path / "journal", running_dsn(disk))
            assert "database_died" not in server.lives[0].said
    assert load.unexpected == []
    assert found == []


async def test_a_disk_that_fills_up_all_the_same_costs_no_acknowledged_action(tmp_path):
    """The tables' disk first: statements fail. Then that of the write-ahead log: PostgreSQL ends, and waits for room."""
    with a_small_disk(192) as disk, a_small_disk(128) as wal_disk:
        put_cluster(disk, settle_county)
        move_wal(disk, wal_disk)
        settings = {"JIANDU_DATA_DIR": str(disk), "JIANDU_DISK_RESERVE_MB": "0"}
        with MortalServer(settings) as server:

            async def disturb(load):
                await load.progress(100)
                with filled_up(disk):
                    await until(lambda: load.refused[FULL])
                    await is_told_and_may_read(server.port)
                await load.progress(100)
                with filled_up(wal_disk):
                    await asyncio.to_thread(use_up_wal, running_dsn(disk))
                    await until(lambda: "database_waits_for_space" in server.lives[0].said)
                await load.progress(100)

            load = await under_load(server.port, tmp_path / "journal", disturb, clients=CLIENTS)
            found = verdict(tmp_path / "journal", running_dsn(disk))
    assert load.unexpected == []
    assert found == []


def move_wal(data_dir, disk):
    """To another disk, as operators do."""
    cluster = place_of(data_dir)
    moved, owner = disk / "pg_wal", cluster.stat()
    shutil.move(cluster / "pg_wal", moved)
    for path in (moved, *moved.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    (cluster / "pg_wal").symlink_to(moved)


def use_up_wal(dsn):
    """File after file, until there is no room for the next one."""
    with suppress(psycopg.Error), psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(64):
            connection.execute("select pg_logical_emit_message(true, 'test', 'x'), pg_switch_wal()")
        raise AssertionError("there was room")


async def is_told_and_may_read(port):
    wire = Wire(port, CLERK)
    try:
        refused = await wire.ask("POST", "/v1/cases", orjson.dumps({"action": opening("full")}))
        read = await wire.ask("GET", "/v1/events?limit=10")
    finally:
        wire.close()
    assert (refused.status, refused.document["type"], refused.headers["retry-after"]) == (507, FULL, "30")
    assert refused.document["title"].startswith(SAID[0])
    assert refused.document["title_en"].startswith(SAID[1])
    assert (read.status, len(read.document["events"])) == (200, 10)
