"""数据质量 flaws: what is not as it should be about the record itself; `view.sql` is the definition, `table.sql` its
indexes.

flagged: what the rules said at recording, by code; late is what they flagged P08, its lag the working days d with
happened < d ≤ recorded. amended: corrections and voids. order: ends before beginnings, work after the end, events recorded
out of their order. missing: what an event should say and does not. `M-Backfill` and `M-Errors` of model 4.7 count these.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.projection import Projection

FLAWS: Final = Projection.of_folder("projections.flaws", key="stream", kinds=("case",))
STATEMENTS: Final = statements_of("projections.flaws", "queries.sql")
FIRST: Final = (0, "", "", "")
"""Behind this place stand all flaws."""

Place = tuple[int, str, str, str]
"""Where a flaw stands in the list: position, kind, code, and what it is about."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which flaws are asked for; days are those on which the event happened, the first and the last included."""

    code: str | None = None
    unit: str | None = None
    stream: str | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing about one event. `topic`, `occurred_at` and so `lag_days` of an amendment are those of what it amends."""

    case_no: str
    position: int
    version: int
    topic: str
    flaw_kind: str
    """flagged, amended, order, missing."""
    code: str
    about: str | None
    """The field that is missing or was corrected."""
    target_version: int | None
    """What was amended."""
    occurred_at: datetime
    recorded_at: datetime
    lag_days: int | None
    unit_code: str | None
    window_id: str | None
    person: str | None
    imported_from: str | None
    approved_by: str | None
    reason: str | None

    @property
    def place(self) -> Place:
        return self.position, self.flaw_kind, self.code, self.about or ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How often one sort of flaw occurs. The lags are those of what is late or amended, else None."""

    flaw_kind: str
    code: str
    about: str | None
    flaws: int
    cases: int
    imported: int
    """Of them in records taken over from another system."""
    median_lag_days: int | None
    longest_lag_days: int | None


class DataQuality:
    """数据质量, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def flaws(
        self, wanted: Wanted, today: date, *, after: Place = FIRST, limit: int = 1000
    ) -> list[Flaw]:
        """In the order of recording."""
        position, kind, code, about = after
        place = {
            "after_position": position,
            "after_kind": kind,
            "after_code": code,
            "after_about": about,
            "limit": limit,
        }
        return await find(self._connection, Flaw, STATEMENTS["listed"], _asked(wanted, today) | place)

    async def by_code(self, wanted: Wanted, today: date) -> list[Tally]:
        return await find(self._connection, Tally, STATEMENTS["by_code"], _asked(wanted, today))


def _asked(wanted: Wanted, today: date) -> dict[str, object]:
    return {
        "today": today,
        "code": wanted.code,
        "unit": wanted.unit,
        "stream": wanted.stream,
        "first_day": wanted.first_day,
        "last_day": wanted.last_day,
    }
