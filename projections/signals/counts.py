"""预警统计: how many signals were raised, about whom, and what became of them (model 4.7). A signal counts in the period in
which it was raised, and as it stands in the answer.

M-Signals 黄牌、红牌数: yellow and red signals that were upheld; beside them all that were raised.
M-Rectify 整改率: replied in time / raised. Nobody is asked to reply to a notice, a pre-warning or a legacy record's signal:
the share among those that were asked for stands beside it. Whoever replies to one of the others is in time.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from projections.finding import find
from projections.periods import Span
from projections.signals import STATEMENTS


class SignalGrouping(StrEnum):
    """By what signals are told apart: who answers for them, or the case that they are about."""

    rule = "rule"  # 监察规则
    unit = "unit"  # 责任单位
    window = "window"  # 责任窗口
    post = "post"  # 责任岗位
    person = "person"  # 责任人
    hall = "hall"  # of the case 大厅
    item = "item"  # of the case 事项
    kind = "kind"  # of the case 即办、承诺
    point = "point"  # of the case 村级代办点


@dataclass(frozen=True, slots=True)
class SignalCount:
    """Signals of one group that were raised in a period."""

    key: str | None
    first_day: date
    last_day: date
    raised: int
    """预警数, of every light."""
    notice: int
    prewarning: int
    yellow: int
    red: int
    upheld_yellow: int
    """黄牌: yellow and upheld."""
    upheld_red: int
    """红牌: red and upheld."""
    signals_withdrawn: int
    """核销."""
    of_legacy: int
    """About records taken over from another system."""
    asked_to_reply: int
    """To which a reply was asked for."""
    replied_in_time: int
    rectified_per_10000: int
    """整改率: replied in time of all raised, rounded half up."""
    answered_per_10000: int | None
    """Of those to which a reply was asked for, replied to in time; None where none was asked for."""


class SignalCounts:
    """Read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def counts(self, by: SignalGrouping | None, span: Span) -> list[SignalCount]:
        """Of those raised in the span. By code, what has none last; within it by period, one without a signal left out."""
        parameters = {"by": by, **span.parameters()}
        return await find(self._connection, SignalCount, STATEMENTS["counts"], parameters)
