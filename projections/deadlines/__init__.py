"""时限看板 the deadline board: how the open cases stand against their last days. It keeps no table: a light depends on the
day that is asked for, so it is told from clock 时限, custody 持件 and case card whenever it is asked.

Remaining (model 4.5): the working days d with today < d ≤ due; over a limit: those with due < d ≤ today, both without the
days of valid special procedures. Prewarning, the working days before the nearer due day in which a case is announced:
`prewarn_days_short` of the policy of the day where the limit is at most `prewarn_short_limit`, else `prewarn_days_long`
(trap 1: the days are working days, not those of the week).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of, text_of
from projections.finding import find

BOARD: Final = text_of("projections.deadlines", "board.sql").encode()
STATEMENTS: Final = {
    name: BOARD + b"\n" + statement
    for name, statement in statements_of("projections.deadlines", "queries.sql").items()
}
FIRST: Final = (date.min, "")
"""Behind this place stand all cases."""

Place = tuple[date, str]
"""Where a case stands on the board: the day due as listed (the last of days where there is none), the case."""
Light = Literal["green", "prewarning", "yellow", "red", "none"]
"""绿 · 预警 · 黄 (over the promise) · 红 (over the legal limit) · without a limit."""
By = Literal["unit", "window", "person"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are asked for, by who holds them and how they stand."""

    unit: str | None = None
    window: str | None = None
    person: str | None = None
    light: Light | None = None
    is_paused: bool | None = None


@dataclass(frozen=True, slots=True)
class DueCase:
    """A case on the board. Days are working days; None where nothing is limited."""

    case_no: str
    item_code: str | None
    item_title: str | None
    kind: str | None
    routing: str | None
    status: str
    holder_unit: str | None
    holder_window: str | None
    holder_person: str | None
    is_in_transit: bool | None
    in_transit_to: str | None
    held_since: date | None
    basis: str
    accepted_on: date | None
    promise_days: int | None
    legal_days: int | None
    extension_days: int
    light: Light
    is_paused: bool
    is_provisional: bool
    promise_due: date | None
    legal_due: date | None
    due: date | None
    """The promised day, else the legal one."""
    used_days: int | None
    remaining_days: int | None
    over_promise_days: int | None
    over_legal_days: int | None
    listed_due: date | None
    """By which the board is ordered: an open special procedure moves `due` from day to day, this stays."""

    @property
    def place(self) -> Place:
        return self.listed_due or date.max, self.case_no


@dataclass(frozen=True, slots=True)
class Lights:
    """The open cases that one unit, window or person holds; `code` None: nobody known holds them."""

    code: str | None
    title: str | None
    open_cases: int
    green: int
    prewarning: int
    yellow: int
    red: int
    without_limit: int
    paused: int
    in_transit: int


class DeadlineBoard:
    """时限看板, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def cases(
        self, wanted: Wanted, today: date, *, after: Place = FIRST, limit: int = 1000
    ) -> list[DueCase]:
        """What is due first stands first."""
        due, case_no = after
        parameters = _held_by(wanted, today) | {
            "light": wanted.light,
            "is_paused": wanted.is_paused,
            "after_due": due,
            "after_case": case_no,
            "limit": limit,
        }
        return await find(self._connection, DueCase, STATEMENTS["page"], parameters)

    async def lights(self, wanted: Wanted, today: date, *, by: By) -> list[Lights]:
        """Of the holder that is asked for, by code; `light` and `is_paused` narrow nothing here."""
        return await find(
            self._connection, Lights, STATEMENTS["lights"], _held_by(wanted, today) | {"by": by}
        )


def _held_by(wanted: Wanted, today: date) -> dict[str, object]:
    return {"today": today, "unit": wanted.unit, "window": wanted.window, "person": wanted.person}
