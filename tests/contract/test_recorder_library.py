"""The test cases that the eventsourcing library ships for recorders, on our log."""

import sys
import threading
from uuid import uuid4

import psycopg
import pytest
from eventsourcing import persistence as library
from eventsourcing.tests import application, persistence, projection
from eventsourcing.utils import Environment, get_topic
from psycopg.conninfo import make_conninfo

from domain.store import recorder, schema
from domain.store.connecting import Access
from domain.store.datastore import Datastore
from tests.templates import make_county

COUNTY = "library"


class OnOurLog:
    """Gives each of the library's cases a fresh county."""

    SERVER = "embedded-18"

    @pytest.fixture(scope="class")
    @classmethod
    def dsn(cls, servers):
        server = servers.named(cls.SERVER).dsn
        name = f"library_{uuid4().hex[:12]}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"create database {name}")
        yield make_conninfo(server, dbname=name)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")

    @pytest.fixture(autouse=True)
    def fresh_county(self, dsn, monkeypatch):
        self.dsn = dsn
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"drop schema if exists {COUNTY}, counters cascade")
        self.settings = {
            "PERSISTENCE_MODULE": recorder.__name__,
            "JIANDU_DATABASE_URL": dsn,
            "JIANDU_COUNTY": COUNTY,
        }
        for name, value in self.settings.items():
            monkeypatch.setenv(name, value)
        self.opened = []
        yield
        for datastore in self.opened:
            datastore.close()

    def datastore(self):
        make_county(self.dsn, COUNTY)
        self.opened.append(Datastore(Access(self.dsn, schema.County.named(COUNTY))))
        return self.opened[-1]

    def new_originator_id(self):
        return str(uuid4())


def on_both_servers(case):
    """The case on the embedded 18, and beside it on Debian's 15."""
    on_15 = type(f"{case.__name__}On15", (case,), {"SERVER": "debian-15", "__module__": __name__})
    setattr(sys.modules[__name__], on_15.__name__, on_15)
    return case


@on_both_servers
class TestAggregateRecorder(OnOurLog, persistence.AggregateRecorderTestCase):
    def create_recorder(self):
        return recorder.LogAggregateRecorder(self.datastore(), purpose="snapshots")


@on_both_servers
class TestApplicationRecorder(OnOurLog, persistence.ApplicationRecorderTestCase):
    def create_recorder(self):
        return recorder.LogApplicationRecorder(self.datastore())

    def test_insert_subscribe(self):
        self.optional_test_insert_subscribe()


@on_both_servers
class TestNonInterleavingNotificationIds(OnOurLog, persistence.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self):
        return recorder.LogApplicationRecorder(self.datastore())


@on_both_servers
class TestTrackingRecorder(OnOurLog, persistence.TrackingRecorderTestCase):
    def create_recorder(self):
        return recorder.LogTrackingRecorder(self.datastore(), follower="follower")


@on_both_servers
class TestProcessRecorder(OnOurLog, persistence.ProcessRecorderTestCase):
    def create_recorder(self):
        return recorder.LogProcessRecorder(self.datastore(), follower="follower")


class OtherTrackingRecorder(recorder.LogTrackingRecorder):
    pass


class TestInfrastructureFactory(OnOurLog, persistence.InfrastructureFactoryTestCase[recorder.Factory]):
    def setUp(self):
        self.env = Environment(env=self.settings)
        super().setUp()

    def expected_factory_class(self):
        return recorder.Factory

    def expected_aggregate_recorder_class(self):
        return recorder.LogAggregateRecorder

    def expected_application_recorder_class(self):
        return recorder.LogApplicationRecorder

    def expected_tracking_recorder_class(self):
        return recorder.LogTrackingRecorder

    def tracking_recorder_subclass(self):
        return OtherTrackingRecorder

    def expected_process_recorder_class(self):
        return recorder.LogProcessRecorder


@on_both_servers
class TestExampleApplication(OnOurLog, application.ExampleApplicationTestCase):
    expected_factory_topic = get_topic(recorder.Factory)


@pytest.mark.filterwarnings("default:'log' is deprecated:DeprecationWarning")
class TestApplication(OnOurLog, application.ApplicationTestCase):
    pass


class EventCounters(recorder.LogTrackingRecorder, projection.EventCountersView):
    """A view in memory; what makes each count happen once is the position it is tracked with.

    Whoever sees the position sees the count: the lock makes one act of what a table would do in one transaction.
    """

    def __init__(self, datastore, *, follower):
        super().__init__(datastore, follower=follower)
        self.created = self.subsequent = 0
        self.counting = threading.Lock()

    def get_created_event_counter(self):
        with self.counting:
            return self.created

    def get_subsequent_event_counter(self):
        with self.counting:
            return self.subsequent

    def incr_created_event_counter(self, tracking: library.Tracking):
        with self.counting:
            self.insert_tracking(tracking)
            self.created += 1

    def incr_subsequent_event_counter(self, tracking: library.Tracking):
        with self.counting:
            self.insert_tracking(tracking)
            self.subsequent += 1


class TestEventCountersView(OnOurLog, projection.EventCountersViewTestCase):
    def construct_event_counters_view(self):
        return EventCounters(self.datastore(), follower="eventcounters")


@on_both_servers
class TestProjectionRunner(OnOurLog, projection.AggregateEventCountersProjectionTestCase):
    view_class = EventCounters


@on_both_servers
class TestEventSourcedProjection(OnOurLog, projection.EventSourcedProjectionTestCase):
    @pytest.fixture(autouse=True)
    def follower_has_a_log_of_its_own(self, monkeypatch):
        monkeypatch.setenv("COUNTERS_JIANDU_COUNTY", "counters")
