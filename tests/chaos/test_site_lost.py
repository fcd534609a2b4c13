"""The site of the database is lost, its files with it: a base backup and what was received elsewhere bring all of it back."""

import asyncio
import shutil
import signal
import subprocess
from contextlib import ExitStack, contextmanager

from psycopg.conninfo import make_conninfo

from ops.embedded import EmbeddedPostgres
from ops.embedded.account import account_for
from ops.embedded.cluster import place_of
from tests.chaos.clients import SET_BACK
from tests.chaos.faults import MortalServer, under_load, verdict
from tests.chaos.held import ask
from tests.chaos.standbys import (
    ALL_REPLICATED,
    NOT_REPLICATED,
    base_backup,
    configured,
    either,
    program,
)
from tests.servers import kill_every_process
from tests.waiting import until, wait_until

CLIENTS = 60
FEW = 8
"""Who is never answered asks again for a while, and the last of many for long."""
ASKED_AGAIN = 50
RECEIVING = (
    "select 1 from pg_stat_replication where application_name = 'pg_receivewal' and state = 'streaming'"
)


class Elsewhere:
    """Another site: a base backup, and what a receiver of the write-ahead log has on disk there."""

    def __init__(self, site, postgres):
        self.backup, self.received = site / "backup", site / "received"
        self.dsn = either(postgres.dsn, make_conninfo(postgres.dsn, host=str(self.backup / "socket")))
        self._lost = postgres

    @contextmanager
    def receiving(self):
        account = account_for(self._lost.cluster)
        self.received.mkdir()
        account.own(self.received)
        words = ("--synchronous", "--no-loop", "--directory", self.received, "--dbname", self._lost.dsn)
        command = [program("pg_receivewal", account), *words]
        with account.start(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as receiver:
            try:
                wait_until(lambda: ask(self._lost.dsn, RECEIVING))
                base_backup(self.backup, of=self._lost)
                yield receiver
            finally:
                receiver.kill()

    def lose_the_other(self):
        for entry in self._lost.cluster.iterdir():
            shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)
        kill_every_process(self._lost.cluster)

    def restore(self):
        """A server with all that is here, when it is started; the last file received is not full."""
        cluster = place_of(self.backup)
        (cluster / "standby.signal").rename(cluster / "recovery.signal")
        file = self.received / "%f"
        with (cluster / "local.conf").open("a") as settings:
            settings.write(f"restore_command = 'cp {file} %p || cp {file}.partial %p'\n")
            settings.write("synchronous_standby_names = ''\n")
        return EmbeddedPostgres(self.backup)


async def lose_a_site(settings, place, journal_file, disturb, *, clients):
    """The load through the loss, and what is found of it; `disturb` says when, and when to go on."""
    with configured(*settings) as postgres, ExitStack() as stack:
        elsewhere = Elsewhere(place, postgres)
        served = {"JIANDU_DATABASE_URL": elsewhere.dsn, "JIANDU_DATABASE_ANSWER_SECONDS": "2"}
        with elsewhere.receiving() as receiver, MortalServer(served) as server:

            async def lose(load):
                await disturb(load, receiver)
                acknowledged = load.acknowledged
                elsewhere.lose_the_other()
                receiver.kill()
                await asyncio.to_thread(receiver.wait)
                await asyncio.to_thread(stack.enter_context, elsewhere.restore())
                await until(lambda: load.refused[SET_BACK] or load.acknowledged > acknowledged + 200)

            load = await under_load(server.port, journal_file, lose, clients=clients, asked_again=ASKED_AGAIN)
        return load, verdict(journal_file, elsewhere.dsn)


async def test_a_lost_site_costs_nothing_that_was_acknowledged(settled, place, tmp_path):
    async def lose(load, _):
        await load.progress(300)

    load, found = await lose_a_site(
        (settled, ALL_REPLICATED), place, tmp_path / "journal", lose, clients=CLIENTS
    )
    assert load.unexpected == []
    assert found == []


async def test_a_receiver_that_nobody_waits_for_is_found_out(settled, place, tmp_path):
    """The control: it falls behind, and the site is lost."""

    async def lose(load, receiver):
        await load.progress(50)
        receiver.send_signal(signal.SIGSTOP)
        await load.progress(100)

    load, found = await lose_a_site((settled, NOT_REPLICATED), place, tmp_path / "journal", lose, clients=FEW)
    assert load.refused[SET_BACK] > 0
    assert any("acknowledged at position" in sentence for sentence in found)
