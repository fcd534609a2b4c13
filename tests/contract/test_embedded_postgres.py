"""What the embedded PostgreSQL promises to those who run Jiandu."""

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import uvicorn
from structlog.testing import capture_logs

from ops.embedded import DataDirInUse, EmbeddedPostgres, EmbeddedPostgresError, running_dsn
from ops.embedded.account import account_for
from ops.embedded.binaries import wheel_bin_dir
from ops.embedded.processes import postmaster_file
from ops.embedded.server import LONGEST_SOCKET_DIR
from ops.serve import _keep_running
from tests.clusters import a_cluster
from tests.servers import DEBIAN_15, kill_every_process, missing, open_directory
from tests.waiting import until, wait_until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the database to another account")


@pytest.fixture
def data_dir():
    with open_directory() as directory:
        yield directory


@pytest.fixture
def made_dir():
    """With a cluster in it that has stopped."""
    with a_cluster() as directory:
        yield directory


def scalar(dsn, query, *parameters):
    with psycopg.connect(dsn) as connection:
        return connection.execute(query, parameters).fetchone()[0]


def write_down(dsn, number):
    with psycopg.connect(dsn) as connection:
        connection.execute("create table if not exists notes (number bigint)")
        connection.execute("insert into notes values (%s)", [number])


def kill_a_backend(dsn):
    with psycopg.connect(dsn) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")


# ── what it is ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("password_encryption", "scram-sha-256"),
        ("TimeZone", "UTC"),
    ],
)
def test_the_server_is_durable_private_and_neutral(postgres, setting, value):
    assert scalar(postgres.dsn, "select current_setting(%s)", setting) == value


def test_only_its_owner_can_enter(postgres):
    socket_dir = Path(scalar(postgres.dsn, "select current_setting('unix_socket_directories')"))
    assert socket_dir.stat().st_mode & 0o777 == 0o700
    assert postgres.cluster.stat().st_mode & 0o777 == 0o700
    assert (postgres.data_dir / "password").stat().st_mode & 0o777 == 0o600
    assert (postgres.data_dir / "postgres.log").stat().st_mode & 0o777 == 0o600


def test_nobody_enters_without_the_password(postgres):
    wrong = psycopg.conninfo.make_conninfo(postgres.dsn, password="guessed")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_a_fresh_database_is_empty(database):
    tables = "select count(*) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
    assert scalar(database, tables) == 0


def test_the_log_quotes_neither_statements_nor_values(postgres18, database18):
    with psycopg.connect(database18) as connection:
        connection.execute("create table people (number text unique)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into people values ('370203-plain'), ('370203-plain')")
    logged = (postgres18.data_dir / "postgres.log").read_text()
    assert "duplicate key" in logged
    assert "370203" not in logged


# ── one owner ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_owner_is_refused_and_told_who_the_first_is(postgres18):
    with (
        pytest.raises(DataDirInUse, match=f"in use by process {os.getpid()}"),
        EmbeddedPostgres(postgres18.data_dir),
    ):
        pytest.fail("two owners")
    assert scalar(postgres18.dsn, "select 1") == 1


def test_others_find_the_running_server_and_none_once_it_stopped(made_dir):
    assert running_dsn(made_dir) is None
    with EmbeddedPostgres(made_dir):
        assert scalar(running_dsn(made_dir), "select 1") == 1
    assert running_dsn(made_dir) is None


def test_the_database_of_a_killed_owner_is_taken_over(made_dir):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, made_dir], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout.readline() == "ready\n"
        owner.send_signal(signal.SIGKILL)
    said = []
    with EmbeddedPostgres(made_dir, report=said.append) as postgres:
        assert scalar(postgres.dsn, "select number from notes") == 7
    assert any("owner that was killed" in sentence for sentence in said)


OWNER = """
import sys, time
from pathlib import Path
import psycopg
from ops.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as postgres:
    with psycopg.connect(postgres.dsn) as connection:
        connection.execute("create table notes (number bigint)")
        connection.execute("insert into notes values (7)")
    print("ready", flush=True)
    time.sleep(60)
"""


# ── stopping, crashing, starting again ──────────────────────────────────────────────────────────────────────


def test_a_clean_stop_leaves_nothing_to_recover(made_dir):
    with EmbeddedPostgres(made_dir) as postgres:
        write_down(postgres.dsn, 1)
    with EmbeddedPostgres(made_dir) as postgres:
        assert scalar(postgres.dsn, "select number from notes") == 1
    logged = (made_dir / "postgres.log").read_text()
    assert "database system is shut down" in logged
    assert "not properly shut down" not in logged
    assert not (postgres.cluster / "postmaster.pid").exists()


def test_one_that_is_watched_ends_when_a_process_of_it_is_killed_and_is_started_again(made_dir):
    """It would restart itself, and where it finds no room then, it neither ends nor answers."""
    with EmbeddedPostgres(made_dir, restarts_itself=False) as postgres:
        write_down(postgres.dsn, 7)
        kill_a_backend(postgres.dsn)
        wait_until(lambda: not postgres.is_running)
        postgres.start()
        assert scalar(postgres.dsn, "select number from notes") == 7


def test_what_was_committed_survives_the_killing_of_every_process(made_dir):
    with EmbeddedPostgres(made_dir) as postgres:
        write_down(postgres.dsn, 1)
        kill_every_process(postgres.cluster)
        postgres.start()
        assert scalar(postgres.dsn, "select number from notes") == 1
    assert "not properly shut down" in (made_dir / "postgres.log").read_text()


def test_a_pid_file_whose_number_belongs_to_somebody_else_now_is_no_obstacle(made_dir):
    with EmbeddedPostgres(made_dir) as postgres:
        cluster = postgres.cluster
        socket_dir = Path(scalar(postgres.dsn, "show unix_socket_directories"))
    stranger = account_for(cluster).start(
        ["sleep", "60"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with stranger:
        (cluster / "postmaster.pid").write_text(f"{stranger.pid}\n{cluster}\n1\n5432\n/nowhere\n\n")
        socket_lock = socket_dir / ".s.PGSQL.5432.lock"
        socket_lock.write_text(f"{stranger.pid}\n{cluster}\n1\n5432\n/nowhere\n\n")
        for file in (cluster / "postmaster.pid", socket_lock):
            shutil.chown(file, cluster.stat().st_uid, cluster.stat().st_gid)
        with EmbeddedPostgres(made_dir) as again:
            assert scalar(again.dsn, "select 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_an_interrupted_making_is_begun_anew(data_dir):
    (data_dir / "postgres.draft" / "base").mkdir(parents=True)
    with EmbeddedPostgres(data_dir) as postgres:
        assert scalar(postgres.dsn, "select 1") == 1
    assert not (data_dir / "postgres.draft").exists()


def test_a_start_that_fails_says_why(made_dir):
    with EmbeddedPostgres(made_dir) as postgres:
        local = postgres.cluster / "local.conf"
    local.write_text("shared_buffers = 'plenty'\n")
    shutil.chown(local, postgres.cluster.stat().st_uid)
    with pytest.raises(EmbeddedPostgresError, match="shared_buffers"), EmbeddedPostgres(made_dir):
        pytest.fail("started")
    local.unlink()
    with EmbeddedPostgres(made_dir) as postgres:
        assert scalar(postgres.dsn, "select 1") == 1


def test_a_cluster_of_another_major_version_is_refused(data_dir):
    if not DEBIAN_15.exists():
        missing(f"PostgreSQL 15 is not installed in {DEBIAN_15}")
    with EmbeddedPostgres(data_dir, bin_dir=DEBIAN_15):
        pass
    with pytest.raises(EmbeddedPostgresError, match="made by PostgreSQL 15"), EmbeddedPostgres(data_dir):
        pytest.fail("opened by another version")


# ── where it lies ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_path_too_long_for_a_socket_gets_its_socket_elsewhere(data_dir):
    deep = data_dir / ("d" * LONGEST_SOCKET_DIR)
    with EmbeddedPostgres(deep) as postgres:
        socket_dir = Path(scalar(postgres.dsn, "select current_setting('unix_socket_directories')"))
        assert socket_dir.stat().st_mode & 0o777 == 0o700
    assert not socket_dir.exists()


@as_root
def test_root_keeps_the_database_where_its_account_can_reach_it(data_dir):
    with (
        tempfile.TemporaryDirectory() as closed,
        EmbeddedPostgres(Path(closed) / "var", reachable_dir=data_dir) as postgres,
    ):
        assert Path(closed).stat().st_mode & 0o777 == 0o700
        assert scalar(postgres.dsn, "select 1") == 1
        assert data_dir in postgres.cluster.parents
        assert (Path(closed) / "var" / "postgres").resolve() == postgres.cluster


@as_root
def test_root_copies_programs_that_its_account_cannot_reach(data_dir):
    with tempfile.TemporaryDirectory() as closed:
        package = wheel_bin_dir().parents[1]
        hidden = Path(closed) / package.name
        shutil.copytree(package, hidden, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, hidden.with_name(libraries.name), symlinks=True)
        with EmbeddedPostgres(
            data_dir / "var", bin_dir=hidden / "pginstall" / "bin", reachable_dir=data_dir / "lib"
        ) as postgres:
            program = (postmaster(postgres) / "exe").resolve()
    assert data_dir / "lib" in program.parents


@as_root
def test_root_runs_a_cluster_as_whoever_owns_its_files(made_dir):
    with EmbeddedPostgres(made_dir) as postgres:
        cluster = postgres.cluster
    for path in (cluster, *cluster.rglob("*")):
        os.chown(path, 65534, 65534)
    with EmbeddedPostgres(made_dir) as postgres:
        assert postmaster(postgres).stat().st_uid == 65534


async def test_one_that_dies_where_no_file_can_be_written_is_started_again_once_there_is_room(made_dir):
    server = uvicorn.Server(uvicorn.Config("no application", log_config=None))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with EmbeddedPostgres(made_dir, restarts_itself=False) as postgres, capture_logs() as logged:
        keeping = asyncio.create_task(_keep_running(postgres, server))
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))  # as if the disk were full
        try:
            os.kill(int(postmaster(postgres).name), signal.SIGKILL)
            await until(lambda: keeping.done() or has(logged, "database_waits_for_space"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert not keeping.done()
        await until(lambda: has(logged, "database_started_again"))
        assert scalar(postgres.dsn, "select 1") == 1
        keeping.cancel()
    assert not server.should_exit


async def test_one_whose_files_are_not_what_they_should_be_ends_the_server_that_kept_it(made_dir):
    server = uvicorn.Server(uvicorn.Config("no application", log_config=None))
    with EmbeddedPostgres(made_dir, restarts_itself=False) as postgres, capture_logs() as logged:
        keeping = asyncio.create_task(_keep_running(postgres, server))
        settings = postgres.cluster / "postgresql.conf"
        settings.unlink()
        settings.mkdir()
        os.kill(int(postmaster(postgres).name), signal.SIGKILL)
        await asyncio.wait_for(keeping, 30)
    assert has(logged, "database_does_not_start")
    assert server.should_exit


def has(logged, event):
    return any(line["event"] == event for line in logged)


def postmaster(postgres):
    """Its place below /proc."""
    return Path("/proc") / postmaster_file(postgres.cluster)[0]
