"""办件 case card: where a case stands and what has become of it, at a glance; `view.sql` is the definition,
`table.sql` its indexes.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.projection import Projection

CASE_CARD: Final = Projection.of_folder("projections.case_card", key="stream", kinds=("case",))
STATEMENTS: Final = statements_of("projections.case_card", "queries.sql")


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case at a glance. Counts are of events that stand; money in 分; `fees_fen` is what was kept."""

    case_no: str
    item_code: str | None
    """None while only the agent has it."""
    item_version: str | None
    kind: str | None
    routing: str | None
    mode: str | None
    applicant_type: str | None
    receipt_no: str | None
    external_ref: str | None
    channel: str | None
    unit_code: str | None
    window_id: str | None
    entrust_no: str | None
    point_code: str | None
    status: str
    """A `domain.case.state.Status`."""
    began_at: datetime
    received_on: date | None
    accepted_on: date | None
    decision: str | None
    """approved or rejected; None while undecided, again after reopening."""
    decision_no: str | None
    decided_on: date | None
    delivered_on: date | None
    delivery_method: str | None
    ended_on: date | None
    latest_at: datetime
    events: int
    notices: int
    pauses: int
    hops: int
    """流转次数: transfers that were signed for."""
    returns: int
    steps: int
    certificates: int
    reopenings: int
    irregular_events: int
    backfilled_events: int
    fees_fen: int
    paid_fen: int
    last_position: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases; what is None asks for nothing. Units, windows and points are those of the receipt."""

    status: str | None = None
    is_open: bool | None = None
    unit_code: str | None = None
    window_id: str | None = None
    item_code: str | None = None
    point_code: str | None = None
    kind: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    external_ref: str | None = None
    receipt_no: str | None = None
    holder_unit: str | None = None
    """Whoever has the case in hand; reads the custody ledger."""


class CaseCards:
    """The cards, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def cards(self, streams: Sequence[str]) -> list[CaseCard]:
        """By case."""
        return await find(self._connection, CaseCard, STATEMENTS["cards"], {"streams": list(streams)})

    async def found(self, wanted: Wanted, *, after: str = "", limit: int) -> list[CaseCard]:
        """At most `limit` cases behind the number `after`, by number."""
        parameters = {**asdict(wanted), "after": after, "limit": limit}
        return await find(self._connection, CaseCard, STATEMENTS["found"], parameters)

    async def streams_by_external_ref(self, external_ref: str) -> list[str]:
        """The cases that another system knows under this number."""
        cursor = await self._connection.execute(
            STATEMENTS["streams_by_external_ref"], {"external_ref": external_ref}
        )
        return [stream for (stream,) in await cursor.fetchall()]
