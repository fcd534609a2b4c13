"""The same log as a persistence module of the eventsourcing library: PERSISTENCE_MODULE=domain.store.recorder.

Reads JIANDU_DATABASE_URL and JIANDU_COUNTY, and JIANDU_KEYS_DIR for the key that signs what is recorded: left out, it
carries no signature and is not sealed. As everywhere in the library, NAME_JIANDU_COUNTY is for the application
of that name only. One county holds one log: two applications that must not see each other's events need two.

Unlike the library's own recorder: no table is locked, NOTIFY comes after the commit, a conflict is never reported
for events that were stored while the answer was lost, and schemas may be created by many at once.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

import eventsourcing.persistence as library
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from domain.proof.signing import ProcessSigner
from domain.store import schema
from domain.store.batch import APPENDED, REPEATED, Parcel, Row, Verdict, arguments
from domain.store.connecting import Access
from domain.store.datastore import ATTEMPTS, Datastore
from domain.store.key_files import KeyFiles
from domain.store.keys import STREAM, Told, signer_among
from domain.store.pen import Pen
from domain.store.statements import STATEMENTS
from domain.store.transcoder import FaithfulTranscoder

Before = Callable[[Connection[TupleRow]], None]
"""What is to be written in the same transaction, before the events."""

LISTEN_SECONDS: Final = 0.1
"""How soon a subscription notices that it was stopped."""
LOOK_EVERY_SECONDS: Final = 1.0
"""A notification that never came costs a subscription so long."""


def _part(stream: UUID | str, gt: int | None, lte: int | None, limit: int | None) -> dict[str, object]:
    return {"stream": str(stream), "above": gt, "upto": lte, "limit": limit}


class LogAggregateRecorder(AggregateRecorder):
    """Snapshots, beside the log; what has another purpose is kept apart."""

    def __init__(self, datastore: Datastore, *, purpose: str) -> None:
        self.datastore = datastore
        self._purpose = purpose

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> None:
        """Raises IntegrityError where a version is there already; then none is kept."""
        columns: dict[str, object] = {
            "purpose": self._purpose,
            "streams": [str(event.originator_id) for event in stored_events],
            "versions": [event.originator_version for event in stored_events],
            "topics": [event.topic for event in stored_events],
            "states": [event.state for event in stored_events],
        }
        with self.datastore.connection() as connection:
            connection.execute(STATEMENTS["keep_snapshots"], columns)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        name = "snapshots_backwards" if desc else "snapshots_forwards"
        part = _part(originator_id, gt, lte, limit) | {"purpose": self._purpose}
        return [StoredEvent(*row) for row in self.datastore.fetch(name, part)]


class LogApplicationRecorder(ApplicationRecorder):
    """The log: appends through the one door, notifies by position."""

    def __init__(self, datastore: Datastore, pen: Pen | None = None) -> None:
        self.datastore = datastore
        self.pen = pen or Pen()

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        """The positions of the events. Raises IntegrityError where a version is taken or leaves a gap."""
        return self._insert(stored_events, None) if stored_events else []

    def _insert(self, stored_events: Sequence[StoredEvent], before: Before | None) -> Sequence[int]:
        key = f"library:{uuid4().hex}"
        columns = _columns(key, stored_events, self.pen)
        for attempt in range(ATTEMPTS):
            try:
                verdict = self._append(columns, before)
            except (library.OperationalError, library.InterfaceError):
                if attempt == ATTEMPTS - 1:
                    raise
            except IntegrityError:
                # What stands in the way may be the first attempt itself, whose answer was lost.
                known = self.datastore.fetch("earlier", {"key": key}) if attempt else []
                if not known:
                    raise
                self.datastore.fetch("confirm", {})
                return _positions(known[0][1], known[0][2])
            else:
                return _positions(verdict.first_position, verdict.last_position)
        raise AssertionError("unreachable")  # pragma: no cover

    def _append(self, columns: tuple[list[Any], ...], before: Before | None) -> Verdict:
        with self.datastore.connection() as connection:
            with connection.transaction() if before else nullcontext():
                if before:
                    before(connection)
                verdict = _appended(connection, columns)
            if verdict.verdict == REPEATED:
                connection.execute(STATEMENTS["confirm"])
            if verdict.last_position is not None:
                connection.execute(STATEMENTS["announce"], {"last_position": verdict.last_position})
        return verdict

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        name = "stream_backwards" if desc else "stream_forwards"
        rows = self.datastore.fetch(name, _part(originator_id, gt, lte, limit))
        return [StoredEvent(*row) for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        window: dict[str, object] = {
            "first": 1 if start is None else start if inclusive_of_start else start + 1,
            "last": 2**63 - 1 if stop is None else stop,
            "topics": list(topics) or None,
            "limit": limit,
        }
        return [Notification(*row) for row in self.datastore.fetch("notifications", window)]

    def max_notification_id(self) -> int | None:
        return self.datastore.fetch("last_position", {})[0][0] or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        return LogSubscription(self, gt, topics)


def _columns(key: str, stored_events: Sequence[StoredEvent], pen: Pen) -> tuple[list[Any], ...]:
    """The parameters of append: one command. An event of the library happens when it is recorded."""
    now = datetime.now(UTC)
    rows = tuple(
        Row(str(event.originator_id), event.originator_version, event.topic, now, event.state)
        for event in stored_events
    )
    return arguments([Parcel(key, b"", rows)], [signed.signature for signed in pen.sign(rows)])


def _appended(connection: Connection[TupleRow], columns: tuple[list[Any], ...]) -> Verdict:
    row = connection.cursor(binary=True).execute(STATEMENTS["append"], columns).fetchone()
    verdict = Verdict(*row or ())
    if verdict.verdict not in (APPENDED, REPEATED):
        raise IntegrityError(f"{verdict.gap_stream} stands at version {verdict.actual_version}")
    return verdict


def _positions(first: int | None, last: int | None) -> Sequence[int]:
    return [] if first is None or last is None else list(range(first, last + 1))


class LogSubscription(ListenNotifySubscription[LogApplicationRecorder]):
    """Events as they are recorded: woken by NOTIFY, over a new connection where one breaks."""

    def __init__(self, recorder: LogApplicationRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._listening = Thread(target=self._listen, name="listen")
        self._listening.start()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listening.join()

    def _listen(self) -> None:
        while not self._has_been_stopped:
            try:
                with self._recorder.datastore.connection() as connection:
                    self._hear(connection)
            except (library.OperationalError, library.InterfaceError):
                continue
            except BaseException as error:  # noqa: BLE001  — handed to whoever iterates
                self._thread_error = error
                self.stop()

    def _hear(self, connection: Connection[TupleRow]) -> None:
        channel = sql.Identifier(self._recorder.datastore.access.county.channel)
        connection.execute(sql.SQL("listen {}").format(channel))
        looked = 0.0
        while not self._has_been_stopped:
            for _ in connection.notifies(timeout=LISTEN_SECONDS, stop_after=1):
                looked = 0.0
            if monotonic() - looked > LOOK_EVERY_SECONDS:
                looked = monotonic()
                self._has_been_notified.set()
        connection.execute("unlisten *")


class LogTrackingRecorder(TrackingRecorder):
    """How far a follower has processed the logs upstream."""

    def __init__(self, datastore: Datastore, *, follower: str) -> None:
        self.datastore = datastore
        self._follower = follower

    def insert_tracking(self, tracking: Tracking) -> None:
        """Raises IntegrityError where the follower had come so far before."""
        with self.datastore.connection() as connection:
            self._track(connection, tracking)

    def _track(self, connection: Connection[TupleRow], tracking: Tracking) -> None:
        """For subclasses too, which keep their view in the same transaction."""
        moved = connection.execute(
            STATEMENTS["track"],
            {
                "follower": self._follower,
                "upstream": tracking.application_name,
                "position": tracking.notification_id,
            },
        ).fetchone()
        if moved != (True,):
            raise IntegrityError(f"{self._follower} is already at or beyond {tracking}")

    def max_tracking_id(self, application_name: str) -> int | None:
        names: dict[str, object] = {"follower": self._follower, "upstream": application_name}
        position: int | None = self.datastore.fetch("tracked", names)[0][0]
        return position


class LogProcessRecorder(LogTrackingRecorder, LogApplicationRecorder, ProcessRecorder):
    """Events and how far their follower has come, both or neither."""

    def __init__(self, datastore: Datastore, *, follower: str, pen: Pen | None = None) -> None:
        LogTrackingRecorder.__init__(self, datastore, follower=follower)
        self.pen = pen or Pen()

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, tracking: Tracking | None = None, **_: Any
    ) -> Sequence[int]:
        if tracking is None:
            return super().insert_events(stored_events)
        return self._insert(stored_events, lambda connection: self._track(connection, tracking))


TrackingClass = TypeVar("TrackingClass", bound=LogTrackingRecorder)


class Factory(InfrastructureFactory[LogTrackingRecorder]):
    """What the library asks for its recorders."""

    DATABASE_URL: Final = "JIANDU_DATABASE_URL"
    COUNTY: Final = "JIANDU_COUNTY"
    KEYS_DIR: Final = "JIANDU_KEYS_DIR"
    CREATE_TABLE: Final = "CREATE_TABLE"
    """No: the county's schema is there, or is made by others. As in the library, the default is yes."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        dsn, county = self._setting(self.DATABASE_URL), self._setting(self.COUNTY)
        if strtobool(self.env.get(self.CREATE_TABLE) or "yes"):
            schema.create(dsn, county)
        self.datastore = Datastore(Access(dsn, schema.County.named(county)))
        folder = self.env.get(self.KEYS_DIR)
        self.pen = Pen(_signer(self.datastore, KeyFiles(Path(folder))) if folder else None)

    def _setting(self, name: str) -> str:
        value = self.env.get(name)
        if not value:
            raise OSError(f"{name} is not set")
        return value

    def __exit__(self, *args: object) -> None:
        super().__exit__(*args)  # type: ignore[arg-type]  # the library names each of the three
        self.close()

    def close(self) -> None:
        self.datastore.close()

    def transcoder(self) -> Transcoder:
        return super().transcoder() if self.env.get(self.TRANSCODER_TOPIC) else FaithfulTranscoder()

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        return LogAggregateRecorder(self.datastore, purpose=purpose)

    def application_recorder(self) -> ApplicationRecorder:
        chosen = self.env.get(self.APPLICATION_RECORDER_TOPIC)
        recorder: type[LogApplicationRecorder] = resolve_topic(chosen) if chosen else LogApplicationRecorder
        return recorder(self.datastore, self.pen)

    def tracking_recorder(
        self, tracking_recorder_class: type[TrackingClass] | None = None
    ) -> TrackingClass | LogTrackingRecorder:
        chosen = self.env.get(self.TRACKING_RECORDER_TOPIC)
        recorder: type[LogTrackingRecorder] = tracking_recorder_class or (
            resolve_topic(chosen) if chosen else LogTrackingRecorder
        )
        return recorder(self.datastore, follower=self._follower)

    def process_recorder(self) -> ProcessRecorder:
        chosen = self.env.get(self.PROCESS_RECORDER_TOPIC)
        recorder: type[LogProcessRecorder] = resolve_topic(chosen) if chosen else LogProcessRecorder
        return recorder(self.datastore, follower=self._follower, pen=self.pen)

    @property
    def _follower(self) -> str:
        return self.env.name.lower() or "follower"


def _signer(datastore: Datastore, files: KeyFiles) -> ProcessSigner | None:
    """Raises KeysUnreadable. None where no key of the folder counts in this log."""
    said = Told(tuple(datastore.fetch("key_statements", {"stream": STREAM})))
    if said.origin is None:
        return None
    last = datastore.fetch("last_position", {})[0][0]
    return signer_among(files, said.ring(said.origin, files.anchors()), said.origin, last + 1)
