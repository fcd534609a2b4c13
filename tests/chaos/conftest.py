"""What several fault tests begin with."""

import pytest

from ops.embedded import EmbeddedPostgres
from tests.servers import open_directory
from tests.serving import settle_county


@pytest.fixture
async def settled():
    """A data directory with a settled county, its database stopped."""
    with open_directory() as data_dir:
        with EmbeddedPostgres(data_dir) as postgres:
            await settle_county(postgres.dsn)
        yield data_dir
