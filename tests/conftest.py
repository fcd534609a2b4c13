"""Fixtures for tests that need a real database; see tests/servers.py."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ops.embedded import EmbeddedPostgres
from tests.servers import BIN_DIR_BY_SERVER, Servers, fresh_database


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


@pytest.fixture
def database(postgres) -> Iterator[str]:
    """The conninfo of a fresh, empty database on 18 and on 15."""
    with fresh_database(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
def database18(postgres18) -> Iterator[str]:
    """The conninfo of a fresh, empty database on the embedded server."""
    with fresh_database(postgres18.dsn) as conninfo:
        yield conninfo
