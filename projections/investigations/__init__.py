"""核查 investigations: who acts in each, how far it reaches, what it holds, how it ended; `view.sql` is the definition,
`table.sql` its indexes. What was read under one: projections.perusals.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.projection import Projection

INVESTIGATIONS: Final = Projection.of_folder(
    "projections.investigations", key="stream", kinds=("investigation",)
)
STATEMENTS: Final = statements_of("projections.investigations", "queries.sql")

Place = tuple[int]
"""Where an investigation stands among the others: its opened_position."""
LATEST: Final[Place] = (2**53,)


@dataclass(frozen=True, slots=True)
class InvestigationRow:
    """One investigation."""

    investigation_no: str
    authority: str
    document_no: str | None
    officers: list[str]
    """Staff numbers."""
    case_nos: list[str]
    persons: list[str]
    divisions: list[str]
    matter: str
    opened_at: datetime
    opened_by: str
    holds: list[dict[str, Any]]
    """hold_no, case_nos, persons, reason, placed_at, proposed_by, released_by, released_at."""
    holds_standing: int
    result: str | None
    findings: str | None
    conclusion_no: str | None
    concluded_at: datetime | None
    opened_position: int

    @property
    def place(self) -> Place:
        return (self.opened_position,)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to know: shown is what is open to them, and never what is about them."""

    staff_id: str
    person_ref: str | None
    is_watcher: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which investigations; what is None leaves nothing out."""

    investigation_no: str | None = None
    is_concluded: bool | None = None
    officer: str | None = None
    case_no: str | None = None
    is_holding: bool | None = None


class Investigations:
    """核查, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def page(self, wanted: Wanted, asker: Asker, *, before: int, limit: int) -> list[InvestigationRow]:
        """Latest first, from below an opened_position."""
        said = _said(wanted) | _said(asker) | {"before": before, "limit": limit}
        return await find(self._connection, InvestigationRow, STATEMENTS["page"], said)

    async def one(self, investigation_no: str, asker: Asker) -> InvestigationRow | None:
        found = await self.page(Wanted(investigation_no=investigation_no), asker, before=LATEST[0], limit=1)
        return found[0] if found else None


def _said(of: Wanted | Asker) -> dict[str, object]:
    return {name: getattr(of, name) for name in of.__dataclass_fields__}
