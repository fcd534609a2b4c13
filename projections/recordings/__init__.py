"""登记 recordings: who recorded how much, and how late; `queries.sql` reads the audit trail, or as of another day the log
itself, from the first to the last position of the days that are asked for.

M-Backfill 补录率 (model 4.7): events recorded with the reason of a late record / events recorded; its lag is the number of
working days d with occurred < d <= recorded, the median over those events.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.grammar import CHINA
from domain.store.statements import statements_of
from projections.finding import find

STATEMENTS: Final = statements_of("projections.recordings", "queries.sql")


class RecorderGrouping(StrEnum):
    """By whom recordings are told apart: of the actor, not of the case."""

    unit = "unit"
    window = "window"
    post = "post"
    person = "person"


@dataclass(frozen=True, slots=True)
class RecordingCount:
    """Events about cases that were recorded in a span of days; voided ones are not among them."""

    key: str | None
    events: int
    backfilled: int
    """补录: recorded late, with a reason."""
    median_lag_days: int | None
    """Working days, of the late records."""
    longest_lag_days: int | None


class Recordings:
    """登记, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def counts(
        self,
        by: RecorderGrouping | None,
        first: date,
        last: date,
        *,
        upto: int,
        is_in_trail: bool = False,
    ) -> list[RecordingCount]:
        """By code, what has none last. `upto`: the last position that belongs into the answer. `is_in_trail`: the audit
        trail is a table here, and tells all that stands up to there.
        """
        after = await self._recorded_before(first)
        until = min(await self._recorded_before(last + timedelta(days=1)), upto)
        parameters = {"by": by, "after": after, "upto": until}
        statement = STATEMENTS["counts_in_trail" if is_in_trail else "counts"]
        return await find(self._connection, RecordingCount, statement, parameters)

    async def _recorded_before(self, day: date) -> int:
        moment = datetime.combine(day, time(), CHINA)
        cursor = await self._connection.execute(STATEMENTS["recorded_before"], {"moment": moment})
        row = await cursor.fetchone()
        return int(row[0]) if row else 0
