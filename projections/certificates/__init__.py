"""证照 certificates: what was issued, and how it came to whom; `view.sql` is the definition, `table.sql` its indexes.

Days from the decision (行政许可法 Art. 44; model 4.7, `M-Deliver`): the working days d with decided < d ≤ delivered; late are
those behind due(decided, `delivery_days` of the policy of that day). What was not delivered runs to the day asked for.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.projection import Projection

CERTIFICATES: Final = Projection.of_folder("projections.certificates", key="stream", kinds=("case",))
STATEMENTS: Final = statements_of("projections.certificates", "queries.sql")
FIRST: Final = (date.min, "", "", 0)
"""Behind this place stand all certificates."""

Place = tuple[date, str, str, int]
"""Where a certificate stands in the register: its day, the case, its number, which issue."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which certificates are asked for; days are those of issue, the first and the last included."""

    stream: str | None = None
    """Those of one case."""
    certificate_no: str | None = None
    issuer: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    is_late: bool = False
    """Only what was, or is, delivered too late."""
    is_uncollected: bool = False
    """Only what lies at the hall."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A line of the register. `recipient_ref` is the person who received it; names lie outside the record."""

    case_no: str
    certificate_no: str
    issue: int
    """A number that is issued again in the same case has a second; 0: delivered without being issued on record."""
    title: str | None
    issuer: str | None
    valid_from: date | None
    valid_to: date | None
    e_licence_id: str | None
    decided_on: date | None
    issued_on: date | None
    arrived_on: date | None
    notified_on: date | None
    delivered_on: date | None
    method: str | None
    """window 窗口, courier 快递, agent 代领, home 上门."""
    recipient_ref: str | None
    relation: str | None
    identity_checked: bool | None
    waybill_no: str | None
    unit_code: str | None
    window_id: str | None
    collected_on: date | None
    """When an agent collected it for the applicant."""
    returned_on: date | None
    """When the agent handed it to the applicant."""
    failed_attempts: int
    state: str
    """issued, not_collected (it lies at the hall), delivered."""
    due: date | None
    days_from_decision: int | None
    late_days: int | None
    first_position: int

    @property
    def place(self) -> Place:
        day = self.issued_on or self.delivered_on or date.min
        return day, self.case_no, self.certificate_no, self.issue


class CertificatesRegister:
    """证照登记, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def certificates(
        self, wanted: Wanted, today: date, *, after: Place = FIRST, limit: int = 1000
    ) -> list[Certificate]:
        """By the day of issue."""
        day, case_no, number, issue = after
        return await find(
            self._connection,
            Certificate,
            STATEMENTS["register"],
            {
                "today": today,
                "stream": wanted.stream,
                "certificate_no": wanted.certificate_no,
                "issuer": wanted.issuer,
                "first_day": wanted.first_day,
                "last_day": wanted.last_day,
                "is_late": wanted.is_late,
                "is_uncollected": wanted.is_uncollected,
                "after_day": day,
                "after_case": case_no,
                "after_no": number,
                "after_issue": issue,
                "limit": limit,
            },
        )
