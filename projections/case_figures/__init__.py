"""统计 case figures: what cases come to, by whom and where, in which period; `view.sql` is the definition of one case's
row, `table.sql` its index, `queries.sql` adds up.

`counts.py` says what is counted and `rates.py` what is divided by what (model 4.7). Limits, use of them and pauses come from
`clock`, working days from `calendar`, thresholds from `policies`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.case_figures.counts import Counts
from projections.case_figures.rates import Figure, figures
from projections.finding import find
from projections.periods import Period
from projections.projection import Projection

CASE_FIGURES: Final = Projection.of_folder("projections.case_figures", key="stream", kinds=("case",))
STATEMENTS: Final = statements_of("projections.case_figures", "queries.sql")


class Grouping(StrEnum):
    """By what figures are told apart."""

    hall = "hall"  # 大厅: the unit that received it
    unit = "unit"  # 实施主体: the unit in charge of the item
    window = "window"  # 窗口 of the receipt
    post = "post"  # 岗位 of the receipt
    person = "person"  # 收件人员
    item = "item"  # 事项
    item_class = "class"  # 事项类型, GB/T 39046 A.1
    point = "point"  # 村级代办点
    kind = "kind"  # 即办、承诺
    channel = "channel"  # 办理形式
    routing = "routing"  # 单办、联办、报批
    mode = "mode"  # 本人、代办
    applicant_type = "applicant_type"  # 申请人类型
    deciding_unit = "deciding_unit"  # 决定单位
    deciding_person = "deciding_person"  # 决定人员
    source_channel = "source_channel"  # a legacy record's own channel
    department = "department"  # a legacy record's own department


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figures: the days from `first` to `last`, open procedures counted to `day`."""

    first: date
    last: date
    day: date
    by: Grouping | None = None
    period: Period = Period.whole
    only: Mapping[str, str] = field(default_factory=dict)
    """Codes of what alone is counted, by one of FILTERS."""


FILTERS: Final = (
    Grouping.hall,
    Grouping.unit,
    Grouping.window,
    Grouping.post,
    Grouping.person,
    Grouping.item,
    Grouping.point,
    Grouping.kind,
    Grouping.channel,
    Grouping.routing,
    Grouping.mode,
    Grouping.department,
)


class Statistics:
    """统计, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def figures(self, wanted: Wanted) -> list[Figure]:
        """By key, what has no key last; within it by period. Ranked where they are grouped."""
        await self._connection.execute(STATEMENTS["in_memory"])
        rows = await find(self._connection, Counts, STATEMENTS["figures"], parameters_of(wanted))
        least = await self.ranking_at_least(wanted.day) if wanted.by else None
        return figures(rows, await self._titles(wanted.by), ranked_from=least)

    async def ranking_at_least(self, day: date) -> int:
        """The least number that may be ranked, by the policy of the day."""
        cursor = await self._connection.execute(STATEMENTS["ranking_at_least"], {"day": day})
        row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def _titles(self, by: Grouping | None) -> dict[str, str]:
        """By code, of the last version."""
        cursor = await self._connection.execute(STATEMENTS["titles"], {"by": by})
        return dict(await cursor.fetchall())


def parameters_of(wanted: Wanted) -> dict[str, object]:
    return {
        "by": wanted.by,
        "first": wanted.first,
        "last": wanted.last,
        "day": wanted.day,
        "starts": wanted.period.starts(wanted.first, wanted.last),
        **{name.value: wanted.only.get(name.value) for name in FILTERS},
    }
