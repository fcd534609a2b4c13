"""The processes that read the log for `jiandu verify`, where one of them does not come to its end."""

import asyncio
import subprocess
import sys
from multiprocessing import active_children

import psycopg
import pytest

from ops.failures import CannotDo
from ops.verify import hands
from ops.verify.rows import Source
from ops.verify.tree import TILE
from tests.notes import COUNTY
from tests.servers import is_dead
from tests.templates import make_county
from tests.waiting import until, wait_until


async def test_a_reading_process_that_is_killed_is_told_in_a_sentence(database):
    """As the system does where memory runs out. Until then both wait for the table."""
    make_county(database, COUNTY)
    with psycopg.connect(database) as holding:
        holding.execute(f"lock table {COUNTY}.events")
        reading = asyncio.create_task(
            asyncio.to_thread(
                hands.read,
                Source(database, COUNTY, "jiandu.local/county"),
                2 * hands.SMALLEST * TILE,
                count=2,
            )
        )
        (other,) = await until(active_children)
        other.kill()
        other.join()
    with pytest.raises(CannotDo, match=r"was ended from outside.*在外部被终止"):
        await reading


BEGUN = """
import sys
import time
from multiprocessing import active_children

import psycopg

from ops.verify.hands import Hands
from ops.verify.rows import Source

if __name__ == "__main__":
    with psycopg.connect(sys.argv[1]) as connection:
        with Hands(connection, Source(sys.argv[1], "county", "jiandu.local/county"), 1, 3):
            print(*(each.pid for each in active_children()), flush=True)
            time.sleep(60)
"""


def test_processes_end_where_the_one_that_began_them_is_killed(database, tmp_path):
    """Each hears of it by its channel, which no other of them may hold open."""
    script = tmp_path / "begun.py"
    script.write_text(BEGUN, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script), database], stdout=subprocess.PIPE, text=True
    ) as begun:
        others = [int(pid) for pid in begun.stdout.readline().split()]
        begun.kill()
    assert len(others) == 2
    wait_until(lambda: all(map(is_dead, others)))
