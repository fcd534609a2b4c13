"""What several fault tests begin with."""

import asyncio
import subprocess

import pytest

from ops.embedded import EmbeddedPostgres
from tests.servers import open_directory
from tests.serving import settle_county


@pytest.fixture(scope="session")
def settled_once():
    """A data directory with a settled county, its database stopped; nobody starts it again."""
    with open_directory() as data_dir:
        with EmbeddedPostgres(data_dir) as postgres:
            asyncio.run(settle_county(postgres.dsn))
        yield data_dir


@pytest.fixture
def settled(settled_once):
    """A copy of it for one test, owners and modes kept."""
    with open_directory() as data_dir:
        subprocess.run(["cp", "--archive", f"{settled_once}/.", data_dir], check=True)
        yield data_dir


@pytest.fixture
def place():
    """An empty directory that the database's account may enter."""
    with open_directory() as directory:
        yield directory
