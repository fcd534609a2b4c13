"""What a row says, in the record's words: the mapping applied to one row, value by value.

The first value that cannot be understood breaks the row; the report names its line and column, never its text.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Never

from pydantic import TypeAdapter, ValidationError

from domain.grammar import EARLIEST, LATEST, Channel, DocumentNo, Label
from ops.importing.mapping import Mapping, Named, zone
from ops.importing.rows import BrokenRow, Row, RowObjection

CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,63}")
LABEL: Final[TypeAdapter[str]] = TypeAdapter(Label)
NUMBER: Final[TypeAdapter[str]] = TypeAdapter(DocumentNo)


class ColumnMissing(RowObjection):
    """The row has no such column, or nothing stands in it."""

    ZH = "该行没有此列，或此列为空。"
    WANTED = "a value in this column."
    WANTED_ZH = "此列应有值。"


class TimeNotUnderstood(RowObjection):
    """The time is not written as the mapping says."""

    ZH = "时间的写法与映射文件的约定不符。"
    WANTED = "an ISO 8601 time, or the format that the mapping names."
    WANTED_ZH = "ISO 8601 时间，或映射文件写明的格式。"


class OffsetMissing(RowObjection):
    """The time carries no offset, and the mapping names no zone."""

    ZH = "时间没有时区偏移，映射文件也没有指明时区。"
    WANTED = "a time with an offset, as +08:00; or times.zone in the mapping."
    WANTED_ZH = "带偏移的时间（如 +08:00），或在映射文件的 times.zone 中指明时区。"


class TimeOutOfRange(RowObjection):
    """The time lies outside the years the record keeps."""

    ZH = "时间超出记录所容纳的年份。"
    WANTED = "a time between 2000-01-01 and 2099-12-31."
    WANTED_ZH = "2000-01-01 至 2099-12-31 之间的时间。"


class ActivityUnknown(RowObjection):
    """The mapping does not say what this activity is."""

    ZH = "映射文件没有说明这一活动是什么。"
    WANTED = "the receipt's activity, one that fits steps.pattern, or one listed in steps.known."
    WANTED_ZH = "收件活动、符合 steps.pattern 的活动，或 steps.known 中列出的活动。"


class TransitionNotComplete(RowObjection):
    """The row is no completed step: its lifecycle transition is another than `complete`."""

    ZH = "该行不是已完成的环节：其生命周期状态不是 complete。"
    WANTED = "lifecycle:transition = complete."
    WANTED_ZH = "lifecycle:transition 为 complete。"


class ValueNotMapped(RowObjection):
    """The mapping has no entry for this value."""

    ZH = "映射文件中没有此值的对应项。"
    WANTED = "a value that the mapping lists for this column."
    WANTED_ZH = "映射文件为此列列出的值。"


class NoCode(RowObjection):
    """The value cannot serve as a code: letters, digits and . _ / - only, 64 at most."""

    ZH = "该值不能用作代码：只能含字母、数字和 . _ / -，最长 64 个字符。"
    WANTED = "a code, as Resource21."
    WANTED_ZH = "代码，如 Resource21。"


class TextUnclean(RowObjection):
    """The text is longer than 200 characters, not in normalisation form C, or holds invisible characters or a
    person's mobile or identity number."""

    ZH = "文本超过 200 个字符、不是 NFC 规范形式，或含有不可见字符、手机号码或身份证号码。"
    WANTED = "one line of visible text in Unicode normalisation form C, at most 200 characters, without personal data."
    WANTED_ZH = "一行可见文本，Unicode NFC 规范形式，最长 200 个字符，不含个人信息。"


@dataclass(frozen=True, slots=True)
class CaseSaid:
    """What a row repeats of its whole case: our channel, and the rest in the source's own words."""

    channel: Channel | None
    source_channel: str | None
    department: str | None
    group: str | None
    responsible: str | None
    started_at: datetime | None
    deadline: datetime | None
    planned_end: datetime | None
    concluded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says: a receipt where `step` is None, else a completed step."""

    line: int
    case: str
    identity: str
    """What tells the row from every other of its case."""
    source_ref: str | None
    """The row's number in the source, where it has one."""
    occurred_at: datetime
    step: tuple[str, str] | None
    """Code and title."""
    unit: Named | None
    person: str | None
    about: CaseSaid


class _NotUnderstood(Exception):  # noqa: N818  — inside this module only: the value that breaks the row
    def __init__(self, column: str, objection: RowObjection) -> None:
        super().__init__(column)
        self.column, self.objection = column, objection


@dataclass(frozen=True)
class Listener:
    """Understands rows by one mapping."""

    mapping: Mapping
    _pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pattern", re.compile(self.mapping.steps.pattern))

    def understand(self, row: Row) -> Said | BrokenRow:
        try:
            return self._said(row)
        except _NotUnderstood as problem:
            return BrokenRow(row.line, problem.objection, problem.column)

    def _said(self, row: Row) -> Said:
        columns = self.mapping.event
        self._expect_complete(row)
        return Said(
            line=row.line,
            case=self._reference(row, columns.case),
            identity=self._reference(row, columns.row) if columns.row else _content(row),
            source_ref=self._reference(row, columns.row) if columns.row else None,
            occurred_at=self._moment(row, columns.occurred_at) or _missing(columns.occurred_at),
            step=self._step(row),
            unit=self._unit(row, columns.unit),
            person=self._person(row, columns.person),
            about=self._about(row),
        )

    def _expect_complete(self, row: Row) -> None:
        column = self.mapping.event.transition
        if column and row.cells.get(column, "").casefold() not in {"complete", ""}:
            raise _NotUnderstood(column, TransitionNotComplete())

    def _about(self, row: Row) -> CaseSaid:
        columns = self.mapping.case
        return CaseSaid(
            channel=self._channel(row, columns.channel),
            source_channel=self._words(row, columns.channel),
            department=self._words(row, columns.department),
            group=self._words(row, columns.group),
            responsible=self._code(row, columns.responsible),
            started_at=self._moment(row, columns.started_at),
            deadline=self._moment(row, columns.deadline),
            planned_end=self._moment(row, columns.planned_end),
            concluded_at=self._moment(row, columns.concluded_at),
        )

    def _step(self, row: Row) -> tuple[str, str] | None:
        column = self.mapping.event.activity
        activity = _cell(row, column)
        if activity == self.mapping.receipt.activity:
            return None
        if code := self.mapping.steps.known.get(activity):
            return code, activity
        fits = self._pattern.fullmatch(activity)
        if fits is None or CODE.fullmatch(fits["code"]) is None:
            raise _NotUnderstood(column, ActivityUnknown())
        return fits["code"], self._label(column, fits["title"])

    def _channel(self, row: Row, column: str | None) -> Channel | None:
        if column is None:
            return None
        channel = self.mapping.channels.get(_cell(row, column))
        if channel is None:
            raise _NotUnderstood(column, ValueNotMapped())
        return channel

    def _unit(self, row: Row, column: str | None) -> Named | None:
        if column is None or self._is_nobody(row, column):
            return None
        named = self.mapping.units.get(row.cells[column])
        if named is None:
            raise _NotUnderstood(column, ValueNotMapped())
        return named

    def _person(self, row: Row, column: str | None) -> str | None:
        return None if column is None or self._is_nobody(row, column) else self._code(row, column)

    def _code(self, row: Row, column: str | None) -> str | None:
        """A code, never a name; None where the source says nothing."""
        text = row.cells.get(column, "") if column else ""
        if column is None or not text or text in self.mapping.nobody:
            return None
        if CODE.fullmatch(text) is None:
            raise _NotUnderstood(column, NoCode())
        return text

    def _words(self, row: Row, column: str | None) -> str | None:
        """The cell as it stands; None where the source says nothing."""
        text = row.cells.get(column, "") if column else ""
        return self._label(column, text) if column and text else None

    def _label(self, column: str, text: str, kind: TypeAdapter[str] = LABEL) -> str:
        try:
            return kind.validate_python(text)
        except ValidationError as error:
            raise _NotUnderstood(column, TextUnclean()) from error

    def _is_nobody(self, row: Row, column: str) -> bool:
        if column not in row.cells:
            raise _NotUnderstood(column, ColumnMissing())
        return row.cells[column] in self.mapping.nobody

    def _reference(self, row: Row, column: str) -> str:
        return self._label(column, _cell(row, column), NUMBER)

    def _moment(self, row: Row, column: str | None) -> datetime | None:
        text = row.cells.get(column, "") if column else ""
        if not text or column is None:
            return None
        moment = self._with_offset(column, self._parsed(column, text))
        if not EARLIEST <= moment < LATEST:
            raise _NotUnderstood(column, TimeOutOfRange())
        return moment.astimezone(UTC)

    def _parsed(self, column: str, text: str) -> datetime:
        pattern = self.mapping.times.format
        try:
            return datetime.strptime(text, pattern) if pattern else datetime.fromisoformat(text)  # noqa: DTZ007  — the offset is seen to next
        except ValueError as error:
            raise _NotUnderstood(column, TimeNotUnderstood()) from error

    def _with_offset(self, column: str, moment: datetime) -> datetime:
        if moment.tzinfo is not None:
            return moment
        if self.mapping.times.zone is None:
            raise _NotUnderstood(column, OffsetMissing())
        return moment.replace(tzinfo=zone(self.mapping.times.zone))


def _cell(row: Row, column: str) -> str:
    text = row.cells.get(column, "")
    return text or _missing(column)


def _missing(column: str) -> Never:
    raise _NotUnderstood(column, ColumnMissing())


def _content(row: Row) -> str:
    return "\x1f".join(f"{name}\x1e{text}" for name, text in sorted(row.cells.items()))
