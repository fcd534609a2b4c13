"""GB/T 39046—2020 table 10 办事互动, its part on consultations: a row for each first ask 首问, with the answer once it is given.

Complaints, the table's other part, are nothing that the record holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from projections.exports.exchange.gbt39046 import STANDARD, at
from projections.exports.exchange.registers import Registers
from projections.exports.exchange.table import ExchangeTable, Told


@dataclass(frozen=True, slots=True)
class ContactRow:
    contact_no: str
    asker_ref: str | None
    matter: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    answer: str | None
    unit_code: str | None
    """Who answers for it: asked first, or taken over since."""


@dataclass(frozen=True, slots=True)
class Consultation:
    row: ContactRow
    registers: Registers


def _consultation(consultation: Consultation) -> Iterator[Told]:
    row = consultation.row
    yield (
        "consultation",
        {
            "咨询编码": row.contact_no,
            "咨询人": row.asker_ref,
            "咨询内容": row.matter,
            "咨询时间": at(row.asked_at),
            "处理时间": at(row.answered_at),
            "处理人": row.answered_by,
            "处理意见": row.answer,
            "行政区划": consultation.registers.unit(row.unit_code).division_code,
        },
    )


CONSULTATIONS: Final = ExchangeTable(
    "gbt39046-10-consultation",
    "办事互动·咨询",
    f"{STANDARD} 表10",
    (
        "咨询编码", "咨询人", "咨询标题", "咨询内容", "咨询时间", "处理时间", "处理人", "处理意见", "延期时限",
        "延期原因", "超期天数", "行政区划",
    ),
    _consultation,
    kind="contact",
)  # fmt: skip
