"""GB/T 39046—2020 table 11 电子监察: a row for each signal that the watch has raised, as it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from projections.exports.exchange.codes import LIGHT, said
from projections.exports.exchange.gbt39046 import STANDARD, at
from projections.exports.exchange.registers import Registers
from projections.exports.exchange.table import ExchangeTable, Told

STATE: Final = {
    "raised": "未反馈",
    "replied": "已反馈",
    "appealed": "申诉中",
    "upheld": "维持",
    "withdrawn": "核销",
}


@dataclass(frozen=True, slots=True)
class SignalRow:
    signal_no: str
    rule_code: str
    light: str
    state: str
    case_no: str | None
    basis: str
    unit_code: str | None
    raised_at: datetime
    state_at: datetime
    decision_text: str | None
    item_code: str | None
    item_version: str | None


@dataclass(frozen=True, slots=True)
class Signal:
    row: SignalRow
    registers: Registers


def _signal(signal: Signal) -> Iterator[Told]:
    row, registers = signal.row, signal.registers
    item = registers.item_by_version.get((row.item_code or "", row.item_version or ""))
    unit = registers.unit(row.unit_code)
    yield (
        "signal",
        {
            "办件编号": row.case_no,
            "督办内容": row.basis,
            "机构名称": unit.title,
            "事项类型代码": item.class_code if item else None,
            "督办发出时间": at(row.raised_at),
            "监察编号": row.signal_no,
            "监察规则编号": row.rule_code,
            "监察预警类型代码": said(LIGHT, row.light),
            "状态产生时间": at(row.state_at),
            "监察结果描述": "：".join(filter(None, (said(STATE, row.state), row.decision_text))),
            "责任部门": unit.title,
        },
    )


SUPERVISION: Final = ExchangeTable(
    "gbt39046-11",
    "电子监察",
    f"{STANDARD} 表11",
    (
        "办件编号", "督办内容", "机构名称", "事项类型代码", "督办发出时间", "监察编号", "监察规则编号",
        "监察预警类型代码", "状态产生时间", "监察结果描述", "责任部门",
    ),
    _signal,
    kind="signal",
)  # fmt: skip
