"""持件 custody: who held a case, from when to when, and what was on its way; `view.sql` is the definition,
`table.sql` its indexes.

Custody days of a holder (model 4.5): the working days d with tᵢ < d ≤ tᵢ₊₁ over its spells. Transit, sent and not
signed for, belongs to the sender and is shown apart. The days of all spells add up to the days of the whole.
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

CUSTODY: Final = Projection.of_folder("projections.custody", key="stream", kinds=("case",))
STATEMENTS: Final = statements_of("projections.custody", "queries.sql")


@dataclass(frozen=True, slots=True)
class Spell:
    """One holder's spell (from_at, to_at]. Days are working days, counted to the day that was asked for."""

    case_no: str
    ordinal: int
    holder_unit: str | None
    holder_post: str | None
    holder_window: str | None
    holder_person: str | None
    is_agent: bool
    is_in_transit: bool
    in_transit_to: str | None
    from_at: datetime
    to_at: datetime | None
    from_day: date
    to_day: date | None
    gross_days: int | None
    """This and what follows from it is None where no calendar reaches the day."""
    excluded_days: int | None
    net_days: int | None
    from_position: int
    to_position: int | None


@dataclass(frozen=True, slots=True)
class UnitShare:
    """What one unit had of a case, or its agents had: held, and in transit as the sender."""

    case_no: str
    holder_unit: str | None
    is_agent: bool
    held_days: int | None
    transit_days: int | None
    gross_days: int | None
    excluded_days: int | None
    net_days: int | None


@dataclass(frozen=True, slots=True)
class AgentLeg:
    """代办: from picking up to the hall's signature. The lag of recording is not the agent's lateness."""

    case_no: str
    picked_up_on: date
    signed_on: date | None
    due: date
    used_days: int | None
    late_days: int | None
    recording_lag_days: int | None


class CustodyLedger:
    """持件台账, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def spells(self, streams: Sequence[str], today: date) -> list[Spell]:
        """By case, in order."""
        return await find(
            self._connection, Spell, STATEMENTS["spells"], {"streams": list(streams), "today": today}
        )

    async def by_unit(self, streams: Sequence[str], today: date) -> list[UnitShare]:
        """By case, in the order in which the units first held it."""
        return await find(
            self._connection, UnitShare, STATEMENTS["by_unit"], {"streams": list(streams), "today": today}
        )

    async def agent_legs(self, streams: Sequence[str], today: date) -> list[AgentLeg]:
        """Of the cases that came through an agent."""
        return await find(
            self._connection, AgentLeg, STATEMENTS["agent_legs"], {"streams": list(streams), "today": today}
        )
