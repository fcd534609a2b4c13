"""差异: what differs between two answers about the same cases, and which records make the difference.

Both are counted to the same day, so that nothing differs because time has passed. Only a case with an event that is in
one answer and not in the other can differ, unless a calendar or a policy does: then every case is compared.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from math import ceil
from typing import Any, Final

from psycopg import sql
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.case_spans import CASE_SPANS
from projections.clock import Clocks, Standing
from projections.finding import find
from projections.reading import Reading

STATEMENTS: Final = statements_of("projections", "differences.sql")
AMONG_SPANS: Final = sql.SQL(STATEMENTS["candidates_among"].decode())
CHUNK: Final = 500
"""So many cases are compared at once, at most."""
SPARE: Final = 1.25
"""Most that can differ do: so many cases for each that is wanted are mostly enough."""
MOVING: Final = ("calendar", "policy")
"""Streams of these kinds move the clocks of cases that they do not name."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is compared of a case."""

    status: str | None = None
    received_on: date | None = None
    accepted_on: date | None = None
    decision: str | None = None
    done_on: date | None = None
    ended_on: date | None = None
    holder_unit: str | None = None
    is_in_transit: bool | None = None
    due: date | None = None
    used_days: int | None = None
    remaining_days: int | None = None
    overdue_days: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """An event that is in one of the answers alone, or an amendment. `lag_days`: working days until it was recorded."""

    stream: str
    position: int
    version: int
    topic: str
    occurred_at: datetime
    recorded_at: datetime
    lag_days: int | None
    recorded_by: str | None
    post_id: str | None
    unit_code: str | None
    role: str | None
    is_backfill: bool
    target_version: int | None
    """Of an amendment: the event that it is about."""


@dataclass(frozen=True, slots=True)
class Change:
    """A figure in the first answer and in the second; None: nothing there."""

    figure: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A case whose figures differ, and by which records; none where a calendar or a policy moved it."""

    case_no: str
    changes: list[Change]
    records: list[Record]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`next_after`: the case behind which the next page begins; None at the end."""

    differences: list[Difference]
    next_after: str | None
    compared: int
    """Cases that could differ and were looked at."""
    master_records: list[Record] = field(default_factory=list)
    """Records of calendars and policies that are in one of the answers alone."""


class Comparer:
    """Two answers out of one snapshot, read from definitions: card, clock, custody and calendar."""

    def __init__(self, first: Reading, second: Reading) -> None:
        self.first = first
        self.second = second
        self._connection = first.connection

    async def page(self, *, after: str = "", limit: int) -> Comparison:
        """At most `limit` cases that differ, behind the number `after`, by number."""
        streams = await self._candidates()
        moved = [stream for stream in streams if stream.partition(":")[0] in MOVING]
        cases = [stream for stream in streams if stream > f"case:{after}" and stream.startswith("case:")]
        differences: list[Difference] = []
        compared = 0
        most = min(CHUNK, ceil(SPARE * (limit + 1)))
        async for chunk in self._all_cases(after, most) if moved else _chunks(cases, most):
            found = await self._differences(chunk)
            compared += len(chunk)
            differences += found
            if len(differences) > limit:
                break
        shown = differences[:limit]
        is_more = len(differences) > limit
        return Comparison(
            shown,
            shown[-1].case_no if is_more else None,
            compared,
            await self._records(moved) if moved else [],
        )

    async def _candidates(self) -> list[str]:
        one, other = self.first.asked, self.second.asked
        is_known_alone = one.happened_by == other.happened_by
        parameters = {
            "known_at": one.known_at,
            "happened_by": one.happened_by,
            "and_known_at": other.known_at,
            "and_happened_by": other.happened_by,
            "after_position": self._earlier if is_known_alone else 0,
            "upto_position": self._later,
        }
        spans_position = None if is_known_alone else await self._spans_position()
        if spans_position is None:
            cursor = await self._connection.execute(STATEMENTS["candidates"], parameters)
        else:
            statement = AMONG_SPANS.format(spans=sql.Identifier(self.first.tables, CASE_SPANS.name))
            parameters["spans_position"] = spans_position
            cursor = await self._connection.execute(statement, parameters)
        return [stream for (stream,) in await cursor.fetchall()]

    async def _spans_position(self) -> int | None:
        """None where the table of spans is not there, or of another definition: then every event is looked at."""
        asked = {"definition": CASE_SPANS.hash}
        row = await (await self._connection.execute(STATEMENTS["spans_stand"], asked)).fetchone()
        return row[0] if row else None

    @property
    def _earlier(self) -> int:
        return min(self.first.position, self.second.position)

    @property
    def _later(self) -> int:
        return max(self.first.position, self.second.position)

    async def _all_cases(self, after: str, most: int) -> AsyncIterator[list[str]]:
        while True:
            parameters = {"after": after, "limit": most}
            cursor = await self._connection.execute(STATEMENTS["case_streams"], parameters)
            chunk = [stream for (stream,) in await cursor.fetchall()]
            if not chunk:
                return
            yield chunk
            after, most = chunk[-1].partition(":")[2], CHUNK

    async def _differences(self, streams: Sequence[str]) -> list[Difference]:
        before = await self._figures(self.first, streams)
        after = await self._figures(self.second, streams)
        changes = {
            stream: changed
            for stream in streams
            if (changed := _changes(before.get(stream, Figures()), after.get(stream, Figures())))
        }
        records = await self._records(list(changes)) if changes else []
        return [
            Difference(
                stream.partition(":")[2], changed, [record for record in records if record.stream == stream]
            )
            for stream, changed in changes.items()
        ]

    async def _figures(self, reading: Reading, streams: Sequence[str]) -> Mapping[str, Figures]:
        """By stream."""
        await reading.look()
        clocks = await Clocks(self._connection).standing(streams, reading.day)
        clock_by_case = {clock.case_no: clock for clock in clocks}
        cursor = await self._connection.execute(STATEMENTS["figures"], {"streams": list(streams)})
        return {
            row[0]: _figures(row, clock_by_case.get(row[0].partition(":")[2]))
            for row in await cursor.fetchall()
        }

    async def _records(self, streams: list[str]) -> list[Record]:
        """The lag is counted by the calendar that the second answer knows."""
        one = await self._standing(self.first, streams)
        other = await self._standing(self.second, streams)
        parameters = {
            "streams": streams,
            "positions": sorted(one ^ other),
            "after_position": self._earlier,
            "upto_position": self._later,
        }
        return await find(self._connection, Record, STATEMENTS["records"], parameters)

    async def _standing(self, reading: Reading, streams: list[str]) -> set[int]:
        await reading.look()
        cursor = await self._connection.execute(STATEMENTS["standing_positions"], {"streams": streams})
        return {position for (position,) in await cursor.fetchall()}


def _figures(row: TupleRow, clock: Standing | None) -> Figures:
    _, status, received_on, accepted_on, decision, ended_on, holder_unit, is_in_transit = row
    return Figures(
        status=status,
        received_on=received_on,
        accepted_on=accepted_on,
        decision=decision,
        done_on=clock.done_on if clock else None,
        ended_on=ended_on,
        holder_unit=holder_unit,
        is_in_transit=is_in_transit,
        due=clock.due if clock else None,
        used_days=clock.used_days if clock else None,
        remaining_days=clock.remaining_days if clock else None,
        overdue_days=clock.overdue_days if clock else None,
    )


async def _chunks(streams: Sequence[str], most: int) -> AsyncIterator[list[str]]:
    """The first holds `most`."""
    if streams:
        yield list(streams[:most])
    for start in range(most, len(streams), CHUNK):
        yield list(streams[start : start + CHUNK])


def _changes(before: Figures, after: Figures) -> list[Change]:
    one, other = asdict(before), asdict(after)
    return [Change(name, one[name], other[name]) for name in one if one[name] != other[name]]
