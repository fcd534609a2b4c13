"""受理 acceptances: who accepted a case, for whom, about what; which windows are idle 零办件, what was accepted twice 两头受理;
`view.sql` is the definition, `table.sql` its indexes.

Idle days of a window on a day: the working days d with a < d ≤ day, a being the day of its last acceptance, or the eve
of its first day. 零办件 (Z01) are those with at least `zero_activity_days` of the policy of the day. 两头受理 (P07): the same
applicant, item and object, accepted at two units or windows while both lived, from receipt to decision or end; and whatever
of that sort the centre has linked.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.projection import Projection

ACCEPTANCES: Final = Projection.of_folder("projections.acceptances", key="stream", kinds=("case",))
STATEMENTS: Final = statements_of("projections.acceptances", "queries.sql")
FIRST: Final = (datetime(1, 1, 1, tzinfo=UTC), "", "")
"""Behind this place stand all pairs."""

Place = tuple[datetime, str, str]
"""Where a pair stands among the others: when the second was accepted, the second case, the first."""


@dataclass(frozen=True, slots=True)
class IdleWindow:
    """An open window without a case; `last_accepted_on` None: it never accepted one."""

    window_id: str
    title: str
    window_kind: str
    unit_code: str
    opened_on: date
    last_accepted_on: date | None
    idle_days: int
    limit_days: int


@dataclass(frozen=True, slots=True)
class AcceptedTwice:
    """Two cases about one matter; `other` is the one that was accepted second."""

    case_no: str
    unit_code: str | None
    window_id: str | None
    accepted_at: datetime
    other_case_no: str
    other_unit_code: str | None
    other_window_id: str | None
    other_accepted_at: datetime
    applicant_ref: str
    item_code: str
    object_ref: str | None
    """None: neither names what it is about."""
    both_lived: bool
    """Each was received before the other was decided or ended."""
    is_linked: bool
    """重复件并案: the centre has said which of the two goes on."""

    @property
    def place(self) -> Place:
        return self.other_accepted_at, self.other_case_no, self.case_no


class Acceptances:
    """受理, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def idle_windows(self, today: date, *, unit: str | None = None) -> list[IdleWindow]:
        """零办件, longest idle first; of one unit, or of all."""
        return await find(
            self._connection, IdleWindow, STATEMENTS["idle_windows"], {"today": today, "unit": unit}
        )

    async def accepted_twice(
        self, today: date, *, unit: str | None = None, after: Place = FIRST, limit: int = 1000
    ) -> list[AcceptedTwice]:
        """两头受理, by the day of the second acceptance; those a unit has part in, or all."""
        accepted_at, case_no, other = after
        return await find(
            self._connection,
            AcceptedTwice,
            STATEMENTS["accepted_twice"],
            {
                "today": today,
                "unit": unit,
                "after_at": accepted_at,
                "after_case": case_no,
                "after_other": other,
                "limit": limit,
            },
        )
