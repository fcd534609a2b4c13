"""环节 work steps: the receipt and every completed step of a case, one after the other; `view.sql` is the definition,
`table.sql` its index.

A handover 换手 is a step of another unit than the step before it, in the order in which they happened.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.projection import Projection

WORK_STEPS: Final = Projection.of_folder("projections.work_steps", key="stream", kinds=("case",))
STATEMENTS: Final = statements_of("projections.work_steps", "queries.sql")


class StepGrouping(StrEnum):
    """By what steps are told apart."""

    kind = "kind"  # 环节, by code and name
    unit = "unit"  # 办理单位
    window = "window"  # 窗口
    post = "post"  # 岗位
    person = "person"  # 经办人员


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many steps; `handovers` of them were another unit's than the step before."""

    key: str | None
    """A code; "receipt" is 收件登记. None: all together, or nobody was named."""
    title: str | None
    """The step's name."""
    steps: int
    handovers: int
    cases: int


@dataclass(frozen=True, slots=True)
class Handover:
    """How often a case's next step was another unit's. None is a unit that was not named."""

    from_unit: str | None
    to_unit: str | None
    handovers: int
    cases: int


class WorkSteps:
    """The steps, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def counts(self, by: StepGrouping | None, first: date, last: date) -> list[StepCount]:
        """Most steps first."""
        parameters = {"by": by, "first": first, "last": last}
        return await find(self._connection, StepCount, STATEMENTS["counts"], parameters)

    async def handovers(self, first: date, last: date) -> list[Handover]:
        """Most frequent first."""
        return await find(self._connection, Handover, STATEMENTS["handovers"], {"first": first, "last": last})
