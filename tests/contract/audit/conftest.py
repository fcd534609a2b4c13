"""The told county to read, and an empty one to record in."""

import pytest

from tests.audited import VIEWS, a_told_county, supervised
from tests.reads import a_read_county


@pytest.fixture(scope="session")
def told_county(postgres18):
    with a_told_county(postgres18.dsn, VIEWS) as dsn:
        yield dsn


@pytest.fixture
async def trail(told_county):
    """Read only."""
    async with supervised(told_county, VIEWS) as read_county:
        yield read_county


@pytest.fixture
async def own(database18):
    """A county of its own, to record in."""
    async with a_read_county(database18, VIEWS) as read_county:
        yield read_county
