"""The Log port on PostgreSQL."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from domain.log import Entry, KeyReused, LogBusy, OutcomeUnknown, Receipt, Recorded, Submission
from domain.store.append import Appender
from domain.store.batch import Parcel, Row
from domain.store.connecting import Readers
from domain.store.continuity import Continuity
from domain.store.mapper import Mapper, StoredEvent

MOST_STREAMS_AT_ONCE: Final = 64


class PostgresLog:
    """One county's log, as the application sees it."""

    def __init__(self, appender: Appender, readers: Readers, mapper: Mapper) -> None:
        self._appender = appender
        self._readers = readers
        self._mapper = mapper
        self._histories = Histories(readers)

    @property
    def continuity(self) -> Continuity:
        """What was acknowledged, so that nothing is recorded where it is gone."""
        return self._appender.continuity

    def heed_storage(self, *, is_full: bool) -> None:
        """While it is full, nothing is taken."""
        self._appender.is_storage_full = is_full

    async def append(self, submission: Submission) -> Receipt:
        return await self._appender.append(self._parcel(submission))

    async def append_all(self, submissions: Sequence[Submission]) -> Sequence[Receipt | Exception]:
        return await self._appender.append_all([self._parcel(submission) for submission in submissions])

    def _parcel(self, submission: Submission) -> Parcel:
        rows = tuple(self._row(entry) for entry in submission.entries)
        return Parcel(submission.key, submission.digest, rows)

    def _row(self, entry: Entry) -> Row:
        occurred_at, state = entry.envelope.occurred_at, self._mapper.state(entry)
        return Row(entry.stream, entry.version, entry.fact.TOPIC, occurred_at, state)

    async def history(self, stream: str) -> Sequence[Recorded]:
        """Raises LogBusy where the database cannot be reached, and TopicUnknown, StateUnreadable."""
        return tuple(self._mapper.recorded(row) for row in await self._histories.of(stream))

    async def earlier(self, key: str, digest: bytes) -> Receipt | None:
        for first_digest, first, last, recorded_at in await self._readers.fetch("earlier", {"key": key}):
            if first_digest != digest:
                raise KeyReused(key)
            await self._confirm()
            return Receipt(recorded_at, first, last, is_repeat=True)
        return None

    async def _confirm(self) -> None:
        """Raises OutcomeUnknown where a failover may still lose what was found."""
        try:
            await self._readers.fetch("confirm", {})
        except LogBusy as busy:
            raise OutcomeUnknown from busy


class Histories:
    """Reads streams; those asked for while a read is under way share the next one."""

    def __init__(self, readers: Readers, *, at_once: int = 2) -> None:
        self._readers = readers
        self._at_once = at_once
        self._wanted: dict[str, asyncio.Future[list[StoredEvent]]] = {}
        self._reading: set[asyncio.Task[None] | None] = set()

    async def of(self, stream: str) -> list[StoredEvent]:
        if stream not in self._wanted:
            self._wanted[stream] = asyncio.get_running_loop().create_future()
        wanted = self._wanted[stream]
        if len(self._reading) < self._at_once:
            task = asyncio.create_task(self._read())
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        return await asyncio.shield(wanted)

    async def _read(self) -> None:
        try:
            while self._wanted:
                await self._read_some()
        finally:
            # at once: who asks before the task's callbacks have run must not rely on a reader that has ended
            self._reading.discard(asyncio.current_task())

    async def _read_some(self) -> None:
        streams = list(self._wanted)[:MOST_STREAMS_AT_ONCE]
        wanted = [self._wanted.pop(stream) for stream in streams]
        try:
            history_by_stream = await self._fetch(streams)
        except BaseException as error:
            _fail(wanted, error)
            if not isinstance(error, Exception):
                raise
        else:
            for stream, future in zip(streams, wanted, strict=True):
                future.set_result(history_by_stream[stream])

    async def _fetch(self, streams: list[str]) -> defaultdict[str, list[StoredEvent]]:
        history_by_stream: defaultdict[str, list[StoredEvent]] = defaultdict(list)
        for row in await self._readers.fetch("histories", {"streams": streams}):
            event = StoredEvent(*row)
            history_by_stream[event.stream].append(event)
        return history_by_stream


def _fail(wanted: list[asyncio.Future[list[StoredEvent]]], error: BaseException) -> None:
    for future in wanted:
        if isinstance(error, Exception):
            future.set_exception(error)
            future.exception()  # all callers may be gone: then nobody need hear of it
        else:
            future.cancel()
