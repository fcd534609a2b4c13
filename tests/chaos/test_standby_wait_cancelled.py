"""A commit whose wait for its standby is cancelled is answered by PostgreSQL as if all were well: we call it unknown."""

import asyncio
import threading
from contextlib import contextmanager

import eventsourcing.persistence as library
import psycopg
import pytest

from domain.log import OutcomeUnknown
from domain.store import schema
from domain.store.connecting import Access
from domain.store.datastore import Datastore
from domain.store.recorder import LogApplicationRecorder
from tests.clusters import own_postgres
from tests.notes import COUNTY, append_notes, in_county, noted, open_store
from tests.servers import fresh_database
from tests.waiting import until

CANCEL = "select count(pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def server():
    with own_postgres() as postgres:
        yield postgres


@pytest.fixture
def county(server):
    with fresh_database(server.dsn) as dsn:
        schema.create(dsn, COUNTY)
        try:
            yield dsn
        finally:
            wait_for(dsn, "")


def wait_for(dsn, standby):
    """Every commit from now on."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set synchronous_commit = local")
        connection.execute(f"alter system set synchronous_standby_names = '{standby}'")
        connection.execute("select pg_reload_conf()")
        while connection.execute("show synchronous_standby_names").fetchone() != (standby,):
            pass


@contextmanager
def cancelling(dsn):
    """Whoever waits for a standby is told to stop, again and again; yields how often."""
    told, done = [], threading.Event()

    def cancel():
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not done.wait(0.02):
                told.extend([True] * connection.execute(CANCEL).fetchone()[0])

    thread = threading.Thread(target=cancel)
    thread.start()
    try:
        yield told
    finally:
        done.set()
        thread.join()


def held(dsn):
    with in_county(dsn) as connection:
        return connection.execute("select stream, version from events order by position").fetchall()


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_commit_whose_wait_was_cancelled_is_unknown_until_a_standby_has_it(county, key):
    submission = noted("note:1", 1, key=key)
    async with open_store(county, patience_seconds=1.5) as store:
        wait_for(county, "nobody")
        with cancelling(county) as told, pytest.raises(OutcomeUnknown):
            await store.log.append(submission)
        assert len(told) > 1, "asking again, it had to wait again"
        wait_for(county, "")
        if key:
            assert (await store.log.append(submission)).is_repeat
    assert held(county) == [("note:1", 1)]


async def test_a_first_answer_is_not_given_again_before_a_standby_has_it(county):
    submission = noted("note:1", 1, key="k")
    async with open_store(county, patience_seconds=0.3) as store:
        wait_for(county, "nobody")
        with in_county(county) as other, cancelling(county):
            append_notes(other, "note:2", [1])
        with cancelling(county), pytest.raises(OutcomeUnknown):
            await asyncio.wait_for(store.log.append(submission), 20)
        with cancelling(county), pytest.raises(OutcomeUnknown):
            await store.log.earlier("k", submission.digest)
        wait_for(county, "")
        assert (await store.log.earlier("k", submission.digest)).is_repeat


async def test_a_standby_that_comes_in_time_lets_everything_go_on(county):
    async with open_store(county) as store:
        wait_for(county, "nobody")
        appending = asyncio.create_task(store.log.append(noted("note:1", 1)))
        with cancelling(county) as told:
            await until(lambda: told)
        assert not appending.done()
        wait_for(county, "")
        assert (await appending).first_position == 1
    assert held(county) == [("note:1", 1)]


def test_the_librarys_recorder_does_not_take_it_for_recorded_either(county):
    datastore = Datastore(Access(county, schema.County.named(COUNTY)))
    log = LogApplicationRecorder(datastore)
    wait_for(county, "nobody")
    with cancelling(county), pytest.raises(library.OperationalError):
        log.insert_events([library.StoredEvent("slip:1", 1, "any.topic:Class", b"{}")])
    wait_for(county, "")
    datastore.close()
    assert held(county) == [("slip:1", 1)]


def test_postgresql_itself_says_no_more_than_a_warning(county):
    """The control: a client that does not heed warnings acknowledges what no standby has."""
    wait_for(county, "nobody")
    with in_county(county) as connection, cancelling(county) as told:
        append_notes(connection, "note:1", [1])
    assert told
    assert held(county) == [("note:1", 1)]
