"""What became of a file: how much was recorded, what was flagged, what was refused and why; zh, en and JSON."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson
from pydantic import BaseModel, ConfigDict, Field
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ops.drafts import drafted

SHOWN_CASES: Final = 3
"""Cases named beside each irregularity on the screen; the JSON report names them all."""
SHOWN_REFUSALS: Final = 20


class Refusal(BaseModel):
    """A row that was not recorded."""

    model_config = ConfigDict(hide_input_in_errors=True)

    line: int
    column: str | None = None
    code: str
    zh: str
    en: str
    wanted_zh: str | None = None
    wanted_en: str | None = None


class Report(BaseModel):
    """The outcome of an import, over all its runs so far."""

    model_config = ConfigDict(hide_input_in_errors=True)

    source: str
    rows: int = 0
    """Rows read, the broken ones included."""
    cases: int = 0
    """Cases received."""
    steps: int = 0
    conclusions: int = 0
    repeats: int = 0
    """Of those, answered from the record: an earlier run had recorded them."""
    flagged: dict[str, list[str]] = Field(default_factory=dict)
    """Irregularity code → case references of the source, as often as it was flagged."""
    refused: list[Refusal] = Field(default_factory=list)
    seconds: float = 0.0

    @property
    def recorded(self) -> int:
        return self.cases + self.steps + self.conclusions

    def flag(self, code: str, case: str) -> None:
        self.flagged.setdefault(code, []).append(case)

    def add(self, other: "Report") -> None:
        self.rows += other.rows
        self.cases += other.cases
        self.steps += other.steps
        self.conclusions += other.conclusions
        self.repeats += other.repeats
        self.refused += other.refused
        for code, cases in other.flagged.items():
            self.flagged.setdefault(code, []).extend(cases)

    def write(self, path: Path) -> None:
        document = self.model_dump(mode="json", exclude={"seconds"})
        document["seconds_tenths"] = round(self.seconds * 10)
        with drafted(path) as file:
            file.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


@dataclass(frozen=True)
class Printed:
    """A report as tables for the terminal, each line in Chinese and English."""

    report: Report
    console: Console = field(default_factory=Console)

    def show(self) -> None:
        self.console.print(Group(self._sums(), *self._flagged()))
        for line in self._refused():
            self.console.print(line, soft_wrap=True)

    def _sums(self) -> RenderableType:
        table = Table(title=f"导入 import · {self.report.source}", show_header=False, title_justify="left")
        for zh, en, number in (
            ("读入行数", "rows read", self.report.rows),
            ("收件", "cases received", self.report.cases),
            ("环节", "steps completed", self.report.steps),
            ("办结", "conclusions", self.report.conclusions),
            ("其中此前已记录", "of these recorded before", self.report.repeats),
            ("未记录的行", "rows refused", len(self.report.refused)),
        ):
            table.add_row(f"{zh} {en}", f"{number:,}")
        table.add_row("用时 duration", f"{self.report.seconds:,.1f} s")
        return table

    def _flagged(self) -> list[RenderableType]:
        if not self.report.flagged:
            return []
        table = Table(
            "规则 rule", "次数 times", "办件 cases", "如 such as", title="已记录并标注 recorded and flagged"
        )
        for code, cases in sorted(self.report.flagged.items()):
            named = Counter(cases)
            table.add_row(
                code, f"{len(cases):,}", f"{len(named):,}", Text(", ".join(list(named)[:SHOWN_CASES]))
            )
        return [table]

    def _refused(self) -> Iterator[Text]:
        """A line for each row, whole: it may be long, and somebody may search it."""
        refused = self.report.refused
        for each in refused[:SHOWN_REFUSALS]:
            place = f"第 {each.line} 行 line {each.line}" + (f", {each.column}" if each.column else "")
            wanted = f" → {each.wanted_zh or ''} {each.wanted_en or ''}" if each.wanted_en else ""
            yield Text(f"{place}: {each.zh} {each.en}{wanted}")
        if len(refused) > SHOWN_REFUSALS:
            left = len(refused) - SHOWN_REFUSALS
            yield Text(f"… 另有 {left:,} 行，见报告 / {left:,} more rows stand in the report")
