"""M-Internal 部门内部时长: how long each had the cases that are done.

Mean custody days of a unit per case (model 4.7) = working days that its spells of the done cases hold, special procedures
that stop the clock taken out, / cases of which it had any spell. What was on its way is the sender's, and shown apart; an
agent's leg is nobody's inside.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.periods import Span

STATEMENTS: Final = statements_of("projections.case_figures", "queries.sql")


class HolderGrouping(StrEnum):
    unit = "unit"
    window = "window"
    post = "post"
    person = "person"


@dataclass(frozen=True, slots=True)
class Held:
    """Working days that one had of the cases done in a period, added up."""

    key: str | None
    """None: a spell whose holder is not known by such a code."""
    first_day: date
    last_day: date
    cases: int
    held_days: int
    transit_days: int
    average_per_10000: int
    """Held and in transit for each case, in ten-thousandths of a working day, rounded half up."""


class Holders:
    """Read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def held(self, by: HolderGrouping, span: Span) -> list[Held]:
        """By code, what has none last; within it by period, one without a case left out. Of the cases that were done in
        the span.
        """
        await self._connection.execute(STATEMENTS["in_memory"])
        parameters = {"by": by, **span.parameters()}
        return await find(self._connection, Held, STATEMENTS["holders"], parameters)
