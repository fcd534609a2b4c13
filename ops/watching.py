"""The watch at work: asks the views what the rules find today, and records it as signals, through the one way of commands.

Whatever is found has a number that follows from what was found, and is sent under a key of that number: a second round, a
second process, a process that died in between raise nothing twice. Little is in flight at a time; where the log is busy
the round ends and the next one goes on.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from hashlib import sha256
from secrets import token_hex
from typing import Final, NoReturn, TypeVar

import psycopg
import structlog

from domain.application import Keeper
from domain.case import CASE
from domain.case.acceptance.commands import DeemAccepted
from domain.grammar import Actor, Occasion, Rejected, local_day
from domain.log import LogBusy, OutcomeUnknown, VersionConflict
from domain.signal import SIGNAL
from domain.signal.commands import RaiseSignal
from domain.signal.values import Figure, Light, RuleCode
from domain.window.values import Role
from ops.watch_metrics import WatchMetrics
from projections.asked import Asked, ReadingTooLong, ViewBehind, ViewFailing, ViewNotBuilt
from projections.reading import reading
from projections.view_readers import ViewReaders, ViewsUnreachable
from projections.watch import FIRST, NEEDED, Found, Watch

CLOCK: Final = Actor(staff_id="clock", role=Role.clock)
AT_ONCE: Final = 8
"""So many commands of the watch wait for the log together: few beside those of a hall's counters."""
PAGE: Final = 500
"""So many findings are taken out of the views at a time."""
TRY_AGAIN_SECONDS: Final = 5.0
"""So soon it looks again where the views were not ready."""
REMEMBERED: Final = 64
"""Streams that the watch's own keeper remembers: it comes back to none."""
NOT_NOW: Final = (
    ViewBehind,
    ViewNotBuilt,
    ViewFailing,
    ReadingTooLong,
    ViewsUnreachable,
    LogBusy,
    OutcomeUnknown,
    psycopg.Error,
)
"""What ends a round early; the next one finds the same again."""

T = TypeVar("T")

_log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of the watch recorded."""

    day: date
    raised: Counter[str] = field(default_factory=Counter)
    """By rule."""
    deemed: list[str] = field(default_factory=list)
    """The numbers of cases that count as accepted 视为受理."""
    refused: Counter[str] = field(default_factory=Counter)
    """By code: what the rules of the record would not have; no reason to stop."""


class Watchman:
    """One process's watch. Any number of them may be at work on one county.

    `keeper`: its own, so that the cases in use stay remembered in the one that serves.
    """

    def __init__(
        self,
        views: ViewReaders,
        keeper: Keeper,
        clock: Callable[[], datetime] = utc_now,
        metrics: WatchMetrics | None = None,
    ) -> None:
        self._views = views
        self._metrics = metrics
        self._keeper = keeper
        self._clock = clock
        self._compared_on: date | None = None
        self._seen: tuple[date, int] | None = None

    async def keep(self, last_position: Callable[[], Awaitable[int]], every_seconds: float) -> NoReturn:
        """A round now, and one every so often, for as long as it runs; what cannot be done now is left to the next."""
        while True:
            rest = every_seconds
            try:
                await self._look_again(await last_position())
            except NOT_NOW as trouble:
                _log.info("watch_put_off", reason=type(trouble).__name__)
                rest = min(rest, TRY_AGAIN_SECONDS)
            await asyncio.sleep(rest)

    async def _look_again(self, head: int) -> None:
        """Nothing is asked where neither the log has grown nor the day has changed since."""
        today = local_day(self._clock())
        made = Round(today)
        if self._seen != (today, head):
            made = await self.round(head, compare=self._compared_on != today)
        self._compared_on = today
        self._seen = (today, head)
        if self._metrics:
            self._metrics.tell(made.raised, len(made.deemed), self._clock())
        if made.raised or made.deemed or made.refused:
            _log.info(
                "watch_recorded",
                day=str(today),
                raised=dict(made.raised),
                deemed=len(made.deemed),
                refused=dict(made.refused),
            )

    async def round(self, head: int, *, compare: bool = True) -> Round:
        """Records what is found today in everything up to `head`, then what the law makes of silence.

        `compare`: look across cases and windows too (P07, Z01); once a day is enough for those. Raises NOT_NOW.
        """
        made = Round(local_day(self._clock()))
        async for page in self._pages(made.day, head, compare=compare):
            await _some_at_once(partial(self._raise, made), page)
        async with self._reading(made.day, head) as watch:
            silent = await watch.silent(made.day)
        await _some_at_once(partial(self._deem, made), silent)
        return made

    async def _pages(self, day: date, head: int, *, compare: bool) -> AsyncIterator[list[Found]]:
        """What no signal says yet, a page at a time; no connection is held meanwhile."""
        after = FIRST
        while True:
            async with self._reading(day, head) as watch:
                page = await watch.of_cases(day, is_new=True, limit=PAGE, after=after)
            yield page
            if len(page) < PAGE:
                break
            after = page[-1].place
        if compare:
            async with self._reading(day, head) as watch:
                across = [
                    *await watch.accepted_twice(day, is_new=True),
                    *await watch.idle_windows(day, is_new=True),
                ]
            yield across

    @asynccontextmanager
    async def _reading(self, day: date, head: int) -> AsyncIterator[Watch]:
        asked = Asked(day, min_position=head or None)
        async with reading(self._views, asked, NEEDED) as found:
            yield Watch(found.connection)

    async def _raise(self, made: Round, found: Found) -> None:
        command = signal_of(found)
        try:
            outcome = await self._keeper.handle(
                SIGNAL,
                found.signal_no,
                command,
                self._occasion(),
                key=f"watch {found.signal_no}",
                digest=sha256(found.signal_no.encode()).digest(),
                expected_version=0,
            )
        except VersionConflict:
            return  # somebody else has raised it
        except Rejected as rejected:
            made.refused[rejected.code()] += 1
            return
        if not outcome.receipt.is_repeat:
            made.raised[found.rule_code] += 1

    async def _deem(self, made: Round, case_no: str) -> None:
        try:
            await self._keeper.handle(
                CASE, case_no, DeemAccepted(), self._occasion(), key=None, digest=bytes(32)
            )
        except Rejected as rejected:
            made.refused[rejected.code()] += 1
        else:
            made.deemed.append(case_no)

    def _occasion(self) -> Occasion:
        return Occasion(CLOCK, self._clock(), correlation=token_hex(12))


def signal_of(found: Found) -> RaiseSignal:
    """What is found, as the command that records it."""
    figures = (
        ("limit_days", found.limit_days),
        ("used_days", found.used_days),
        ("over_days", found.over_days),
    )
    return RaiseSignal(
        rule_code=RuleCode(found.rule_code),
        light=Light(found.light),
        subject=found.subject,
        case_no=found.case_no,
        facts=tuple(found.facts),
        due=found.due,
        state_on=found.state_on,
        unit_code=found.unit_code,
        window_id=found.window_id,
        post_id=found.post_id,
        person=found.person,
        is_legacy=found.is_legacy,
        figures=tuple(Figure(what=what, value=value) for what, value in figures if value is not None),
    )


async def _some_at_once(work: Callable[[T], Awaitable[None]], items: Iterable[T]) -> None:
    """AT_ONCE at a time. What one raises ends all."""
    seats = asyncio.Semaphore(AT_ONCE)

    async def seated(item: T) -> None:
        async with seats:
            await work(item)

    try:
        async with asyncio.TaskGroup() as tasks:
            for item in items:
                tasks.create_task(seated(item))
    except ExceptionGroup as several:
        raise several.exceptions[0] from several
