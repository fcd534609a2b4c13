"""表格 tables for those who read them in Excel or with a programme: CSV, XLSX and JSON lines, of any length.

Rows come page by page and leave page by page; nothing is kept of them. The last thing that is written says on what
basis the rows stand, how many there are and their digest: a file without it was cut off.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from functools import cache, cached_property, partial
from hashlib import sha256
from itertools import chain, groupby
from operator import attrgetter
from types import UnionType
from typing import Any, Final, Protocol, Self, Union, cast, get_args, get_origin, get_type_hints

import yaml
from pydantic import BaseModel

from domain.grammar import CHINA, canonical
from domain.store.statements import text_of

Cell = str | int | bool | date | datetime | None


class TableFormat(StrEnum):
    csv = "csv"
    xlsx = "xlsx"
    jsonl = "jsonl"


@dataclass(frozen=True)
class Column:
    """`key`: the member of a row it shows, as "holder_unit"; of a part of it, as "on_time.numerator"."""

    key: str
    zh: str
    en: str = ""
    read: Callable[[Any], Any] | None = None
    """What the column makes of a row, where it is more than a member."""

    @cached_property
    def path(self) -> tuple[str, ...]:
        return tuple(self.key.split("."))


@dataclass(frozen=True, slots=True)
class Table:
    """What a file of rows looks like. A row is a dataclass or a mapping; `name` becomes the file's."""

    name: str
    title: str
    columns: tuple[Column, ...]

    @classmethod
    def of(cls, name: str, title: str, row: type, *, without: Collection[str] = ()) -> Self:
        """The table whose rows are of this dataclass or answer's model; see `columns_of`."""
        return cls(name, title, columns_of(row, without=without))


@dataclass(frozen=True, slots=True)
class Ending:
    """What the end of a file says."""

    rows: int
    basis: Mapping[str, Any]
    """With `rows_sha256`: SHA-256 over all the rows as one canonical JSON list, whatever the format."""


class Writer(Protocol):
    """Writes one file, each part once and in this order."""

    def head(self) -> bytes: ...
    def lines(self, rows: Sequence[object], /) -> bytes: ...
    def tail(self, ending: Ending, /) -> bytes: ...


async def written(
    writer: Writer, pages: AsyncIterable[Sequence[object]], basis: Mapping[str, Any]
) -> AsyncGenerator[bytes, None]:
    """The bytes of the file. No page is asked for before the one before it was taken.

    What `pages` raises goes through, and leaves the file without its end.
    """
    digest, count = sha256(b"["), 0
    yield writer.head()
    async for rows in pages:
        for row in rows:
            digest.update(b"," + canonical(row) if count else canonical(row))
            count += 1
        yield writer.lines(rows)
    digest.update(b"]")
    yield writer.tail(Ending(count, {**basis, "rows_sha256": digest.hexdigest()}))


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────


def columns_of(row: type, *, without: Collection[str] = ()) -> tuple[Column, ...]:
    """A column for each field of a dataclass or an answer's model, its parts included. A list is one column.

    Headings are those of `headings.yaml`, by the field's name; a field's description "中文 / English" stands before them.
    """
    hints = get_type_hints(row, include_extras=False)
    columns: list[Column] = []
    for key, described in _fields(row).items():
        if key in without:
            continue
        zh, en = described or _words().get(key) or (key, key)
        part = _part_in(hints[key])
        if part is None:
            columns.append(Column(key, zh, en))
        else:
            columns += [
                Column(f"{key}.{inner.key}", f"{zh}·{inner.zh}", f"{en}: {inner.en}")
                for inner in columns_of(part)
            ]
    return tuple(columns)


def _fields(row: type) -> dict[str, tuple[str, str] | None]:
    """The fields and what their descriptions call them."""
    if is_dataclass(row):
        return {field.name: None for field in fields(row)}
    if issubclass(row, BaseModel):
        return {key: _described(told.description) for key, told in row.model_fields.items()}
    raise TypeError(f"{row.__name__} has no fields")


def _described(description: str | None) -> tuple[str, str] | None:
    zh, is_both, en = (description or "").partition(" / ")
    return (zh, en) if is_both else None


def _part_in(annotation: Any) -> type | None:
    """The dataclass or model that stands there, by itself or beside None."""
    candidates = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return next((each for each in candidates if isinstance(each, type) and _has_fields(each)), None)


def _has_fields(each: type) -> bool:
    return is_dataclass(each) or issubclass(each, BaseModel)


@cache
def _words() -> dict[str, tuple[str, str]]:
    told: dict[str, list[str]] = yaml.load(
        text_of("projections.exports", "headings.yaml"), Loader=yaml.CSafeLoader
    )
    return {key: (zh, en) for key, (zh, en) in told.items()}


# ── cells ───────────────────────────────────────────────────────────────────────────────────────────────────

BETWEEN: Final = "；"
PLAIN: Final = frozenset({str, int, bool, date, datetime})


def cells_of(row: object, columns: Sequence[Column]) -> list[Cell]:
    """What stands in each column: a value, several joined by ；, or the JSON of what has parts."""
    return RowReader(columns).cells(row)


class RowReader:
    """`cells_of`, for many rows: what lies beside each other in a row is taken out of it at once."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._takings = [_taking(list(group)) for _, group in groupby(columns, _whence)]

    def cells(self, row: object) -> list[Cell]:
        values = chain.from_iterable([take(row) for take in self._takings])
        return [value if value is None or type(value) in PLAIN else _cell(value) for value in values]


def _whence(column: Column) -> tuple[str, ...] | Column:
    """The part of a row in which it lies; a column that makes something of a row, by itself."""
    return column if column.read is not None else column.path[:-1]


def _taking(columns: Sequence[Column]) -> Callable[[Any], Iterable[Any]]:
    """The values of columns that lie in one part; None for each where the part is missing."""
    if (read := columns[0].read) is not None:
        return lambda row: (read(row),)
    way, names = columns[0].path[:-1], [column.path[-1] for column in columns]
    take = attrgetter(*names) if len(names) > 1 else partial(_only, attrgetter(*names))
    nothing = (None,) * len(names)

    def taken(row: Any) -> Iterable[Any]:
        for name in way:
            row = None if row is None else row.get(name) if isinstance(row, dict) else getattr(row, name)
        if row is None:
            return nothing
        return map(row.get, names) if isinstance(row, dict) else take(row)

    return taken


def _only(take: Callable[[Any], Any], row: Any) -> tuple[Any]:
    return (take(row),)


def _cell(value: Any) -> Cell:
    if value is None or type(value) in PLAIN:
        return cast("Cell", value)
    if isinstance(value, Enum):
        return _cell(value.value)
    if isinstance(value, list | tuple) and all(type(each) in PLAIN for each in value):
        return BETWEEN.join(map(as_text, value))
    if isinstance(value, Mapping | list | tuple) or is_dataclass(value):
        return canonical(value).decode()
    raise TypeError(f"{type(value).__name__} has no place in a table")


def as_text(cell: Cell) -> str:
    """A cell in words: days and times as ISO 8601 in China's time, 是 and 否."""
    match cell:
        case str():
            return cell
        case None:
            return ""
        case bool():
            return "是" if cell else "否"
        case datetime():
            return cell.astimezone(CHINA).isoformat()
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


# ── CSV and JSON lines ──────────────────────────────────────────────────────────────────────────────────────

BOM: Final = "\ufeff"
"""By it Excel knows that the file is UTF-8."""
FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a text becomes a formula in a spreadsheet. Source: OWASP, CSV Injection."""


NEEDS_QUOTES: Final = re.compile(r'[,"\r\n]|^\s|\s$')


class CsvWriter:
    """RFC 4180, UTF-8. A text that a spreadsheet would take for a formula begins with an apostrophe.

    The last record has one cell: how many rows, and the SHA-256 of all bytes before it.
    """

    def __init__(self, table: Table) -> None:
        self._columns = table.columns
        self._reader = RowReader(table.columns)
        self._digest = sha256()

    def head(self) -> bytes:
        return self._told(BOM + _record([column.zh for column in self._columns]))

    def lines(self, rows: Sequence[object]) -> bytes:
        return self._told("".join(_record(self._reader.cells(row)) for row in rows))

    def tail(self, ending: Ending) -> bytes:
        told = f"# 完 end rows={ending.rows} sha256={self._digest.hexdigest()} basis={canonical(ending.basis).decode()}"
        return _record([told, *[None] * (len(self._columns) - 1)]).encode()

    def _told(self, text: str) -> bytes:
        content = text.encode()
        self._digest.update(content)
        return content


def _record(cells: Sequence[Cell]) -> str:
    return ",".join(map(_field, cells)) + "\r\n"


def _field(cell: Cell) -> str:
    text = as_text(cell)
    if type(cell) is not str or not text:
        return text
    if text.startswith(FORMULA_BEGINS):
        text = "'" + text
    if NEEDS_QUOTES.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


class JsonLinesWriter:
    """Each row as the JSON answer has it, in canonical form; the last line is {"end": …}."""

    def __init__(self, _table: Table) -> None:
        self._digest = sha256()

    def head(self) -> bytes:
        return b""

    def lines(self, rows: Sequence[object]) -> bytes:
        content = b"".join(canonical(row) + b"\n" for row in rows)
        self._digest.update(content)
        return content

    def tail(self, ending: Ending) -> bytes:
        end = {"rows": ending.rows, "sha256": self._digest.hexdigest(), "basis": ending.basis}
        return canonical({"end": end}) + b"\n"
