"""The append function, called as any programme might call it."""

import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from domain.store import schema
from domain.store.schema import County
from tests.notes import APPEND, COUNTY, MORNING, append_notes, in_county
from tests.templates import make_county


@pytest.fixture
def county(database):
    make_county(database, COUNTY)
    return database


def positions(connection):
    return [row[0] for row in connection.execute("select position from events order by position")]


def test_a_refused_command_leaves_no_hole(county):
    with in_county(county) as connection:
        append_notes(connection, "note:1", [1])
        assert append_notes(connection, "note:1", [1])[0] == "version_conflict"
        append_notes(connection, "note:1", [2])

        assert positions(connection) == [1, 2]


def test_a_rolled_back_command_leaves_no_hole(county):
    with in_county(county) as connection:
        with connection.transaction(force_rollback=True):
            assert append_notes(connection, "note:1", [1, 2, 3])[:3] == ("appended", 1, 3)
        append_notes(connection, "note:1", [1])

        assert positions(connection) == [1]


def test_the_events_of_a_command_go_in_together_or_not_at_all(county):
    with in_county(county) as connection:
        assert append_notes(connection, "note:1", [1, 2, 4])[0] == "version_conflict"

        assert positions(connection) == []


def test_one_commands_conflict_does_not_fail_its_neighbours(county):
    with in_county(county) as connection:
        rows = connection.execute(
            APPEND,
            (
                [None, None, "k", "k", "k"],
                [b"", b"", b"x", b"x", b"y"],
                [1, 1, 1, 1, 1],
                ["note:1", "note:1", "note:2", "note:3", "note:4"],
                [1, 3, 1, 1, 1],
                ["note.noted.v1"] * 5,
                [MORNING] * 5,
                [b"{}"] * 5,
            ),
        ).fetchall()

        assert [row[0] for row in rows] == [
            "appended",
            "version_conflict",
            "appended",
            "repeated",
            "key_reused",
        ]
        assert rows[1][4:] == ("note:1", 1)
        assert rows[3][1:4] == rows[2][1:4]
        assert positions(connection) == [1, 2]


def test_a_command_may_write_to_several_streams(county):
    with in_county(county) as connection:
        columns = ([None], [b""], [3], ["a:1", "b:1", "a:1"], [1, 1, 2], ["t"] * 3, [MORNING] * 3, [b""] * 3)

        assert connection.execute(APPEND, columns).fetchone()[:3] == ("appended", 1, 3)
        assert connection.execute(APPEND, columns).fetchone()[4:] == ("a:1", 2)


def test_time_never_runs_back_even_when_the_clock_does(county):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with in_county(county) as connection:
        connection.execute(
            "insert into events values (1, 'note:1', 1, 'note.noted.v1', %s, %s, '')", (MORNING, tomorrow)
        )

        assert append_notes(connection, "note:1", [2])[3] == tomorrow


def test_what_was_recorded_is_stamped_by_the_databases_clock(county):
    with in_county(county) as connection, connection.transaction():
        began = connection.execute("select now()").fetchone()[0]
        time.sleep(0.01)

        assert append_notes(connection, "note:1", [1])[3] > began


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_transaction_that_would_not_see_what_stands_is_refused(county, level):
    with in_county(county) as connection:
        connection.execute("begin")
        connection.execute(f"set transaction isolation level {level}".encode())

        with pytest.raises(errors.InvalidTransactionState):
            append_notes(connection, "note:1", [1])


@pytest.mark.parametrize(
    "arrays", ["keys", "digests", "counts", "streams", "versions", "topics", "occurred", "states"]
)
def test_arrays_that_do_not_fit_together_are_refused(county, arrays):
    columns = {
        "keys": [None],
        "digests": [b""],
        "counts": [1],
        "streams": ["note:1"],
        "versions": [1],
        "topics": ["t"],
        "occurred": [MORNING],
        "states": [b""],
    }
    columns[arrays] = columns[arrays] * 2
    with in_county(county) as connection, pytest.raises(errors.ArraySubscriptError):
        connection.execute(APPEND, tuple(columns.values()))


def test_an_append_locks_no_table_against_readers_or_maintenance(county):
    with in_county(county) as connection, connection.transaction():
        append_notes(connection, "note:1", [1], key="k")
        modes = connection.execute(
            "select distinct mode from pg_locks where pid = pg_backend_pid() and locktype = 'relation'"
        ).fetchall()

        assert {mode for (mode,) in modes} <= {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}


def test_an_append_takes_no_lock_that_another_county_needs(county):
    with in_county(county) as connection, connection.transaction():
        append_notes(connection, "note:1", [1], key="k")
        locks = connection.execute(
            "select locktype from pg_locks where pid = pg_backend_pid() and locktype in ('object', 'advisory')"
        ).fetchall()

    assert locks == [("advisory",)]


def test_an_append_does_not_notify_before_it_is_committed(county):
    """NOTIFY inside the transaction would hold a lock of the whole cluster while the commit is flushed."""
    with psycopg.connect(county, autocommit=True) as listener, in_county(county) as connection:
        listener.execute(f'listen "{County.named(COUNTY).channel}"'.encode())
        append_notes(connection, "note:1", [1])

        assert list(listener.notifies(timeout=0.3)) == []


def test_writers_of_two_counties_never_wait_for_each_other(county):
    schema.create(county, "neighbour")
    with in_county(county) as here, psycopg.connect(county, autocommit=True) as there, here.transaction():
        append_notes(here, "note:1", [1])
        there.execute("set search_path = neighbour, pg_temp; set lock_timeout = '1s'")

        assert append_notes(there, "note:1", [1])[0] == "appended"


def test_positions_are_given_in_the_order_of_commits(county):
    """A writer waits until the one before is on disk, so a reader never passes over an event."""
    with in_county(county) as first, in_county(county) as second, in_county(county) as reader:
        first.execute("begin")
        append_notes(first, "note:1", [1])
        waiting = threading.Thread(target=append_notes, args=(second, "note:2", [1]))
        waiting.start()
        time.sleep(0.1)
        assert positions(reader) == []
        first.execute("commit")
        waiting.join()

        assert positions(reader) == [1, 2]


def test_announcing_wakes_who_listens_with_the_last_position(county):
    with psycopg.connect(county, autocommit=True) as listener, in_county(county) as connection:
        listener.execute(f'listen "{County.named(COUNTY).channel}"'.encode())
        connection.execute("select announce(7)")

        assert [n.payload for n in listener.notifies(timeout=30, stop_after=1)] == ["7"]


def test_the_streams_last_version_is_found_by_its_index_however_the_plan_was_made(county):
    """A plan that was made while the log was small and is kept must serve when it is large."""
    county = make_conninfo(county, options="-c plan_cache_mode=force_generic_plan")
    with in_county(county) as connection:
        append_notes(connection, "note:0", [1])
        connection.execute("load 'auto_explain'")
        connection.execute(
            "set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on"
        )
        connection.execute("set client_min_messages = log")
        plans = []
        connection.add_notice_handler(lambda notice: plans.append(notice.message_primary))
        append_notes(connection, "note:0", [2], key="k")

    scans = [plan for plan in plans if "Scan" in plan]
    assert any("events_stream_version_key" in plan for plan in scans)
    assert any("commands_key_key" in plan for plan in scans)
    assert not any("Seq Scan" in plan for plan in scans)
