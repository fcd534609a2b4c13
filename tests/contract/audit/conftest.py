"""The told county to read, and an empty one to record in."""

import asyncio

import pytest

from projections.view_readers import ViewReaders
from tests import county
from tests.audited import VIEWS, a_told_county
from tests.doors import Doorway
from tests.projected import access
from tests.reads import ReadCounty, a_read_county
from tests.servers import fresh_database


@pytest.fixture(scope="session")
def told_county(postgres18):
    with fresh_database(postgres18.dsn) as dsn:
        asyncio.run(a_told_county(dsn))
        yield dsn


@pytest.fixture
async def trail(told_county):
    """Read only."""
    readers = ViewReaders(access(told_county), VIEWS, size=2)
    async with Doorway(views=readers).entered(county.SUPERVISION_POST) as client:
        yield ReadCounty(told_county, client, None)
    await readers.close()


@pytest.fixture
async def own(database18):
    """A county of its own, to record in."""
    async with a_read_county(database18, VIEWS) as read_county:
        yield read_county
