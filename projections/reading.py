"""One answer out of the views: of now or as of another day, in one snapshot, all of it at one position of the log.

Of now, the tables answer; who asks for a few cases is answered by the definitions where the tables do not all stand at
one position, or not where they were asked for. As of another day the definitions answer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection, errors
from psycopg.rows import TupleRow

from domain.grammar import canonical, local_day
from domain.store.statements import statements_of
from projections.asked import (
    Asked,
    CaseNotThere,
    CaseNotYetBegun,
    CaseNotYetKnown,
    ReadingTooLong,
    Stand,
    ViewBehind,
    ViewFailing,
    ViewNotBuilt,
    ViewsTakenOver,
)
from projections.engine_schema import STATEMENTS as ENGINE_STATEMENTS
from projections.projection import Projection
from projections.standing import (
    can_tables,
    expect_patience,
    expect_recorded,
    stand_as_defined,
    stands_of,
    with_needed,
)
from projections.supposing import Supposed, suppose
from projections.view_readers import Use, ViewReaders, ViewsUnreachable

STATEMENTS: Final = statements_of("projections", "reading.sql")
LOOK_AGAIN_SECONDS: Final = 0.01
PATIENCE_SECONDS: Final = 5.0
"""So long a reader waits for the tables to reach a position."""
ANSWER_SECONDS: Final = 30.0
NOTHING_SUPPOSED: Final = Supposed()
NAMING_VERSIONS: Final = (
    ({"policies", "working_days"}, "versions_of_policies_and_working_days"),
    ({"policies", "calendar"}, "versions_of_policies_and_days"),
    ({"policies"}, "versions_of_policies"),
    ({"working_days"}, "versions_of_working_days"),
    ({"calendar"}, "versions_of_days"),
)
"""Which statement names the versions, by what the answer follows from: the first that fits."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A snapshot that is being read. Valid until its context is left; `basis` stays true."""

    connection: AsyncConnection[TupleRow]
    """Its search_path holds the tables, or the definitions as of the day that was asked for."""
    asked: Asked
    position: int
    """Everything up to here is in the answer, and nothing beyond."""
    head: int
    """Where the log ended."""
    definitions: Mapping[str, str]
    """The hash of each definition that the answer follows from, by projection."""
    policies: Sequence[str]
    calendars: Sequence[str]
    failing: Sequence[str] = field(default=())
    what_if: Mapping[str, str] = field(default_factory=dict)
    tables: str = ""
    """The schema in which the live tables lie, whatever answers."""

    @property
    def day(self) -> date:
        return self.asked.day

    @property
    def upto(self) -> int:
        """Of the log itself, nothing beyond this position belongs into the answer."""
        return self.position if self.asked.mode == "live" else self.head

    async def look_at(
        self,
        *,
        known_at: datetime | None = None,
        happened_by: datetime | None = None,
        upto: int | None = None,
    ) -> None:
        """In the same snapshot, another day. Only where the definitions answer (`from_definitions`)."""
        moments = _moments(known_at, happened_by, self.head if upto is None else upto)
        await self.connection.execute(STATEMENTS["look_at"], moments)

    async def look(self) -> None:
        """Back to what this reading is of, where the same snapshot was looked at otherwise meanwhile."""
        await self.look_at(known_at=self.asked.known_at, happened_by=self.asked.happened_by)

    async def seen_as(self, asked: Asked) -> "Reading":
        """The same snapshot as of another day; `look` turns to the one or the other."""
        position = await _looked(self.connection, "look_at", asked, self.head)
        policies, calendars = await _versions(self.connection, self.definitions)
        return replace(self, asked=asked, position=position, policies=policies, calendars=calendars)

    async def expect_case(self, case_no: str) -> str:
        """The stream of the case.

        Raises CaseNotThere, CaseNotYetKnown, CaseNotYetBegun; ViewBehind where it begins beyond what is read.
        """
        stream = f"case:{case_no}"
        began = await self._row("case_began", stream=stream)
        if began is None:
            raise CaseNotThere(case_no)
        if self.asked.mode != "live":
            if await self._row("stands", stream=stream) != (True,):
                raise await self._not_yet(stream, known_since=began[1])
        elif began[0] > self.position:
            raise ViewBehind(next(iter(self.definitions)), self.position, began[0])
        if self.day < local_day(began[1]):  # it may have begun before it was recorded
            await self._expect_begun(stream)
        return stream

    async def _expect_begun(self, stream: str) -> None:
        """By the end of the day to which open things are counted. Raises CaseNotYetBegun."""
        row = await self._row("began_at", stream=stream)
        if row and row[0] and self.day < local_day(row[0]):
            raise CaseNotYetBegun(row[0])

    async def _not_yet(self, stream: str, known_since: datetime) -> CaseNotThere:
        """Why nothing stands of a case that is there now. Nothing is read in this snapshot after it."""
        known_at = self.asked.known_at
        if known_at is not None and known_at < known_since:
            return CaseNotYetKnown(known_since)
        await self.look_at(known_at=known_at)
        row = await self._row("began_at", stream=stream)
        return CaseNotYetBegun(row[0]) if row and row[0] else CaseNotThere(stream)

    async def _row(self, name: str, **parameters: Any) -> TupleRow | None:
        return await (await self.connection.execute(STATEMENTS[name], parameters)).fetchone()

    def basis(self, rows: object) -> dict[str, object]:
        """What another needs to produce the figure again. `rows`: the answer; dataclasses, dicts, lists, whole numbers."""
        told: dict[str, object] = {
            "mode": self.asked.mode,
            "known_at": self.asked.known_at,
            "happened_by": self.asked.happened_by,
            "day": self.asked.day,
            "position": self.position,
            "behind": self.head - self.position if self.asked.mode == "live" else 0,
            "failing": list(self.failing),
            "policies": list(self.policies),
            "calendars": list(self.calendars),
            "definitions": dict(self.definitions),
            "what_if": dict(self.what_if),
            "rows_sha256": sha256(canonical(rows)).hexdigest(),
        }
        return told


@asynccontextmanager
async def reading(
    views: ViewReaders,
    asked: Asked,
    needs: Sequence[Projection],
    *,
    is_narrow: bool = False,
    from_definitions: bool = False,
    supposed: Supposed = NOTHING_SUPPOSED,
    within_seconds: float = ANSWER_SECONDS,
) -> AsyncIterator[Reading]:
    """A snapshot in which all of `needs`, and what they stand on, can be read at one position.

    `is_narrow`: only a few cases are asked for, so the definitions can answer as well as the tables, and the answer
    never waits. `from_definitions`: they do, also of now, as they do of what is `supposed`.
    `within_seconds`: a statement that takes longer is ended; a stream of rows may say more.
    Raises ViewBehind, ViewNotBuilt, ViewsTakenOver, ViewFailing, BeyondTheLog, VersionUnknown, ReadingTooLong, ViewsUnreachable.
    """
    how = _How(
        names=with_needed(views.projections, needs),
        is_narrow=is_narrow,
        is_defined=from_definitions or bool(supposed) or asked.mode != "live",
        supposed=supposed,
        within_seconds=within_seconds,
    )
    patience = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    attempts = 0
    while True:
        stands: list[Stand] = []
        try:
            async with _snapshot(views, asked, how, stands) as found:
                if found is not None:
                    yield found
                    return
        except ViewsUnreachable as lost:
            # of a connection that lay idle nobody knows whether it lives; one that waited for a lock does
            attempts += 1
            if stands or attempts > 1 or isinstance(lost.__cause__, errors.LockNotAvailable):
                raise
            await views.close_idle()
            continue
        if is_narrow and not how.is_defined:
            how = replace(how, is_defined=True)
            continue
        expect_patience(stands, asked, patience)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


@dataclass(frozen=True, slots=True)
class _How:
    """In what manner an answer is read."""

    names: list[str]
    is_narrow: bool
    is_defined: bool
    """By the definitions, whatever the tables say."""
    supposed: Supposed
    within_seconds: float

    @property
    def use(self) -> Use:
        if not self.is_narrow:
            return Use.lists
        return Use.few_in_definitions if self.is_defined else Use.few_in_tables


@asynccontextmanager
async def _snapshot(
    views: ViewReaders, asked: Asked, how: _How, stands: list[Stand]
) -> AsyncIterator[Reading | None]:
    """None where the tables should answer, and cannot. Tells in `stands` how they stand."""
    async with (
        views.connection(how.use, within_seconds=how.within_seconds + 5) as connection,
        _given_up_when_outdated(connection),
    ):
        with _telling_who_took_over(views, stands), _explained(how.names, stands):
            async with connection.transaction():
                hold = "hold_definitions" if how.is_defined or views.sight else "hold"
                stands += await stands_of(connection, how.names, how.within_seconds, hold=hold)
                views.note(stands[0].definitions_hash)
                expect_recorded(stands, asked)
                is_answerable = how.is_defined or can_tables(stands, asked, views, is_narrow=how.is_narrow)
                yield await _opened(connection, views, asked, how, stands) if is_answerable else None


async def _opened(
    connection: AsyncConnection[TupleRow],
    views: ViewReaders,
    asked: Asked,
    how: _How,
    stands: Sequence[Stand],
) -> Reading:
    head = stands[0].head
    if not how.is_defined:
        position = stands[0].position
        definitions = {stand.name: stand.definition or "" for stand in stands}
        # whoever reads the log beside the tables sees what they hold
        await connection.execute(ENGINE_STATEMENTS["narrow"], {"upto": str(position)})
    else:
        if stands[0].definitions_hash != views.definitions_hash:
            raise ViewNotBuilt([stand.name for stand in stands])
        definitions = {stand.name: views.hash_by_name[stand.name] for stand in stands}
        position = await _shown(connection, asked, how.supposed, head)
        if not how.is_narrow and not how.supposed and await stand_as_defined(connection, views, definitions):
            await connection.execute(STATEMENTS["show_settled"])
    policies, calendars = await _versions(connection, definitions)
    found = Reading(
        connection,
        asked,
        position,
        head,
        definitions,
        policies=policies,
        calendars=calendars,
        failing=[stand.name for stand in stands if stand.is_failing and not how.is_defined],
        what_if=how.supposed.told(),
        tables=views.tables,
    )
    if views.sight:
        await _show_division(connection, views, stands)
    return found


async def _show_division(
    connection: AsyncConnection[TupleRow], views: ViewReaders, stands: Sequence[Stand]
) -> None:
    """Raises ViewNotBuilt where what is shown of a division follows from other texts than this programme's."""
    if stands[0].definitions_hash != views.definitions_hash or any(
        stand.definition not in (None, views.hash_by_name[stand.name]) for stand in stands
    ):
        raise ViewNotBuilt([stand.name for stand in stands])
    await connection.execute(STATEMENTS["show_division"], {"sight": views.sight})


async def _shown(connection: AsyncConnection[TupleRow], asked: Asked, supposed: Supposed, head: int) -> int:
    """The definitions answer from now on. The last position that was known then."""
    if not supposed:
        return await _looked(connection, "show_definitions", asked, head)
    # what is supposed is looked up in the whole log
    await _looked(connection, "show_definitions", Asked(asked.day), head)
    await suppose(connection, supposed, head)
    return await _looked(connection, "look_at", asked, head)


async def _looked(connection: AsyncConnection[TupleRow], statement: str, asked: Asked, head: int) -> int:
    """The last position that was known then."""
    moments = _moments(asked.known_at, asked.happened_by, head)
    row = await (await connection.execute(STATEMENTS[statement], moments)).fetchone()
    return row[-1] if row else 0


def _moments(known_at: datetime | None, happened_by: datetime | None, upto: int) -> dict[str, str]:
    return {
        "known_at": known_at.isoformat() if known_at else "",
        "happened_by": happened_by.isoformat() if happened_by else "",
        "upto": str(upto),
    }


async def _versions(
    connection: AsyncConnection[TupleRow], definitions: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Of the policies and of the calendar, where the answer follows from them."""
    for names, statement in NAMING_VERSIONS:
        if names <= definitions.keys():
            row = await (await connection.execute(STATEMENTS[statement])).fetchone()
            return row or ([], [])
    return [], []


@asynccontextmanager
async def _given_up_when_outdated(connection: AsyncConnection[TupleRow]) -> AsyncIterator[None]:
    """Its plans may have been made for the columns of another definition."""
    try:
        yield
    except ViewNotBuilt:
        await connection.close()
        raise


@contextmanager
def _telling_who_took_over(views: ViewReaders, stands: Sequence[Stand]) -> Iterator[None]:
    try:
        yield
    except ViewNotBuilt as unbuilt:
        if stands and views.are_taken_over(stands[0].definitions_hash):
            raise ViewsTakenOver(unbuilt.views) from unbuilt
        raise


@contextmanager
def _explained(names: Sequence[str], stands: Sequence[Stand]) -> Iterator[None]:
    try:
        yield
    except (
        errors.UndefinedTable,
        errors.UndefinedColumn,
        errors.UndefinedFunction,
        errors.FeatureNotSupported,  # a plan that was made for another definition's columns
    ) as error:
        raise ViewNotBuilt(names) from error
    except errors.QueryCanceled as error:
        raise ReadingTooLong from error
    except psycopg.OperationalError as error:
        raise ViewsUnreachable from error
    except psycopg.Error as error:
        if failing := [stand for stand in stands if stand.is_failing]:
            raise ViewFailing(failing[0]) from error
        raise
