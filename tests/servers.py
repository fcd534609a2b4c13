"""Real PostgreSQL servers: our embedded 18 and Debian's 15, each started once in a session."""

import os
import signal
import tempfile
import time
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import pbkdf2_hmac, sha256
from hmac import digest
from os import urandom
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ops.embedded import EmbeddedPostgres
from ops.embedded.processes import processes_in

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
FRESH = "test_"
Server = tuple[object, object]
"""Host and port."""
BIN_DIR_BY_SERVER = {"embedded-18": None, "debian-15": DEBIAN_15}


class Servers:
    """The servers of this session (of this worker, under pytest-xdist), each started when first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, EmbeddedPostgres] = {}

    def named(self, name: str) -> EmbeddedPostgres:
        if name not in self._running:
            bin_dir = BIN_DIR_BY_SERVER[name]
            if bin_dir is not None and not bin_dir.exists():
                missing(f"PostgreSQL 15 is not installed in {bin_dir} (Debian: postgresql-15)")
            data_dir = self._stack.enter_context(open_directory())
            server = self._stack.enter_context(EmbeddedPostgres(data_dir, bin_dir=bin_dir))
            open_quickly(server.dsn)
            forget_soon(server.dsn)
            self._stack.enter_context(_with_a_door_kept_open(server.dsn))
            self._running[name] = server
        return self._running[name]


def open_quickly(dsn: str) -> None:
    """A guess at the password would cost one round of hashing instead of 4096, and so does every connection.

    Source: RFC 5802, section 3; PostgreSQL takes a verifier where a password stands.
    """
    words = conninfo_to_dict(dsn)
    salt = urandom(16)
    salted = pbkdf2_hmac("sha256", str(words["password"]).encode(), salt, 1)
    stored = sha256(digest(salted, b"Client Key", "sha256")).digest()
    parts = [b64encode(part).decode() for part in (salt, stored, digest(salted, b"Server Key", "sha256"))]
    verifier = "SCRAM-SHA-256$1:{}${}:{}".format(*parts)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(str(words["user"])), verifier)
        )


def forget_soon(dsn: str) -> None:
    """A conversation that breaks off before its password holds up every drop of a database until the server gives it up:
    here after ten seconds, by itself after sixty.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("alter system set authentication_timeout = '10s'")
        connection.execute("select pg_reload_conf()")


_spares_by_server = defaultdict[Server, list[str]](list)
"""Databases that nobody has ever entered: to rename one costs a tenth of making one."""

_made = set[tuple[str, int]]()
"""Names and identities of the databases that were handed out empty: one that was restored under its name is another."""

IDENTITY = "select oid from pg_database where datname = %s"
UNENTERED = "select datid from pg_stat_database where datname = %s and sessions + numbackends = 0"


def server_of(dsn: str) -> Server:
    place = conninfo_to_dict(dsn)
    return place.get("host"), place.get("port")


_kept_by_server: dict[Server, psycopg.Connection] = {}


@contextmanager
def _with_a_door_kept_open(dsn: str) -> Iterator[None]:
    """For whatever is made and dropped there: to a server that outlives its tests nobody needs to connect each time."""
    with _maintaining(dsn) as connection:
        _kept_by_server[server_of(dsn)] = connection
        yield
        del _kept_by_server[server_of(dsn)]


@contextmanager
def at_server(dsn: str) -> Iterator[psycopg.Connection]:
    """A connection that makes and drops databases on the server of `dsn`."""
    if (kept := _kept_by_server.get(server_of(dsn))) is not None:
        yield kept
    else:
        with _maintaining(dsn) as connection:
            yield connection


def _maintaining(dsn: str) -> psycopg.Connection:
    return psycopg.connect(make_conninfo(dsn, dbname="postgres"), autocommit=True)


def is_untouched(connection: psycopg.Connection, name: str) -> bool:
    """Whether this database was handed out empty and nobody has ever entered it."""
    identity = connection.execute(UNENTERED, [name]).fetchone()
    return identity is not None and (name, identity[0]) in _made


def take_away(connection: psycopg.Connection, dsn: str) -> None:
    """The database of `dsn` is gone; whoever wants an empty one gets it, if it is."""
    name = str(conninfo_to_dict(dsn)["dbname"])
    if not is_untouched(connection, name):
        connection.execute(f"drop database {name} with (force)")
        return
    spare = f"spare_{uuid4().hex[:12]}"
    connection.execute(f"alter database {name} rename to {spare}")
    _spares_by_server[server_of(dsn)].append(spare)


@contextmanager
def open_directory() -> Iterator[Path]:
    """A short temporary directory that the database's account may enter, as pytest's own may not be."""
    with tempfile.TemporaryDirectory(prefix="jiandu-test-") as name:
        path = Path(name)
        path.chmod(0o711)
        yield path


@contextmanager
def fresh_database(dsn: str) -> Iterator[str]:
    """The conninfo of a new, empty database on the server of `dsn`, dropped afterwards."""
    name, spares = f"{FRESH}{uuid4().hex[:12]}", _spares_by_server[server_of(dsn)]
    with at_server(dsn) as connection:
        if spares:
            connection.execute(f"alter database {spares.pop()} rename to {name}")
        else:
            connection.execute(f"create database {name}")
        (identity,) = connection.execute(IDENTITY, [name]).fetchone()
    _made.add((name, identity))
    try:
        yield make_conninfo(dsn, dbname=name)
    finally:
        with at_server(dsn) as connection:
            connection.execute(f"drop database {name} with (force)")


@contextmanager
def copied(dsn):
    """A backup of the database, as a function that restores it."""
    names = {
        "own": sql.Identifier(conninfo_to_dict(dsn)["dbname"]),
        "kept": sql.Identifier(f"backup_{uuid4().hex[:12]}"),
    }
    with at_server(dsn) as server:

        def run(statement):
            server.execute(sql.SQL(statement).format(**names))

        def restore():
            run("drop database {own} with (force)")
            run("create database {own} template {kept}")

        run("create database {kept} template {own}")
        try:
            yield restore
        finally:
            run("drop database {kept}")


def kill_every_process(cluster: Path) -> None:
    """SIGKILL for all of them, those that are just being born included; returns when all are dead."""
    killed = set[int]()
    while pids := processes_in(cluster):
        killed.update(pids)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    # one that is dying has no files open any more, and its parent cannot yet reap it
    while not all(map(is_dead, killed)):
        time.sleep(0.001)


def is_dead(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


def missing(reason: str) -> NoReturn:
    """Skips, visibly; fails where everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
