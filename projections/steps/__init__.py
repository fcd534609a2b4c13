"""环节 steps: each piece of work on a case against the longest time that the item's published version gives the step;
`view.sql` is the definition, `table.sql` its indexes.

Used (model 4.5): the working days d with started < d ≤ completed that no valid special procedure excludes. Over: those
of them behind the step's own last day, due(started, budget), 行政许可法 Art. 82. A step never started on record began when
the previous one was completed, else with the acceptance. An open step runs to the day asked for, or to the case's end.
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

STEPS: Final = Projection.of_folder("projections.steps", key="stream", kinds=("case",))
STATEMENTS: Final = statements_of("projections.steps", "queries.sql")


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of work on one step. Days are working days; `due` and `over_days` are None where nothing was budgeted."""

    case_no: str
    ordinal: int
    step_code: str
    step_title: str
    started_by: str | None
    """From what the start follows: recorded, told (with the completion), previous step, acceptance, receipt."""
    started_at: datetime | None
    started_on: date | None
    completed_at: datetime | None
    completed_on: date | None
    result: str | None
    """passed, returned, other; None while it is open."""
    unit_code: str | None
    window_id: str | None
    post_id: str | None
    person: str | None
    gross_days: int | None
    used_days: int | None
    used_in_all: int | None
    """With the earlier pieces of work on the same step: a step that was returned is worked on again."""
    budget_days: int | None
    due: date | None
    over_days: int | None
    first_position: int
    completed_position: int | None


class Steps:
    """环节, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def of_cases(self, streams: Sequence[str], today: date) -> list[Step]:
        """By case, in the order in which they were begun."""
        return await find(
            self._connection, Step, STATEMENTS["of_cases"], {"streams": list(streams), "today": today}
        )
