"""Rows of an event log, read one after the other: where each stands in the file, and what is broken about it.

A broken row never hides its neighbours: it is handed on as `BrokenRow`, and reading goes on with the next line.
"""

import csv
import gzip
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, ClassVar, Final, cast

from domain.grammar import Objection

LONGEST_RECORD: Final = 256 * 1024
"""Bytes of one CSV record, line breaks inside quotes included."""
MOST_LINES: Final = 200
"""Lines of one CSV record: a quote that is never closed would otherwise swallow the rest of the file."""

GZIP_MAGIC: Final = b"\x1f\x8b"
CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Row:
    """One event as the file states it."""

    line: int
    """The line on which it begins; the first line of the file is 1."""
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A place in the file that is no row, and why."""

    line: int
    objection: Objection
    column: str | None = None


class FileUnreadable(Exception):  # noqa: N818  — it reads as a word of the rules
    """The file as a whole cannot be read; nothing was recorded from it."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.english, self.chinese = english, chinese


class RowObjection(Objection):
    """What a row of a file can have against it. `WANTED` says what would be read."""

    WANTED: ClassVar[str | None] = None


class NotUtf8(RowObjection):
    """The line is not UTF-8 text."""

    ZH = "该行不是 UTF-8 编码的文本。"
    WANTED = "UTF-8; name another encoding in the mapping file if the source uses one."
    WANTED_ZH = "UTF-8 编码；来源使用其他编码时，请在映射文件中写明。"


class QuoteNeverClosed(RowObjection):
    """A quotation mark opens a field and never closes it."""

    ZH = "引号打开了字段却没有闭合。"
    WANTED = 'a closing quotation mark; a quotation mark inside a field is doubled ("").'
    WANTED_ZH = '补上右引号；字段中的引号应写成两个（""）。'


class QuoteMisplaced(RowObjection):
    """Text follows a closing quotation mark inside one field."""

    ZH = "同一字段中，右引号之后还有文字。"
    WANTED = 'a field wholly inside quotation marks; a quotation mark inside it is doubled ("").'
    WANTED_ZH = '字段应整个置于引号内；字段中的引号应写成两个（""）。'


class CellCountWrong(RowObjection):
    """The row has more or fewer cells than the header has columns."""

    ZH = "该行的单元格数与表头的列数不一致。"
    WANTED = "as many cells as the header has columns."
    WANTED_ZH = "单元格数与表头列数相同。"


class RecordTooLong(RowObjection):
    """The row is longer than 256 KiB."""

    ZH = "该行超过 256 KiB。"
    WANTED = "rows of at most 256 KiB."
    WANTED_ZH = "每行不超过 256 KiB。"


class ControlCharacter(RowObjection):
    """The row holds a NUL or another control character."""

    ZH = "该行含有 NUL 或其他控制字符。"
    WANTED = "text without control characters."
    WANTED_ZH = "不含控制字符的文本。"


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unpacked where it is gzip (told by its first two bytes, not by its name)."""
    with path.open("rb") as file:
        is_packed = file.read(2) == GZIP_MAGIC
    return cast("BinaryIO", gzip.open(path, "rb")) if is_packed else path.open("rb")


@dataclass
class CsvReader:
    """Reads a CSV file (RFC 4180, header in the first line) as a stream."""

    path: Path
    encoding: str = "utf-8"
    delimiter: str = ","
    _waiting: deque[tuple[int, bytes]] = field(default_factory=deque, repr=False)

    def columns(self) -> tuple[str, ...]:
        """The names in the header. Raises FileUnreadable where there is none or it names a column twice."""
        with open_bytes(self.path) as file:
            return self._header(self._lines(file))

    def __iter__(self) -> Iterator[Row | BrokenRow]:
        self._waiting.clear()
        with open_bytes(self.path) as file:
            lines = self._lines(file)
            header = self._header(lines)
            while (first := self._next(lines)) is not None:
                line, raw = first
                if raw.strip():
                    yield self._row(line, raw, lines, header)

    def _header(self, lines: Iterator[tuple[int, bytes]]) -> tuple[str, ...]:
        first = self._next(lines)
        cells = self._cells(first[0], first[1], lines) if first else None
        if not isinstance(cells, list) or not cells or not all(cells):
            raise FileUnreadable(
                "the first line is not a header of column names", "第一行不是由列名组成的表头"
            )
        if len(set(cells)) != len(cells):
            raise FileUnreadable("the header names a column twice", "表头中有重复的列名")
        return tuple(cells)

    def _row(
        self, line: int, raw: bytes, lines: Iterator[tuple[int, bytes]], header: Sequence[str]
    ) -> Row | BrokenRow:
        cells = self._cells(line, raw, lines)
        if isinstance(cells, BrokenRow):
            return cells
        if len(cells) != len(header):
            return BrokenRow(line, CellCountWrong(cells=len(cells), columns=len(header)))
        return Row(line, dict(zip(header, cells, strict=True)))

    def _cells(self, line: int, raw: bytes, lines: Iterator[tuple[int, bytes]]) -> list[str] | BrokenRow:
        """The cells of the record that begins with `raw`; takes further lines while a quotation mark is open."""
        taken: list[tuple[int, bytes]] = []
        while True:
            if len(raw) > LONGEST_RECORD:
                return self._give_back(line, taken, RecordTooLong())
            read = self._parse(raw)
            if not isinstance(read, QuoteNeverClosed):
                break
            following = self._next(lines) if len(taken) < MOST_LINES else None
            if following is None:
                return self._give_back(line, taken, read)
            taken.append(following)
            raw += following[1]
        return BrokenRow(line, read) if isinstance(read, Objection) else read

    def _parse(self, raw: bytes) -> list[str] | RowObjection:
        try:
            text = raw.decode(self.encoding)
        except UnicodeDecodeError:
            return NotUtf8()
        text = text.rstrip("\r\n")
        if CONTROL.search(text):
            return ControlCharacter()
        try:
            records = list(csv.reader([text], delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            return QuoteNeverClosed() if "unexpected end" in str(error) else QuoteMisplaced()
        return records[0] if records else []

    def _give_back(self, line: int, taken: list[tuple[int, bytes]], objection: RowObjection) -> BrokenRow:
        self._waiting.extendleft(reversed(taken))
        return BrokenRow(line, objection)

    def _next(self, lines: Iterator[tuple[int, bytes]]) -> tuple[int, bytes] | None:
        return self._waiting.popleft() if self._waiting else next(lines, None)

    @staticmethod
    def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
        number = 0
        try:
            while raw := file.readline(LONGEST_RECORD + 2):
                number += 1
                while not raw.endswith(b"\n") and len(raw) > LONGEST_RECORD:
                    rest = file.readline(LONGEST_RECORD)
                    if not rest or rest.endswith(b"\n"):
                        break
                yield number, raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        except (EOFError, gzip.BadGzipFile, OSError) as error:
            raise FileUnreadable(
                f"the file ends or breaks off after line {number}", f"文件在第 {number} 行之后中断或损坏"
            ) from error
