"""监察台账 signals: each signal, what it says, where it stands; `view.sql` is the definition, `table.sql` its indexes.

Days to reply: the working days d with raised < d ≤ replied, an unanswered one counted to the day asked for. Late is a
reply behind `reply_due`, and the silence that has lasted beyond it. The ledger has the shape of GB/T 39046—2020 table 11.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.projection import Projection

SIGNALS: Final = Projection.of_folder("projections.signals", key="stream", kinds=("signal",))
STATEMENTS: Final = statements_of("projections.signals", "queries.sql")


Place = tuple[int]
"""Where a signal stands among the others: its raised_position."""
FIRST: Final[Place] = (0,)
"""Behind this place stand all signals, the earliest first."""
LATEST: Final[Place] = (2**53,)
"""Likewise, the latest first."""


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One signal. Days are working days."""

    signal_no: str
    rule_code: str
    light: str
    """notice, prewarning, yellow, red."""
    state: str
    """raised, replied, appealed, upheld, withdrawn."""
    subject: str
    case_no: str | None
    facts: list[int]
    """Positions of the events it stands on."""
    due: date | None
    state_on: date
    basis: str
    unit_code: str | None
    window_id: str | None
    post_id: str | None
    person: str | None
    is_legacy: bool
    figures: list[dict[str, Any]]
    raised_at: datetime
    raised_on: date
    raised_by_role: str
    policy_version: str | None
    calendar_version: str | None
    reply_due: date | None
    replied_at: datetime | None
    reply_days: int | None
    """To the first reply; None while nobody replied."""
    waiting_days: int | None
    """Since it was raised, while a reply is still owed."""
    is_reply_late: bool
    appealed_at: datetime | None
    decided_at: datetime | None
    withdrawal_reason: str | None
    decision_text: str | None
    events: int
    raised_position: int
    last_position: int

    @property
    def place(self) -> Place:
        return (self.raised_position,)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which signals; what is None leaves nothing out."""

    rule: str | None = None
    light: str | None = None
    state: str | None = None
    unit: str | None = None
    window: str | None = None
    person: str | None = None
    case_no: str | None = None
    raised_from: date | None = None
    raised_to: date | None = None
    is_reply_late: bool | None = None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """监察台账, GB/T 39046—2020 table 11, field by field; times in China, as the standard writes them."""

    case_no: str | None
    """办件编号."""
    matter: str
    """督办内容."""
    unit_code: str | None
    unit_title: str | None
    """机构名称（被督办）."""
    class_code: str | None
    """事项类型代码 A.1."""
    issued_at: datetime
    """督办发出时间."""
    signal_no: str
    """监察编号 an..20."""
    rule_code: str
    """监察规则编号 an..20."""
    warning_code: str
    """监察预警类型代码 n1: 1 yellow and 2 red as in deployed halls, 3 prewarning, 4 notice; the standard leaves the list open."""
    state_on: date
    """状态产生时间."""
    result: str
    """监察结果描述."""
    department: str | None
    """责任部门."""
    raised_position: int

    @property
    def place(self) -> Place:
        return (self.raised_position,)


class Signals:
    """监察台账, read over a connection whose search_path holds the county's views, live or of another day.

    Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def page(self, sought: Sought, today: date, *, before: int, limit: int) -> list[SignalRow]:
        """Latest first, from below a raised_position."""
        return await self._find("page", sought, today, before=before, limit=limit)

    async def one(self, signal_no: str, today: date) -> SignalRow | None:
        found = await find(
            self._connection, SignalRow, STATEMENTS["one"], {"signal_no": signal_no, "today": today}
        )
        return found[0] if found else None

    async def of_case(self, case_no: str, today: date) -> list[SignalRow]:
        """In the order in which they were raised."""
        return await find(
            self._connection, SignalRow, STATEMENTS["of_case"], {"case_no": case_no, "today": today}
        )

    async def ledger(self, sought: Sought, *, after: int, limit: int) -> list[LedgerRow]:
        """In the order in which they were raised, behind a raised_position."""
        said = _said(sought) | {"after": after, "limit": limit}
        return await find(self._connection, LedgerRow, STATEMENTS["ledger"], said)

    async def _find(self, name: str, sought: Sought, today: date, **more: object) -> list[SignalRow]:
        said = _said(sought) | {"today": today} | more
        return await find(self._connection, SignalRow, STATEMENTS[name], said)


def _said(sought: Sought) -> dict[str, object]:
    return {name: getattr(sought, name) for name in Sought.__dataclass_fields__}
