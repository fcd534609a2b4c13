"""What PostgreSQL refuses because of others is made again; what it refuses for its own sake is not."""

import asyncio
from functools import partial

import psycopg
import pytest
from psycopg.errors import DeadlockDetected, InternalError_, LockNotAvailable, UndefinedTable

from domain.store.passing import TRIES, gives_way, made_again, passes
from tests.waiting import until

WAITS = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def grant(dsn):
    with psycopg.connect(dsn) as connection:
        connection.execute("grant select on all tables in schema public to pg_monitor")


async def while_one_table_goes(dsn, work):
    """`work` has looked which tables there are, and waits at the first of them, when the second goes."""
    with psycopg.connect(dsn, autocommit=True) as other, psycopg.connect(dsn) as holding:
        other.execute("create table first (); create table second ()")
        holding.execute("grant select on first to pg_read_all_data")
        working = asyncio.create_task(asyncio.to_thread(work))
        await until(lambda: other.execute(WAITS).fetchone() is not None)
        other.execute("drop table second")
        holding.rollback()
        return await working


async def test_a_grant_on_a_table_that_goes_meanwhile_is_made_again(database):
    assert await while_one_table_goes(database, partial(made_again, partial(grant, database))) is None


async def test_what_the_catalogue_of_others_refuses_is_told_from_what_is_wrong(database):
    with pytest.raises(InternalError_) as refused:
        await while_one_table_goes(database, partial(grant, database))
    assert gives_way(refused.value)
    assert not gives_way(InternalError_("a definition that PostgreSQL cannot plan"))


def test_whoever_holds_a_lock_is_not_asked_again_at_once():
    assert passes(LockNotAvailable())
    assert not gives_way(LockNotAvailable())


@pytest.mark.parametrize(("error", "times"), [(DeadlockDetected, TRIES), (UndefinedTable, 1)])
def test_it_is_made_again_some_times_and_only_for_what_passes(error, times):
    tries = []

    def make():
        tries.append(1)
        raise error

    with pytest.raises(error):
        made_again(make)
    assert len(tries) == times
