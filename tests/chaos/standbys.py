"""Two PostgreSQL servers of which one follows the other, and what a replication manager does with them."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ops.embedded import EmbeddedPostgres
from ops.embedded.account import STATE_DIR, Account, account_for
from ops.embedded.binaries import binaries_for
from ops.embedded.cluster import place_of
from tests.servers import kill_every_process, missing
from tests.waiting import wait_until
from tests.wires import PORT, Wire, a_wire_to

NOT_REPLICATED: Final = "wal_keep_size = '512MB'\n"
"""A commit is answered, and another server gets it in its own time."""
ALL_REPLICATED: Final = f"synchronous_standby_names = '*'\n{NOT_REPLICATED}"
"""No commit is answered before another server has it; where there is none, no commit is answered."""

HAS_IT: Final = "select 1 from pg_stat_replication where flush_lsn >= %s"


class Pair:
    """`leader` and `follower`; the test is their replication manager."""

    def __init__(self, leader: EmbeddedPostgres, follower: EmbeddedPostgres) -> None:
        self.leader, self.follower = leader, follower
        self.dsn = either(leader.dsn, follower.dsn)
        """Whichever of the two takes writes."""

    def kill_leader(self) -> None:
        kill_every_process(self.leader.cluster)

    def kill_follower(self) -> None:
        kill_every_process(self.follower.cluster)

    def promote(self) -> None:
        """The follower leads from now on; whoever led before is not asked, and is the follower by name only."""
        with psycopg.connect(self.follower.dsn, autocommit=True) as connection:
            connection.execute("select pg_promote()")
            connection.execute("checkpoint")  # pg_rewind reads the new timeline from the control file
        self.leader, self.follower = self.follower, self.leader

    def lead_alone(self) -> None:
        """Whoever leads waits for nobody any more."""
        with psycopg.connect(self.leader.dsn, autocommit=True) as connection:
            connection.execute("set synchronous_commit = local")
            connection.execute("alter system set synchronous_standby_names = ''")
            connection.execute("select pg_reload_conf()")

    def be_in_step(self) -> None:
        """Returns when the follower has all that stands in the leader's log now; only then may it be promoted."""
        wait_until(self._is_in_step)

    def _is_in_step(self) -> bool:
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(self.leader.dsn, autocommit=True) as connection,
        ):
            head = connection.execute("select pg_current_wal_flush_lsn()").fetchone()
            return any(connection.execute(HAS_IT, head).fetchone() for _ in range(200))
        return False

    def rejoin(self) -> None:
        """Who led before, and is dead, forgets what nobody else has, and follows."""
        self.follower.stop()
        words = ("--write-recovery-conf", "--target-pgdata", self.follower.cluster)
        run("pg_rewind", *words, "--source-server", self.leader.dsn, as_owner_of=self.follower.cluster)
        self.follower.start()


@contextmanager
def a_pair(first: Path, second: Path, *, bin_dir: Path | None = None) -> Iterator[Pair]:
    """The server of a data directory, and another that follows it from a base backup."""
    with ExitStack() as stack:
        leader = stack.enter_context(configured(first, ALL_REPLICATED, bin_dir=bin_dir))
        follower = stack.enter_context(a_follower(second, of=leader, bin_dir=bin_dir))
        yield Pair(leader, follower)


@asynccontextmanager
async def a_divisible_pair(
    first: Path, second: Path, *, settings: str
) -> AsyncIterator[tuple[Pair, Wire, str]]:
    """A pair, the line between its servers, and the conninfo by which the leader is reached over it."""
    with ExitStack() as stack:
        leader = await asyncio.to_thread(stack.enter_context, configured(first, settings))
        async with a_wire_to(leader.dsn) as (line, beyond):
            socket_of(beyond).chmod(0o666)  # the follower's account comes through it too
            following = a_follower(second, of=leader, through=beyond)
            follower = await asyncio.to_thread(stack.enter_context, following)
            yield Pair(leader, follower), line, beyond
            await asyncio.to_thread(stack.close)


@contextmanager
def configured(data_dir: Path, settings: str, *, bin_dir: Path | None = None) -> Iterator[EmbeddedPostgres]:
    cluster = place_of(data_dir)
    local = cluster / "local.conf"
    local.write_text(settings)
    account_for(cluster).own(local)  # pg_rewind opens every file for writing
    with EmbeddedPostgres(data_dir, bin_dir=bin_dir) as postgres:
        yield postgres


@contextmanager
def a_follower(
    data_dir: Path, *, of: EmbeddedPostgres, through: str | None = None, bin_dir: Path | None = None
) -> Iterator[EmbeddedPostgres]:
    """A hot standby; `through`: the conninfo by which it reaches the leader."""
    base_backup(data_dir, of=of, through=through)
    with EmbeddedPostgres(data_dir, bin_dir=bin_dir) as postgres:
        yield postgres


def base_backup(data_dir: Path, *, of: EmbeddedPostgres, through: str | None = None) -> None:
    """A copy of the running server's files that can be started, as who follows it."""
    data_dir.mkdir(mode=0o711)
    cluster = data_dir / "postgres"
    cluster.mkdir(mode=0o700)
    account_for(of.cluster).own(cluster)
    shutil.copy(of.data_dir / "password", data_dir)
    words = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--pgdata", cluster)
    run("pg_basebackup", *words, "--dbname", through or of.dsn, as_owner_of=of.cluster)


def either(*dsns: str) -> str:
    """The conninfo that leads to whichever of the servers takes writes; libpq's own means."""
    hosts = [conninfo_to_dict(dsn)["host"] for dsn in dsns]
    return make_conninfo(dsns[0], host=",".join(map(str, hosts)), target_session_attrs="read-write")


def socket_of(conninfo: str) -> Path:
    return Path(str(conninfo_to_dict(conninfo)["host"])) / f".s.PGSQL.{PORT}"


def program(name: str, account: Account) -> Path:
    found = binaries_for(account, None, STATE_DIR).program(name)
    if not found.exists():
        missing(f"{name} does not come with this PostgreSQL")
    return found


def run(name: str, *words: str | Path, as_owner_of: Path) -> subprocess.CompletedProcess[str]:
    account = account_for(as_owner_of)
    done = account.run([program(name, account), *words])
    assert done.returncode == 0, done.stderr
    return done
