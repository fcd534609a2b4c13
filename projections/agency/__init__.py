"""代办 agency: what agents did for villagers, errand by errand; `view.sql` is the definition, `table.sql` its indexes.

Used days of an errand (model 4.7, `M-AgentDays`): the working days d with picked up < d ≤ signed for by the hall; late
are those behind due(picked up, `agent_leg_days` of the policy of that day). An errand that is not signed for runs to the
day asked for, or to the revocation. How late a pick-up was recorded is no lateness of the agent's, and shown apart.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.projection import Projection

AGENCY: Final = Projection.of_folder("projections.agency", key="stream", kinds=("case",))
STATEMENTS: Final = statements_of("projections.agency", "queries.sql")
FIRST: Final = (date.min, "", 0)
"""Behind this place stand all errands."""

Place = tuple[date, str, int]
"""Where an errand stands in the ledger: the day of the entrustment, the case, the errand."""


@dataclass(frozen=True, slots=True)
class Errands:
    """Which errands are asked for; days are those of the entrustment, the first and the last included."""

    stream: str | None = None
    """Those of one case."""
    point: str | None = None
    agent: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    is_late: bool = False
    """Only those that are late."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A line of the ledger. `applicant_ref` is the villager; names lie outside the record."""

    case_no: str
    errand: int
    entrust_no: str
    point_code: str
    agent: str | None
    """The member of staff who picked the papers up."""
    agent_post: str | None
    applicant_ref: str
    scope: str
    """submit 代交, collect 代领, full 全程代办."""
    entrusted_on: date
    picked_up_on: date | None
    handed_on: date | None
    signed_on: date | None
    collected_on: date | None
    returned_on: date | None
    revoked_on: date | None
    due: date | None
    used_days: int | None
    late_days: int | None
    is_under_way: bool
    is_offline: bool
    is_backfilled: bool
    recording_lag_days: int | None
    first_position: int

    @property
    def place(self) -> Place:
        return self.entrusted_on, self.case_no, self.errand


@dataclass(frozen=True, slots=True)
class PointFigures:
    """代办 by village point. `days_of_handed_in` over `handed_in` is the average leg."""

    point_code: str
    point_title: str | None
    cases: int
    errands: int
    handed_in: int
    late: int
    returned: int
    days_of_handed_in: int


class AgentLedger:
    """代办台账, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def errands(
        self, wanted: Errands, today: date, *, after: Place = FIRST, limit: int = 1000
    ) -> list[Errand]:
        """By the day of the entrustment."""
        day, case_no, errand = after
        place = {"after_day": day, "after_case": case_no, "after_errand": errand}
        return await find(
            self._connection,
            Errand,
            STATEMENTS["ledger"],
            _asked(wanted, today)
            | place
            | {"agent": wanted.agent, "is_late": wanted.is_late, "limit": limit},
        )

    async def by_point(self, wanted: Errands, today: date) -> list[PointFigures]:
        """By point; `agent` and `is_late` narrow nothing here."""
        return await find(self._connection, PointFigures, STATEMENTS["by_point"], _asked(wanted, today))


def _asked(wanted: Errands, today: date) -> dict[str, object]:
    return {
        "today": today,
        "stream": wanted.stream,
        "point": wanted.point,
        "first_day": wanted.first_day,
        "last_day": wanted.last_day,
    }
