"""联审、报批 legs: whom else a case waited for, and which of them determined how long it took; `view.sql` is the
definition, `table.sql` its indexes.

Used days of a leg: the working days d with began < d ≤ answered that no valid special procedure excludes; late are those
behind its day due. A co-unit's leg begins when it is asked and is due when the lead says; a superior's begins when it
signs, and its limit is the item's legal one (行政许可法 Arts. 35, 43); the lower level's first review has
`first_review_days` of the policy. What was not signed for is in transit, the sender's.
关键路径: the days from acceptance to the end, divided among those the case waited for; the parts add up to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.projection import Projection

LEGS: Final = Projection.of_folder("projections.legs", key="stream", kinds=("case",))
STATEMENTS: Final = statements_of("projections.legs", "queries.sql")


@dataclass(frozen=True, slots=True)
class Leg:
    """One unit that was asked. Days are working days; `transit_days` and `signature_due` only of a superior's leg."""

    case_no: str
    ordinal: int
    leg_kind: str
    """co_unit 联审; first_review 初审, the lower level's own before it reports; superior 报批."""
    round: int
    """The how-many-eth joint review, or report, of the case."""
    unit_code: str | None
    asking_unit: str | None
    asked_at: datetime | None
    """None of a first review: it begins on the day of acceptance."""
    asked_on: date
    signed_on: date | None
    answered_at: datetime | None
    answered_on: date | None
    answer: str | None
    """agrees, agrees_with_conditions, disagrees; of a superior approved, refused."""
    is_silent: bool
    """逾期未反馈: the review was consolidated without its answer."""
    is_critical: bool
    """Nobody of its round answered later."""
    transit_days: int | None
    signature_due: date | None
    due: date | None
    gross_days: int | None
    used_days: int | None
    late_days: int | None
    first_position: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch (from_day, to_day] of the way from acceptance to the end, and for whom the case waited."""

    case_no: str
    ordinal: int
    waits_for: str
    """own (whoever holds it), co_unit, consolidation (the lead, once all have answered), transit, superior."""
    unit_code: str | None
    """The co-units that answered last, the lead, the sender or the superior; None for own."""
    from_day: date
    to_day: date
    gross_days: int
    net_days: int
    is_longest: bool


class Legs:
    """联审、报批, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def of_cases(self, streams: Sequence[str], today: date) -> list[Leg]:
        """By case, in the order in which they were asked."""
        return await find(
            self._connection, Leg, STATEMENTS["of_cases"], {"streams": list(streams), "today": today}
        )

    async def path(self, streams: Sequence[str], today: date) -> list[Part]:
        """Of accepted cases; by case, in order."""
        return await find(
            self._connection, Part, STATEMENTS["path"], {"streams": list(streams), "today": today}
        )
