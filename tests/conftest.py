"""Fixtures for tests that need a real database; see tests/servers.py."""

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from ops.embedded import EmbeddedPostgres
from tests.servers import BIN_DIR_BY_SERVER, Servers, fresh_database

MEMORY = Path("/dev/shm")  # noqa: S108  — Linux's own, for files that need not outlive the machine
ENOUGH_BYTES = 8 << 30


def pytest_configure() -> None:
    """Temporary files stand in memory where there is enough of it: no test waits for a disk, which is a third of them.

    What a killed process had written is there all the same, on a disk or not; only a power cut tells the two apart.
    """
    settings.register_profile("suite", deadline=None)  # what takes long on a busy machine is not wrong
    settings.load_profile("suite")
    if "TMPDIR" not in os.environ and MEMORY.exists() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is made meanwhile stays: nobody looks through a million objects for garbage, neither now nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """What fails beside a fixture's server tells what that said last."""
    report = yield
    if report.failed and (serving := sys.modules.get("tests.serving")):  # else nothing was launched
        report.sections += [("a process beside it", server.last_words) for server in serving.RUNNING]
    return report


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
