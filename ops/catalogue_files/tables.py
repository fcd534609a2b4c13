"""CSV beside the YAML: the days of a year, and items as a spreadsheet gives them."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final

from ops.catalogue_files.broken import Broken
from ops.catalogue_files.marked_yaml import Unreadable

TRUTHS: Final = {"1": True, "true": True, "是": True, "0": False, "false": False, "否": False}
LISTS: Final = frozenset({"joint_units", "special_procedures", "materials"})
NUMBERS: Final = frozenset({"legal_days", "promise_days"})
CLAIMS: Final = frozenset({"is_working", "applicant_must_appear", "single_officer_ok"})
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: Mapping[str, str]


def read(file: str, data: bytes) -> Iterator[Row]:
    """The rows under the heading line. Raises Unreadable where the file is no table of equal rows."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(Broken(file, line, "", "not UTF-8 text", "不是 UTF-8 编码的文本")) from error
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        yield from _rows(file, reader)
    except csv.Error as error:
        raise Unreadable(Broken(file, reader.line_num, "", f"not CSV: {error}", "不是合法的 CSV")) from error


def _rows(file: str, reader: Any) -> Iterator[Row]:
    heading = [name.strip() for name in next(reader, [])]
    if not heading or len(set(heading)) != len(heading):
        raise Unreadable(Broken(file, 1, "", "the first line names each column once", "首行应为不重复的列名"))
    begins = reader.line_num + 1
    for cells in reader:
        if cells and len(cells) != len(heading):
            english = f"{len(cells)} cells, the heading has {len(heading)}"
            raise Unreadable(
                Broken(file, begins, "", english, f"本行 {len(cells)} 列，应为 {len(heading)} 列")
            )
        if cells:
            yield Row(begins, dict(zip(heading, (cell.strip() for cell in cells), strict=True)))
        begins = reader.line_num + 1


def day_exception(row: Row) -> dict[str, Any]:
    """A row `date,is_working,label` as the fields of a CalendarException."""
    fields = entry(row)
    if "date" in fields:
        fields["day"] = fields.pop("date")
    return fields


def entry(row: Row) -> dict[str, Any]:
    """The cells as JSON values; an empty cell says nothing. Lists are separated by semicolons."""
    return {name: _value(name, cell) for name, cell in row.cells.items() if cell}


def _value(name: str, cell: str) -> Any:
    if name in CLAIMS:
        return TRUTHS.get(cell.lower(), cell)
    if name in NUMBERS and cell.isascii() and cell.isdigit():
        return int(cell)
    if name in LISTS:
        parts = [part.strip() for part in re.split("[;；]", cell) if part.strip()]
        return [_material(n, part) for n, part in enumerate(parts, 1)] if name == "materials" else parts
    return cell


def _material(n: int, title: str) -> dict[str, Any]:
    return {"code": f"M{n}", "title": title}
