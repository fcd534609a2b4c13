"""What several fault tests begin with."""

import pytest

from tests.clusters import a_cluster
from tests.servers import open_directory
from tests.serving import settle_county


@pytest.fixture
def settled():
    """A data directory with a settled county for one test, its database stopped."""
    with a_cluster(settle_county) as data_dir:
        yield data_dir


@pytest.fixture
def place():
    """An empty directory that the database's account may enter."""
    with open_directory() as directory:
        yield directory
