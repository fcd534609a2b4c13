"""登记 recordings: who recorded how much, and how late; `view.sql` is the definition, `table.sql` its index.

M-Backfill 补录率 (model 4.7): events recorded with the reason of a late record / events recorded; its lag is the number of
working days d with occurred < d <= recorded, the median over those events.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from projections.finding import find
from projections.projection import Projection
from projections.statements import statements_of

RECORDINGS: Final = Projection.of_folder("projections.recordings", key="stream", kinds=("case",))
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

    async def counts(self, by: RecorderGrouping | None, first: date, last: date) -> list[RecordingCount]:
        """By code, what has none last."""
        parameters = {"by": by, "first": first, "last": last}
        return await find(self._connection, RecordingCount, STATEMENTS["counts"], parameters)
