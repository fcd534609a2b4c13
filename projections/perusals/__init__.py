"""查阅 perusals: who looked into which case file, replayed, exported, searched, and under which investigation; `view.sql`
is the definition, `table.sql` its indexes. The same look of one person on one day is one row.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.projection import Projection

PERUSALS: Final = Projection.of_folder(
    "projections.perusals", key="stream", kinds=("investigation", "perusal")
)
STATEMENTS: Final = statements_of("projections.perusals", "queries.sql")

Place = tuple[int]
"""Where a look stands among the others: its position."""
FIRST: Final[Place] = (0,)


@dataclass(frozen=True, slots=True)
class PerusalRow:
    """One look."""

    position: int
    look: str
    """case_file_viewed 调阅, replay_run 回放, evidence_exported 证据包导出, records_searched 检索, records_exported 导出."""
    investigation_no: str | None
    staff_id: str
    post_id: str | None
    unit_code: str | None
    role: str
    looked_at: datetime
    case_no: str | None
    part: str | None
    known_at: datetime | None
    happened_by: datetime | None
    course: str | None
    mode: str | None
    counted_to: date | None
    what_if_policy: str | None
    what_if_calendar: str | None
    result_sha256: str | None
    bundle_sha256: str | None
    checkpoint_size: int | None
    checkpoint_root: str | None
    listed: str | None
    """The list, by its address."""
    conditions: list[str]
    file_format: str | None

    @property
    def place(self) -> Place:
        return (self.position,)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which looks; what is None leaves nothing out. Days are those of the look, both included."""

    investigation_no: str | None = None
    case_no: str | None = None
    staff_id: str | None = None
    look: str | None = None
    looked_from: date | None = None
    looked_to: date | None = None
    is_discreet: bool = False
    """Without those under an investigation."""


class Perusals:
    """查阅, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def page(self, sought: Sought, *, after: int, limit: int) -> list[PerusalRow]:
        """In the order of recording, behind a position."""
        said = {name: getattr(sought, name) for name in Sought.__dataclass_fields__}
        return await find(
            self._connection, PerusalRow, STATEMENTS["page"], said | {"after": after, "limit": limit}
        )
