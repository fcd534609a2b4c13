"""监察 watch: what the rules of supervision find on a day; `view.sql` is the definition, `table.sql` its indexes.

The rules and lights are those of 电子监察 (domain/signal/values.py), their thresholds the policy's of the day on which a
duty began. On which day a duty of the case is broken stands in duties 期限义务; what a single holder has so many days for
(T05, T08) is counted here by the same measure. T02 is found from the day behind which `prewarn_days` counted days are
left, while the case is open. P01–P06, P08, P09 and F01 are what the record flagged; P07 and Z01 look at more than one
case and are asked apart.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.acceptances import ACCEPTANCES
from projections.clock import CLOCK
from projections.custody import CUSTODY
from projections.duties import DUTIES
from projections.finding import find
from projections.items import ITEMS
from projections.places import PLACES
from projections.policies import POLICIES
from projections.projection import Projection
from projections.signals import SIGNALS
from projections.steps import STEPS
from projections.working_days import WORKING_DAYS

WATCH: Final = Projection.of_folder(
    "projections.watch",
    key="stream",
    kinds=("case",),
    needs={
        WORKING_DAYS: None,
        POLICIES: None,
        ITEMS: None,
        CUSTODY: "stream",
        CLOCK: "stream",
        DUTIES: "stream",
        STEPS: "watched",
    },
)
NEEDED: Final[tuple[Projection, ...]] = (WATCH, SIGNALS, ACCEPTANCES, PLACES)
"""What must stand at one position to be asked below."""
STATEMENTS: Final = statements_of("projections.watch", "queries.sql")
EVERYTHING: Final = 2**31
FIRST: Final = (date.min, "")
"""Behind this place stand all findings."""

Place = tuple[date, str]
"""Where a finding stands among the others: the day on which it was so first, its number."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule finds on a day. Days used, allowed and over are working days; None where there is no last day."""

    signal_no: str
    rule_code: str
    light: str
    subject: str
    case_no: str | None
    facts: list[int]
    """Positions of the events it stands on."""
    due: date | None
    state_on: date
    """The first day on which it was so."""
    unit_code: str | None
    window_id: str | None
    post_id: str | None
    person: str | None
    is_legacy: bool
    limit_days: int | None
    used_days: int | None
    over_days: int | None
    is_raised: bool
    """A signal says so already."""

    @property
    def place(self) -> Place:
        return self.state_on, self.signal_no


@dataclass(frozen=True, slots=True)
class Tally:
    """How much a rule finds in single cases."""

    rule_code: str
    light: str
    findings: int
    raised: int
    """Of them, what a signal says already."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which findings; what is None leaves nothing out."""

    is_new: bool = False
    """Only what no signal says yet."""
    rule: str | None = None
    light: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What is found in single cases."""

    findings: list[Found]
    tallies: list[Tally]
    silent: list[str]
    """The numbers of cases that the law has accepted because nothing was said in time (Art. 32(4))."""


class Watch:
    """监察, asked over a connection whose search_path holds the county's views, live or of another day.

    `is_new`: only what no signal says yet. Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def of_cases(
        self, today: date, *, is_new: bool = False, after: Place = FIRST, limit: int = EVERYTHING
    ) -> list[Found]:
        """What is found in single cases, earliest first, behind a place."""
        said = _said(today, Sought(is_new=is_new), after, limit)
        return await find(self._connection, Found, STATEMENTS["of_cases"], said)

    async def look(
        self, today: date, sought: Sought, *, after: Place = FIRST, limit: int = EVERYTHING
    ) -> Looked:
        """A page of what is sought in single cases, earliest first, behind a place; and how much it is in all."""
        said = _said(today, sought, after, limit)
        cursor = await self._connection.execute(STATEMENTS["look"], said)
        (row,) = await cursor.fetchall()
        findings, tallies, silent = row
        return Looked([_read(each) for each in findings], [Tally(**each) for each in tallies], silent)

    async def accepted_twice(
        self, today: date, *, is_new: bool = False, limit: int = EVERYTHING
    ) -> list[Found]:
        """P07 两头受理: of two acceptances the later is the one in question."""
        said = {"today": today, "is_new": is_new, "limit": limit}
        return await find(self._connection, Found, STATEMENTS["accepted_twice"], said)

    async def idle_windows(self, today: date, *, is_new: bool = False) -> list[Found]:
        """Z01 零办件: once for each spell without a case."""
        return await find(
            self._connection, Found, STATEMENTS["idle_windows"], {"today": today, "is_new": is_new}
        )

    async def silent(self, today: date, *, limit: int = EVERYTHING) -> list[str]:
        """The numbers of cases that the law has accepted because nothing was said in time (Art. 32(4))."""
        cursor = await self._connection.execute(STATEMENTS["silent"], {"today": today, "limit": limit})
        return [case_no for (case_no,) in await cursor.fetchall()]


def _said(today: date, sought: Sought, after: Place, limit: int) -> dict[str, object]:
    after_day, after_no = after
    return {"today": today, "after_day": after_day, "after_no": after_no, "limit": limit, **asdict(sought)}


def _read(row: dict[str, Any]) -> Found:
    days = {name: row[name] and date.fromisoformat(row[name]) for name in ("due", "state_on")}
    return Found(**row | days)
