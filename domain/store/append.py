"""The appender: group commit without a timer, and without a doubt left behind by a lost connection.

Commands that arrive while a commit is under way go into the next one, so one flush carries many callers and
nobody waits for a clock. Two writers take turns: while one's batch is flushed, the other's is already sent.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import Any, Final

import psycopg
import structlog
from psycopg.errors import DiskFull, ReadOnlySqlTransaction

from domain.log import (
    KeyReused,
    LogBusy,
    LogSetBack,
    NewerSchema,
    OutcomeUnknown,
    Overtaken,
    Receipt,
    StorageFull,
    VersionConflict,
)
from domain.proof.signing import Signed
from domain.store.batch import APPENDED, REPEATED, VERSION_CONFLICT, Parcel, Verdict, arguments
from domain.store.clocks import ClockWatch
from domain.store.connecting import Access, ConnectionLost, Link, is_newer
from domain.store.continuity import Continuity
from domain.store.metrics import Metrics
from domain.store.pen import Pen
from domain.subject.rejections import PersonErased

log = structlog.get_logger(__name__)

WORTH_A_COMMIT: Final = 32
"""So many commands are sent although a commit is under way, so that the two overlap (measured: 32 to 64)."""
FIRST_PAUSE_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 1.0


Answer = Receipt | BaseException


class _Caller:
    """Who waits for the receipts of some parcels, until there is one for each."""

    __slots__ = ("answers", "future", "unanswered")

    def __init__(self, parcels: int) -> None:
        self.answers: list[Answer | None] = [None] * parcels
        self.unanswered = parcels
        self.future = asyncio.get_running_loop().create_future()

    def answer(self, place: int, answer: Answer) -> None:
        """The first answer counts."""
        if self.answers[place] is None:
            self.answers[place] = answer
            self.unanswered -= 1
            if not (self.unanswered or self.future.done()):
                self.future.set_result(self.answers)


class _Waiting:
    """A parcel on its way, and the caller who waits for its receipt, with those of others perhaps."""

    __slots__ = ("arrived", "caller", "is_in_doubt", "parcel", "place", "signed")

    def __init__(self, parcel: Parcel, caller: _Caller, place: int, arrived: float) -> None:
        self.parcel = parcel
        self.caller = caller
        self.place = place
        self.arrived = arrived
        self.is_in_doubt = False
        """True from the moment it was sent over a connection that broke."""
        self.signed: tuple[Signed, ...] | None = None
        """Its events as they are sent, each time with the same bytes; empty where nobody signs, None before it is sent."""

    @property
    def signatures(self) -> Sequence[bytes | None]:
        return [one.signature for one in self.signed or ()] or [None] * len(self.parcel.rows)

    def answer_recorded(self, receipt: Receipt) -> None:
        """With the signatures as they are stored; of a repeat the first answer's are."""
        if self.signed and not receipt.is_repeat:
            receipt = Receipt(*receipt[:3], is_repeat=False, signed=self.signed)
        self.caller.answer(self.place, receipt)

    def refuse(self, error: BaseException) -> None:
        self.caller.answer(self.place, error)

    @property
    def is_given_up(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.caller.future.cancelled()

    @property
    def is_over(self) -> bool:
        return self.is_given_up or self.caller.answers[self.place] is not None


class Appender:
    """Collects parcels and appends them in batches.

    A caller that is cancelled before its parcel is sent has recorded nothing; afterwards its parcel is recorded
    as if it had waited.
    """

    def __init__(
        self,
        access: Access,
        metrics: Metrics,
        pen: Pen,
        *,
        on_growth: Callable[[int, int, Collection[str]], None],
        writers: int = 2,
        most_commands: int = 128,
        capacity: int = 4096,
        patience_seconds: float = 15,
        answer_within_seconds: float = 30,
    ) -> None:
        """`on_growth` is told the first and last position of every batch that recorded something, and all streams in it.

        `capacity`: how many commands may wait. `patience_seconds`: how long a command waits for a lost database
        to come back. `answer_within_seconds`: after that the database is taken for lost.
        """
        self._access = access
        self._metrics = metrics
        self._clocks = ClockWatch(metrics)
        self.continuity = Continuity()
        """What was acknowledged, so that nothing is recorded where it is gone."""
        self._pen = pen
        self._on_growth = on_growth
        self._writers = writers
        self._busy_writers = 0
        self._most_commands = most_commands
        self._capacity = capacity
        self._patience_seconds = patience_seconds
        self._answer_within_seconds = answer_within_seconds
        self._queue: deque[_Waiting] = deque()
        self._due = asyncio.Event()
        self.is_storage_full = False
        """Whoever watches the disk says so; nothing more is taken meanwhile."""
        self._is_closing = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._write(), name="append") for _ in range(self._writers)]

    async def close(self) -> None:
        """Takes nothing more, finishes what waits, ends the writers."""
        self._is_closing = True
        self._due.set()
        await asyncio.gather(*self._tasks)

    async def append(self, parcel: Parcel) -> Receipt:
        """Raises VersionConflict, KeyReused, LogBusy, LogSetBack, NewerSchema, StorageFull, OutcomeUnknown, PersonErased, Overtaken."""
        (answer,) = await self.append_all([parcel])
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def append_all(self, parcels: Sequence[Parcel]) -> list[Receipt | Exception]:
        """Each as `append` would; what that raises stands in the receipt's place."""
        if not parcels:
            return []
        caller, now = _Caller(len(parcels)), monotonic()
        for place, parcel in enumerate(parcels):
            self._queue_up(_Waiting(parcel, caller, place, now))
        if self._is_due():
            self._due.set()
        answers: list[Any] = await caller.future
        return answers

    def _queue_up(self, waiting: _Waiting) -> None:
        if self.is_storage_full:
            waiting.refuse(StorageFull())
        elif self._is_closing or len(self._queue) >= self._capacity:
            self._metrics.refused_busy.inc()
            waiting.refuse(LogBusy())
        else:
            self._queue.append(waiting)

    async def _write(self) -> None:
        link = Link(self._access, answer_within_seconds=self._answer_within_seconds)
        try:
            while batch := await self._next_batch():
                self._busy_writers += 1
                await self._deliver(link, batch)
                self._busy_writers -= 1
                self._due.set()
        finally:
            await link.close()

    async def _next_batch(self) -> list[_Waiting]:
        """Empty when all is done and the appender is closing."""
        while not self._is_due():
            if self._is_closing and not self._queue:
                return []
            self._due.clear()
            await self._due.wait()
        share = -(-len(self._queue) // (self._writers - self._busy_writers))
        size = min(len(self._queue), max(share, WORTH_A_COMMIT), self._most_commands)
        self._metrics.queued_commands.set(len(self._queue) - size)
        return [self._queue.popleft() for _ in range(size)]

    def _is_due(self) -> bool:
        """Whether to send what waits: at once while nothing is under way, else when it is worth a commit of its own.

        A few commands behind a commit wait for its end and for those that come after it: sent at once they would
        wait for the writer lock instead, and nobody could join them.
        """
        return len(self._queue) >= (WORTH_A_COMMIT if self._busy_writers else 1)

    async def _deliver(self, link: Link, batch: list[_Waiting]) -> None:
        """Answers every caller of the batch, whatever happens."""
        try:
            await self._carry(link, [waiting for waiting in batch if not waiting.is_given_up])
        except BaseException as error:
            for waiting in batch:
                waiting.refuse(OutcomeUnknown() if isinstance(error, asyncio.CancelledError) else error)
            if not isinstance(error, Exception):
                raise
            log.exception("append_failed", commands=len(batch))
            await link.close()

    async def _carry(self, link: Link, batch: list[_Waiting]) -> None:
        """Sends the batch until its outcome is known or the patience of its callers is at an end."""
        pause_seconds = FIRST_PAUSE_SECONDS
        while batch:
            try:
                return await self._attempt(link, batch)
            except ConnectionLost:
                self._metrics.lost_connections.inc()
            batch = [waiting for waiting in batch if not waiting.is_over]
            if batch and monotonic() - batch[0].arrived > self._patience_seconds:
                return _give_up(batch)
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)
        return None

    async def _attempt(self, link: Link, batch: list[_Waiting]) -> None:
        try:
            await self.continuity.opened(link)
            verdicts = await self._send(link, batch)
        except LogSetBack:
            _give_up(batch, LogSetBack)
        except (psycopg.OperationalError, ReadOnlySqlTransaction) as error:
            # The database answered that it cannot now, and has rolled back what was just sent.
            await link.close()
            _give_up(batch, StorageFull if isinstance(error, DiskFull) else LogBusy)
        except psycopg.Error as error:
            await self._single_out(link, batch, error)
        else:
            self._tell_growth(batch, verdicts)
            await self._settle(link, list(zip(batch, verdicts, strict=True)))

    async def _send(self, link: Link, batch: list[_Waiting]) -> list[Verdict]:
        self._sign(batch)
        signatures = [signature for waiting in batch for signature in waiting.signatures]
        sent = monotonic()
        try:
            rows = await link.ask("append", arguments([waiting.parcel for waiting in batch], signatures))
        except ConnectionLost:
            for waiting in batch:
                waiting.is_in_doubt = True
            raise
        now = monotonic()
        self._metrics.batch_commands.observe(len(batch))
        self._metrics.commit_seconds.observe(now - sent)
        self._metrics.wait_seconds.observe(now - batch[0].arrived)
        return [Verdict(*row) for row in rows]

    def _sign(self, batch: list[_Waiting]) -> None:
        """What is sent for the first time, together; what was sent before was perhaps stored as it was signed then."""
        new = [waiting for waiting in batch if waiting.signed is None]
        signed = iter(self._pen.sign([row for waiting in new for row in waiting.parcel.rows]))
        for waiting in new:
            waiting.signed = tuple(islice(signed, len(waiting.parcel.rows)))

    async def _single_out(self, link: Link, batch: list[_Waiting], error: psycopg.Error) -> None:
        """A parcel that the database cannot take must not fail its neighbours: each goes alone."""
        if len(batch) == 1:
            batch[0].refuse(await _meant(link, error))
            return
        for waiting in batch:
            await self._carry(link, [waiting])

    def _tell_growth(self, batch: list[_Waiting], verdicts: list[Verdict]) -> None:
        own = [verdict for verdict in verdicts if verdict.verdict == APPENDED and verdict.first_position]
        if own:
            streams = {row.stream for waiting in batch for row in waiting.parcel.rows}
            self._clocks.look(own[-1].recorded_at)
            self.continuity.note(own[-1])
            self._on_growth(own[0].first_position or 0, own[-1].last_position or 0, streams)

    async def _settle(self, link: Link, judged: list[tuple[_Waiting, Verdict]]) -> None:
        doubtful = []
        await _confirm(link, judged)
        for waiting, verdict in judged:
            if verdict.verdict == VERSION_CONFLICT and waiting.is_in_doubt and waiting.parcel.key is None:
                doubtful.append((waiting, verdict))
            else:
                _answer(waiting, verdict)
        for waiting, verdict in doubtful:
            receipt = await _read_back(link, waiting.parcel)
            if receipt is None:
                _answer(waiting, verdict)
            else:
                waiting.answer_recorded(receipt)


async def _confirm(link: Link, judged: list[tuple[_Waiting, Verdict]]) -> None:
    """What was recorded earlier is answered only when it would survive as what is recorded now does."""
    if any(verdict.verdict == APPENDED and verdict.first_position for _, verdict in judged):
        return  # this commit was waited for, and with it all before it
    found = [waiting for waiting, verdict in judged if verdict.verdict == REPEATED or waiting.is_in_doubt]
    for waiting in found:
        waiting.is_in_doubt = True
    if found:
        await link.ask("confirm", {})


def _answer(waiting: _Waiting, verdict: Verdict) -> None:
    try:
        waiting.answer_recorded(verdict.receipt(waiting.parcel))
    except (VersionConflict, KeyReused) as refusal:
        waiting.refuse(refusal)


def _give_up(batch: list[_Waiting], why: Callable[[], LogBusy] = LogBusy) -> None:
    for waiting in batch:
        waiting.refuse(OutcomeUnknown() if waiting.is_in_doubt else why())


async def _meant(link: Link, error: psycopg.Error) -> Exception:
    """What erased.sql refuses is an answer, and so is what steps refuse that came later; anything else is a bug, and flies on."""
    match error.sqlstate:
        case "JD001":
            return PersonErased()
        case "JD002":
            return Overtaken()
        case code if await is_newer(link):
            log.warning("refused_by_newer_schema", code=code)
            return NewerSchema()
        case _:
            return error


async def _read_back(link: Link, parcel: Parcel) -> Receipt | None:
    """The receipt of a parcel without a key that was sent once and then found its versions taken: by itself?

    It was if every one of its events stands at its version with its bytes, which name the command that caused it.
    """
    stored: dict[tuple[str, int], tuple[int, datetime, bytes]] = {}
    for stream in {row.stream for row in parcel.rows}:
        versions = [row.version for row in parcel.rows if row.stream == stream]
        for position, version, recorded_at, state in await link.ask(
            "read_back", {"stream": stream, "versions": versions}
        ):
            stored[stream, version] = position, recorded_at, state
    found = [stored.get((row.stream, row.version)) for row in parcel.rows]
    own = [event for event, row in zip(found, parcel.rows, strict=True) if event and event[2] == row.state]
    if len(own) < len(parcel.rows):
        return None
    return Receipt(own[0][1], own[0][0], own[-1][0])
