"""The Log port in a list: the same answers as the log in the database, for rule tests and as its oracle."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.log import (
    Entry,
    KeyReused,
    LogBusy,
    OutcomeUnknown,
    Overtaken,
    Receipt,
    Recorded,
    Submission,
    VersionConflict,
)
from domain.references import named_in
from domain.store.mapper import stored_state
from domain.store.secrets import Session, token_hash
from domain.subject import SUBJECT
from domain.subject.events import SubjectKeyDestroyed
from domain.subject.rejections import PersonErased


def _now() -> datetime:
    return datetime.now(UTC)


class MemoryLog:
    """A log that lasts as long as the object. `clock` gives `recorded_at`."""

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self.events: list[Recorded] = []
        """Everything recorded, in the order of positions."""
        self._versions: defaultdict[str, list[Recorded]] = defaultdict(list)
        self._answers: dict[str, tuple[bytes, Receipt]] = {}
        self._clock = clock

    async def append(self, submission: Submission) -> Receipt:
        if submission.key is not None:
            earlier = await self.earlier(submission.key, submission.digest)
            if earlier is not None:
                return earlier
        self._refuse_gaps(submission.entries)
        for entry in submission.entries:
            self._refuse_erased(entry)
            self._refuse_overtaken(entry)
        receipt = self._record(submission.entries)
        if submission.key is not None:
            self._answers[submission.key] = submission.digest, receipt
        return receipt

    async def append_all(self, submissions: Sequence[Submission]) -> Sequence[Receipt | Exception]:
        return [await self._told(submission) for submission in submissions]

    async def _told(self, submission: Submission) -> Receipt | Exception:
        try:
            return await self.append(submission)
        except (VersionConflict, KeyReused, LogBusy, OutcomeUnknown, PersonErased, Overtaken) as refusal:
            return refusal

    async def history(self, stream: str) -> Sequence[Recorded]:
        return tuple(self._versions[stream])

    async def earlier(self, key: str, digest: bytes) -> Receipt | None:
        if key not in self._answers:
            return None
        first_digest, receipt = self._answers[key]
        if first_digest != digest:
            raise KeyReused(key)
        return Receipt(receipt.recorded_at, receipt.first_position, receipt.last_position, is_repeat=True)

    def _refuse_gaps(self, entries: Sequence[Entry]) -> None:
        version_by_stream: dict[str, int] = {}
        for entry in entries:
            version = version_by_stream.get(entry.stream, len(self._versions[entry.stream]))
            if entry.version != version + 1:
                raise VersionConflict(entry.stream, entry.version - 1, version)
            version_by_stream[entry.stream] = entry.version

    def _refuse_erased(self, entry: Entry) -> None:
        streams = [SUBJECT.stream(person_ref) for person_ref in named_in(entry.fact)]
        if any(
            isinstance(event.fact, SubjectKeyDestroyed) for each in streams for event in self._versions[each]
        ):
            raise PersonErased

    def _refuse_overtaken(self, entry: Entry) -> None:
        """Of everything that was recorded since; the log in the database knows what of it is about the person."""
        if isinstance(entry.fact, SubjectKeyDestroyed) and entry.fact.as_of is not None:
            since = self.events[entry.fact.as_of :]
            if any(event.stream != entry.stream for event in since):
                raise Overtaken

    def _record(self, entries: Sequence[Entry]) -> Receipt:
        recorded_at = max([self._clock(), *(event.recorded_at for event in self.events[-1:])])
        before = len(self.events)
        for entry in entries:
            event = _recorded(entry, len(self.events) + 1, recorded_at)
            self.events.append(event)
            self._versions[entry.stream].append(event)
        if not entries:
            return Receipt(recorded_at)
        return Receipt(recorded_at, before + 1, len(self.events))


def _recorded(entry: Entry, position: int, recorded_at: datetime) -> Recorded:
    return Recorded(
        position=position,
        stream=entry.stream,
        version=entry.version,
        topic=entry.fact.TOPIC,
        recorded_at=recorded_at,
        fact=entry.fact,
        envelope=entry.envelope,
        state=stored_state(entry.fact, entry.envelope),
    )


class MemorySecrets:
    """`domain/store/secrets.py` without a database."""

    def __init__(self) -> None:
        self._password_by_staff: dict[str, str] = {}
        self._session_by_token: dict[bytes, Session] = {}
        self._hash_by_key: dict[str, bytes] = {}
        self._attempts: dict[tuple[str, int], tuple[int, datetime]] = {}

    async def keep_password(self, staff_id: str, password_hash: str) -> None:
        self._password_by_staff[staff_id] = password_hash

    async def password_hash(self, staff_id: str) -> str | None:
        return self._password_by_staff.get(staff_id)

    async def open_session(self, token: str, session: Session) -> None:
        self._session_by_token[token_hash(token)] = session

    async def session(self, token: str) -> Session | None:
        return self._session_by_token.get(token_hash(token))

    async def see_session(self, token: str, seen_at: datetime) -> None:
        if session := await self.session(token):
            self._session_by_token[token_hash(token)] = replace(session, seen_at=seen_at)

    async def end_session(self, token: str) -> None:
        self._session_by_token.pop(token_hash(token), None)

    async def keep_api_key(self, key_id: str, secret: str) -> None:
        self._hash_by_key.setdefault(key_id, token_hash(secret))

    async def api_key_hash(self, key_id: str) -> bytes | None:
        return self._hash_by_key.get(key_id)

    async def attempt(self, kind: str, drawer: int, at: datetime, within: timedelta, most: int) -> int:
        attempts, begun_at = self._attempts.get((kind, drawer), (0, at))
        if attempts == 0 or begun_at + within <= at:
            attempts, begun_at = 0, at
        self._attempts[kind, drawer] = min(attempts, most) + 1, begun_at
        return self._attempts[kind, drawer][0]

    async def forgive(self, name_drawer: int | None, address_drawer: int) -> None:
        if name_drawer is not None:
            self._attempts.pop(("name", name_drawer), None)
        attempts, begun_at = self._attempts["address", address_drawer]
        self._attempts["address", address_drawer] = attempts - 1, begun_at
