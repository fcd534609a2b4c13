"""The processes that read the log for `jiandu verify`, where one of them does not come to its end."""

import asyncio
from multiprocessing import active_children

import psycopg
import pytest

from ops.failures import CannotDo
from ops.verify import hands
from ops.verify.rows import Source
from tests.notes import COUNTY
from tests.templates import make_county
from tests.waiting import until


async def test_a_reading_process_that_is_killed_is_told_in_a_sentence(database):
    """As the system does where memory runs out. Until then both wait for the table."""
    make_county(database, COUNTY)
    with psycopg.connect(database) as holding:
        holding.execute(f"lock table {COUNTY}.events")
        reading = asyncio.create_task(
            asyncio.to_thread(hands.read, Source(database, COUNTY, "jiandu.local/county"), 1, hands=2)
        )
        (other,) = await until(active_children)
        other.kill()
        other.join()
    with pytest.raises(CannotDo, match=r"was ended from outside.*在外部被终止"):
        await reading
