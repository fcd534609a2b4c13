"""What the library's tools may rely on here, and the library's known faults that our log has not."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError, JSONTranscoder, StoredEvent, Tracking
from hypothesis import given
from hypothesis import strategies as st

from domain.store import recorder, schema
from domain.store.connecting import Access
from domain.store.datastore import Datastore
from domain.store.recorder import Factory, LogApplicationRecorder, LogProcessRecorder
from domain.store.transcoder import FaithfulTranscoder
from tests.notes import COUNTY, in_county, new_stream, noted, open_store
from tests.templates import make_county
from tests.wires import COMMIT, a_wire_beside


@contextmanager
def a_datastore(dsn):
    datastore = Datastore(Access(dsn, schema.County.named(COUNTY)))
    yield datastore
    datastore.close()


@pytest.fixture
def county(database):
    make_county(database, COUNTY)
    return database


@pytest.fixture
def log(county):
    with a_datastore(county) as datastore:
        yield LogApplicationRecorder(datastore)


def settings(dsn, **more):
    return {
        "PERSISTENCE_MODULE": recorder.__name__,
        "JIANDU_DATABASE_URL": dsn,
        "JIANDU_COUNTY": COUNTY,
        **more,
    }


def stored(stream, *versions, state=b"\x00\xff"):
    return [StoredEvent(stream, version, "any.topic:Class", state) for version in versions]


def held(dsn):
    with in_county(dsn) as connection:
        return connection.execute("select stream, version from events order by position").fetchall()


# ── the library on our log ──────────────────────────────────────────────────────────────────────────────────


class Slip(Aggregate):
    """An aggregate of the library's own kind."""

    def __init__(self, document):
        self.document = document
        self.strokes = 0

    class Written(Aggregate.Event):
        strokes: int

    @event(Written)
    def write(self, strokes):
        self.strokes += strokes


class Slips(Application[UUID]):
    snapshotting_intervals: ClassVar = {Slip: 5}


async def test_the_librarys_events_and_ours_stand_in_one_log_in_one_order(county):
    async with open_store(county) as store:
        await store.log.append(noted("note:1", 1))
        with Slips(env=settings(county)) as slips:
            recordings = slips.save(Slip({}))
        await store.log.append(noted("note:1", 2))

        assert [recording.notification.id for recording in recordings] == [2]
        assert [row.position for row in await store.events.stored(0, 10)] == [1, 2, 3]
        assert [event.position for event in await store.log.history("note:1")] == [1, 3]


def test_an_aggregate_is_read_from_its_snapshot_and_what_came_after(county):
    with Slips(env=settings(county)) as slips:
        slip = Slip({})
        for strokes in range(1, 7):
            slip.write(strokes)
            slips.save(slip)

        (snapshot,) = slips.snapshots.get(slip.id)
        assert snapshot.originator_version == 5
        assert slips.repository.get(slip.id).strokes == 21
    with in_county(county) as connection:
        assert connection.execute("select purpose, version from snapshots").fetchall() == [("snapshots", 5)]


def test_an_event_of_an_older_class_version_is_upcast_as_the_library_does(county, monkeypatch):
    with Slips(env=settings(county)) as slips:
        slip = Slip({})
        slip.write(3)
        slips.save(slip)

        monkeypatch.setattr(Slip.Written, "class_version", 2, raising=False)
        upcast = staticmethod(lambda state: state.update(strokes=state["strokes"] * 100))
        monkeypatch.setattr(Slip.Written, "upcast_v1_v2", upcast, raising=False)
        assert slips.repository.get(slip.id).strokes == 300


def test_two_applications_in_two_counties_of_one_database_do_not_mix(county):
    with (
        Slips(env=settings(county)) as one,
        Slips(env=settings(county, JIANDU_COUNTY="neighbour")) as other,
    ):
        one.save(Slip({}))
        other.save(Slip({}), Slip({}))

        assert (one.recorder.max_notification_id(), other.recorder.max_notification_id()) == (1, 2)


def test_versions_must_follow_each_other(log):
    log.insert_events(stored("slip:1", 1, 2))

    for versions in ((2,), (4,), (3, 5), (0,)):
        with pytest.raises(IntegrityError, match="slip:1 stands at version 2"):
            log.insert_events(stored("slip:1", *versions))
    assert log.insert_events(stored("slip:1", 3)) == [3]


def test_a_setting_that_is_missing_is_named():
    with pytest.raises(OSError, match="JIANDU_DATABASE_URL"):
        Factory({"JIANDU_COUNTY": COUNTY})


def test_the_recorder_needs_no_right_to_make_anything_where_the_schema_is_there(county):
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute("drop role if exists slips")
        connection.execute("create role slips login")
    schema.admit(county, COUNTY, "slips")
    limited = psycopg.conninfo.make_conninfo(county, options="-c role=slips")

    with Slips(env=settings(limited, CREATE_TABLE="no")) as slips:
        assert len(slips.save(Slip({}))) == 1


# ── faults of the library's own recorder ────────────────────────────────────────────────────────────────────


def test_a_conflict_is_not_reported_for_events_whose_commit_was_answered_in_vain(county):
    with a_wire_beside(county) as (wire, wired), a_datastore(wired) as datastore:
        log = LogApplicationRecorder(datastore)
        log.insert_events(stored("slip:1", 1))
        wire.loses_replies = 1

        assert log.insert_events(stored("slip:1", 2, 3)) == [2, 3]
        assert wire.loses_replies == 0
    assert held(county) == [("slip:1", 1), ("slip:1", 2), ("slip:1", 3)]


def test_what_is_tracked_with_events_is_tracked_once_though_the_commit_was_answered_in_vain(county):
    with a_wire_beside(county) as (wire, wired), a_datastore(wired) as datastore:
        log = LogProcessRecorder(datastore, follower="follower")
        log.insert_events(stored("slip:1", 1), tracking=Tracking("upstream", 1))
        wire.at, wire.loses_replies = COMMIT, 1

        assert log.insert_events(stored("slip:1", 2), tracking=Tracking("upstream", 2)) == [2]
        assert wire.loses_replies == 0
    with a_datastore(county) as datastore:
        follower = LogProcessRecorder(datastore, follower="follower")
        assert follower.max_tracking_id("upstream") == 2
        with pytest.raises(IntegrityError):
            follower.insert_events(stored("slip:1", 3), tracking=Tracking("upstream", 2))
    assert held(county) == [("slip:1", 1), ("slip:1", 2)]


def test_an_open_insert_locks_no_table_and_lets_maintenance_through(county, log):
    log.insert_events(stored("slip:1", 1))
    with in_county(county) as other, in_county(county) as maintenance, other.transaction():
        row = ([None], [b""], [1], ["slip:2"], [1], ["t"], [None], [b""])
        other.execute(
            "select * from append(%s, %s, %s::int[], %s, %s::bigint[], %s, %s::timestamptz[], %s)", row
        )
        maintenance.execute("set lock_timeout = '1s'")
        maintenance.execute("vacuum (analyze) events")

        assert len(log.select_events("slip:1")) == 1


def test_many_factories_may_make_the_schema_at_once(database):
    with ThreadPoolExecutor(8) as threads:
        for factory in threads.map(lambda _: Factory(settings(database)), range(8)):
            factory.close()

    assert held(database) == []


def test_a_document_that_looks_like_the_librarys_marks_leaves_its_aggregate_readable(county):
    document = {"_type_": "uuid_hex", "_data_": "00"}
    with Slips(env=settings(county)) as slips:
        slip = Slip(document)
        slips.save(slip)

        assert slips.repository.get(slip.id).document == document


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["_type_", "_data_", "a"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(document=DOCUMENTS)
def test_every_document_is_decoded_as_it_was(document):
    transcoder = FaithfulTranscoder()

    assert transcoder.decode(transcoder.encode(document)) == document


def test_documents_without_such_keys_are_written_as_the_library_writes_them():
    document = {"a": [1, {"_type_": 1}, {"_type_": 1, "_data_": 2, "b": 3}], "名": "简"}

    assert FaithfulTranscoder().encode(document) == JSONTranscoder().encode(document)


def test_a_tailing_reader_misses_nothing_while_many_write(county):
    """Without order of commits a reader passes over positions that are filled in later."""
    seen = []
    with a_datastore(county) as datastore:
        log = LogApplicationRecorder(datastore)

        def tail():
            with log.subscribe(gt=0) as subscription:
                for notification in subscription:
                    seen.append(notification.id)
                    if len(seen) == 400:
                        return

        tailing = threading.Thread(target=tail)
        tailing.start()
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: log.insert_events(stored(str(uuid4()), 1, 2, 3, 4)), range(100)))
        tailing.join(timeout=30)

    assert seen == list(range(1, 401))
    assert all(earlier < later for earlier, later in pairwise(seen))


def test_a_subscription_goes_on_after_its_connection_is_lost(county, log):
    with log.subscribe(gt=0) as subscription:
        log.insert_events(stored("slip:1", 1))
        assert next(subscription).id == 1
        with psycopg.connect(county, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            )
        log.insert_events(stored("slip:1", 2))

        assert next(subscription).id == 2


async def test_a_subscription_hears_of_what_our_appender_records(county, log):
    with log.subscribe(gt=0) as subscription:
        async with open_store(county) as store:
            await store.log.append(noted(new_stream(), 1))
            assert next(subscription).id == 1
