"""时限 clock: limits, pauses as sets of days, days due, and how a case stands on a day; `view.sql` is the
definition, `table.sql` its indexes.

Net used to day t (model 4.5): N(t) = |{working d : accepted < d ≤ t} \\ X|, X the union of the valid special procedures.
Due is the first t with N(t) = limit and extension; overdue at t is |{working d : due < d ≤ t} \\ X|.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.policies import POLICIES
from projections.projection import Projection
from projections.working_days import WORKING_DAYS

CLOCK: Final = Projection.of_folder(
    "projections.clock", key="stream", kinds=("case",), needs={WORKING_DAYS: None, POLICIES: None}
)
STATEMENTS: Final = statements_of("projections.clock", "queries.sql")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands on the day that was asked for. Days are working days; None where nothing was limited."""

    case_no: str
    basis: str | None
    """From what the days follow: accepted, deemed (视为受理), source (a legacy record's own dates), ordered."""
    accepted_on: date | None
    promise_days: int | None
    legal_days: int | None
    extension_days: int
    pauses: int
    void_pauses: int
    promise_due: date | None
    legal_due: date | None
    due: date | None
    """The promised day, else the legal one; an open special procedure has moved it by as much as it has lasted."""
    is_provisional: bool
    """The answer touches a year whose calendar is not published yet."""
    is_paused: bool
    """A valid special procedure is open; `promise_due` and `legal_due` move when it ends."""
    done_on: date | None
    gross_days: int | None
    used_days: int | None
    remaining_days: int | None
    overdue_days: int | None
    over_legal_days: int | None
    """Beyond the legal day; `overdue_days` are beyond the promised one, where there is one."""
    first_review_due: date | None
    """报批: the lower level's own limit (行政许可法 Art. 43)."""
    reported_on: date | None
    superior_signed_on: date | None
    superior_due: date | None
    superior_replied_on: date | None
    first_review_days: int | None
    first_review_overdue_days: int | None
    superior_overdue_days: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What follows from one reading of the special procedures: as ruled, at face value, up to the plan, void; or, as
    declared, of the acceptance: counted from the day on which the window said so, where the rule counts from an earlier."""

    case_no: str
    name: str
    accepted_on: date
    excluded_days: int | None
    used_days: int | None
    promise_due: date | None
    legal_due: date | None
    overdue_days: int | None


@dataclass(frozen=True, slots=True)
class Lateness:
    """In whose hands a case was while it was overdue; the shares of all holders add up to its overdue days."""

    case_no: str
    holder_unit: str | None
    holder_post: str | None
    holder_person: str | None
    held_days: int
    transit_days: int
    """Sent and not signed for: the sender's."""
    overdue_days: int


class Clocks:
    """时限, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def standing(self, streams: Sequence[str], today: date) -> list[Standing]:
        """By case."""
        return await find(
            self._connection, Standing, STATEMENTS["standing"], {"streams": list(streams), "today": today}
        )

    async def readings(self, streams: Sequence[str], today: date) -> list[Reading]:
        """Four or five of each accepted case: the rule's, then those of the parties."""
        return await find(
            self._connection, Reading, STATEMENTS["readings"], {"streams": list(streams), "today": today}
        )

    async def overdue_by(self, streams: Sequence[str], today: date) -> list[Lateness]:
        """By case, in the order in which they first held it; reads the custody ledger. None where nothing is overdue."""
        return await find(
            self._connection, Lateness, STATEMENTS["overdue_by"], {"streams": list(streams), "today": today}
        )
