"""Real PostgreSQL servers for the tests: our embedded 18 and Debian's 15, each started once in a session."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ops.embedded import EmbeddedPostgres

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
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
                _miss(f"PostgreSQL 15 is not installed in {bin_dir} (Debian: postgresql-15)")
            data_dir = self._stack.enter_context(open_directory())
            server = EmbeddedPostgres(data_dir, bin_dir=bin_dir)
            self._running[name] = self._stack.enter_context(server)
        return self._running[name]


class open_directory:  # noqa: N801  — a context manager that reads as a verb
    """A short temporary directory that the database's account may enter, as pytest's own may not be."""

    def __enter__(self) -> Path:
        self.path = Path(tempfile.mkdtemp(prefix="jiandu-test-"))
        self.path.chmod(0o711)
        return self.path

    def __exit__(self, *exc: object) -> None:
        shutil.rmtree(self.path)


def _miss(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(scope="session", params=list(BIN_DIR_BY_SERVER))
def postgres(request, servers) -> EmbeddedPostgres:
    """A running server with `.dsn`; every test that asks for it runs on 18 and on 15."""
    return servers.named(request.param)


@pytest.fixture(scope="session")
def postgres18(servers) -> EmbeddedPostgres:
    """The embedded server alone, for what does not depend on the version."""
    return servers.named("embedded-18")


def fresh_database(dsn: str) -> Iterator[str]:
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    yield make_conninfo(dsn, dbname=name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def database(postgres) -> Iterator[str]:
    """The conninfo of a fresh, empty database on 18 and on 15."""
    yield from fresh_database(postgres.dsn)


@pytest.fixture
def database18(postgres18) -> Iterator[str]:
    """The conninfo of a fresh, empty database on the embedded server."""
    yield from fresh_database(postgres18.dsn)
