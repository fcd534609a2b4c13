"""XLSX, written as it goes: no row is kept, no file is made, and the first bytes leave before the last row is known.

A workbook is a ZIP of XML parts, and a ZIP may be written to something that only takes bytes. The parts that name all
sheets come last. Source: ECMA-376, parts 1 and 2; the ZIP application note, 4.3.9 (data descriptors).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from io import RawIOBase
from types import NoneType
from typing import IO, Any, Final
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from domain.grammar import CHINA
from projections.exports.tables import Cell, Column, Ending, RowReader, Table, cells_of

MOST_ROWS: Final = 1_048_576
"""Of a sheet, its heading included."""
MOST_BYTES: Final = 2**30
"""Of a sheet's XML: beyond 2 GiB a part needs ZIP64, which Excel takes for damage."""
MOST_CHARACTERS: Final = 32_767
"""Of a cell."""
MOST_DIGITS: Final = 10**15
"""Excel keeps 15 digits of a number; a longer one is written as text."""
DAY_ZERO: Final = date(1899, 12, 30)
SECONDS_OF_A_DAY: Final = 86_400
NOT_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NEEDS_CARE: Final = re.compile(r"[&<>\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_x")
LOOKS_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
NOT_IN_A_SHEETS_NAME: Final = re.compile(r"[\[\]:*?/\\]")

HEADING, DAY, MOMENT = 1, 2, 3
"""Places in STYLES' cellXfs."""


class _Taken(RawIOBase):
    """What the ZIP writes, until it is taken away. It cannot go back, so the ZIP never does."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


class XlsxWriter:
    """Days and times are Excel's own, in China's time; a text is never a formula; what is too long for one sheet goes on
    in the next. The last sheet says how many rows there are, and on what basis.
    """

    def __init__(self, table: Table, *, most_rows: int = MOST_ROWS) -> None:
        self._table = table
        self._reader = RowReader(table.columns)
        self._most_rows = most_rows
        self._taken = _Taken()
        self._zip = ZipFile(self._taken, "w", ZIP_DEFLATED, compresslevel=1)
        self._sheets: list[str] = []
        self._sheet: IO[bytes] | None = None
        self._written: list[bytes] = []
        self._rows = 0
        self._bytes = 0

    def head(self) -> bytes:
        self._begin(self._table.title)
        return self._taken.take()

    def lines(self, rows: Sequence[object]) -> bytes:
        for row in rows:
            if self._rows >= self._most_rows or self._bytes >= MOST_BYTES:
                self._finish()
                self._begin(f"{self._table.title} {len(self._sheets) + 1}")
            self._put(_row(self._reader.cells(row)))
        self._flush()
        return self._taken.take()

    def tail(self, ending: Ending) -> bytes:
        self._finish()
        told = {"行数 rows": ending.rows, **ending.basis}
        self._open("依据 basis", widths=(24, 80))
        for name, value in told.items():
            (cell,) = cells_of({name: value}, [_named(name)])
            self._put(_row([name, cell]))
        self._finish()
        for name, text in _frame(self._sheets).items():
            self._zip.writestr(name, text)
        self._zip.close()
        return self._taken.take()

    def _begin(self, name: str) -> None:
        headings = [column.zh for column in self._table.columns]
        self._open(name, widths=[max(10, min(40, 2 * len(each) + 4)) for each in headings], is_frozen=True)
        self._put(_heading(headings))
        self._flush()

    def _open(self, name: str, *, widths: Sequence[int], is_frozen: bool = False) -> None:
        self._sheets.append(NOT_IN_A_SHEETS_NAME.sub(" ", name)[:31])
        self._sheet = self._zip.open(f"xl/worksheets/sheet{len(self._sheets)}.xml", "w")
        self._rows = self._bytes = 0
        self._write(SHEET_BEGINS.format(view=FROZEN if is_frozen else "", columns=_columns(widths)))

    def _put(self, row: str) -> None:
        self._write(row)
        self._rows += 1

    def _finish(self) -> None:
        if self._sheet is not None:
            self._write(SHEET_ENDS)
            self._flush()
            self._sheet.close()

    def _write(self, text: str) -> None:
        content = text.encode()
        self._bytes += len(content)
        self._written.append(content)

    def _flush(self) -> None:
        """A page at a time: the ZIP counts and compresses whatever it is given."""
        if self._sheet is not None:
            self._sheet.write(b"".join(self._written))
        self._written.clear()


# ── the parts' XML ──────────────────────────────────────────────────────────────────────────────────────────

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

SHEET_BEGINS: Final = (
    XML + f'<worksheet xmlns="{MAIN}">'
    "<sheetViews><sheetView workbookViewId='0'>{view}</sheetView></sheetViews>{columns}<sheetData>"
)
FROZEN: Final = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
SHEET_ENDS: Final = "</sheetData></worksheet>"
STYLES: Final = (
    XML + f'<styleSheet xmlns="{MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="等线"/></font>'
    '<font><b/><sz val="11"/><name val="等线"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    "<borders count='1'><border/></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def _named(name: str) -> Column:
    return Column(name, name)


def _columns(widths: Sequence[int]) -> str:
    told = (
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(widths, start=1)
    )
    return f"<cols>{''.join(told)}</cols>"


def _heading(words: Sequence[str]) -> str:
    style = f' s="{HEADING}"'
    return f"<row>{''.join([_text_cell(word, style) for word in words])}</row>"


def _row(cells: Sequence[Cell]) -> str:
    return f"<row>{''.join([_CELLS[type(cell)](cell) for cell in cells])}</row>"


def _text_cell(text: str, style: str = "") -> str:
    if not text:
        return "<c/>"
    if len(text) > MOST_CHARACTERS or NEEDS_CARE.search(text):
        text = _text(text)
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{text}</t></is></c>'


def _whole_cell(number: int) -> str:
    return f"<c><v>{number}</v></c>" if abs(number) < MOST_DIGITS else _text_cell(str(number))


def _moment_cell(moment: datetime) -> str:
    return f'<c s="{MOMENT}"><v>{_serial(moment):.9f}</v></c>'


def _day_cell(day: date) -> str:
    return f'<c s="{DAY}"><v>{(day - DAY_ZERO).days}</v></c>'


def _claim_cell(claim: bool) -> str:
    return f'<c t="b"><v>{claim:d}</v></c>'


_CELLS: Final[Mapping[type, Callable[[Any], str]]] = {
    NoneType: lambda _: "<c/>",
    str: _text_cell,
    bool: _claim_cell,
    int: _whole_cell,
    datetime: _moment_cell,
    date: _day_cell,
}
"""By the exact type of a cell, which `cells_of` sees to."""


def _serial(moment: datetime) -> float:
    """Days since Excel's day zero, in China's time."""
    local = moment.astimezone(CHINA)
    seconds = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1_000_000
    return (local.date() - DAY_ZERO).days + seconds / SECONDS_OF_A_DAY


def _text(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        cut = f"……（全文 {len(text)} 字，见 CSV 或 JSON lines / the whole in CSV or JSON lines）"
        text = text[: MOST_CHARACTERS - len(cut)] + cut
    text = LOOKS_ESCAPED.sub("_x005F_", text)
    return escape(NOT_XML.sub("�", text))


def _frame(sheets: Sequence[str]) -> dict[str, str]:
    """The parts that hold the sheets together, by their names in the package."""
    numbered = [(n, quoteattr(name)) for n, name in enumerate(sheets, start=1)]
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPE}.worksheet+xml"/>'
        for n, _ in numbered
    )
    named = "".join(f'<sheet name={name} sheetId="{n}" r:id="rId{n}"/>' for n, name in numbered)
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in numbered
    )
    styles = f'<Relationship Id="rId{len(sheets) + 1}" Type="{OFFICE}/styles" Target="styles.xml"/>'
    return {
        "xl/styles.xml": STYLES,
        "xl/workbook.xml": XML
        + f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": XML
        + f'<Relationships xmlns="{PACKAGE}/relationships">{related}{styles}</Relationships>',
        "_rels/.rels": XML
        + f'<Relationships xmlns="{PACKAGE}/relationships">'
        + f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": XML
        + f'<Types xmlns="{PACKAGE}/content-types">'
        + '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        + f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/>{types}</Types>',
    }
