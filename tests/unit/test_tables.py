"""表格: rows as CSV, XLSX and JSON lines, of any length, with an end by which a file that was cut off is known."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from domain.grammar import canonical
from domain.item.values import Kind
from projections.exports.tables import (
    Column,
    CsvWriter,
    JsonLinesWriter,
    Table,
    cells_of,
    columns_of,
    written,
)
from projections.exports.workbook import MOST_CHARACTERS, XlsxWriter


@dataclass(frozen=True)
class Share:
    numerator: int
    denominator: int


@dataclass(frozen=True)
class Line:
    case_no: str
    days: int | None
    on: date
    at: datetime
    is_late: bool
    kind: Kind
    marks: tuple[str, ...]
    on_time: Share | None


LINE = Line(
    case_no="61099910100020260303000017",
    days=-3,
    on=date(2026, 3, 4),
    at=datetime(2026, 3, 3, 16, 30, 5, tzinfo=UTC),
    is_late=True,
    kind=Kind.promised,
    marks=("P05", "P08"),
    on_time=Share(3, 4),
)
TABLE = Table.of("lines", "台账", Line)
WORDS = Table("words", "词", (Column("word", "词"), Column("n", "数")))
BASIS = {"mode": "live", "position": 7}


async def file_of(writer, *pages):
    async def given_pages():
        for page in pages:
            yield page

    return b"".join([chunk async for chunk in written(writer, given_pages(), BASIS)])


async def csv_of(table, *pages):
    content = (await file_of(CsvWriter(table), *pages)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline=""), strict=True))


async def workbook_of(table, *pages, **limits):
    return openpyxl.load_workbook(io.BytesIO(await file_of(XlsxWriter(table, **limits), *pages)))


def words(*said):
    return [{"word": word, "n": n} for n, word in enumerate(said)]


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_field_is_headed_by_its_word_and_a_part_by_both():
    columns = {column.key: column.zh for column in columns_of(Line)}
    assert columns["case_no"] == "办件编号"
    assert columns["on_time.numerator"] == "按时办结·分子"
    assert len(columns) == 9


def test_a_description_in_both_languages_heads_its_column():
    class Shown(BaseModel):
        done: int = Field(description="办结量 / cases done")
        note: str = ""

    assert columns_of(Shown, without={"note"}) == (Column("done", "办结量", "cases done"),)


def test_a_missing_part_leaves_its_columns_empty():
    row = {"on_time": None}
    assert cells_of(row, [Column("on_time.numerator", "分子")]) == [None]


def test_what_has_no_place_in_a_table_is_refused():
    with pytest.raises(TypeError, match="float"):
        cells_of({"rate": 0.5}, [Column("rate", "率")])


# ── CSV ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_csv_is_headed_in_chinese_and_tells_days_and_times_of_china():
    heading, row, _ = await csv_of(TABLE, [LINE])
    assert heading[0] == "办件编号"
    assert row == [
        "61099910100020260303000017",
        "-3",
        "2026-03-04",
        "2026-03-04T00:30:05+08:00",
        "是",
        "promised",
        "P05；P08",
        "3",
        "4",
    ]


async def test_csv_begins_with_the_mark_by_which_excel_knows_utf_8_and_ends_its_records_as_rfc_4180_says():
    content = await file_of(CsvWriter(WORDS), words("甲"))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == 3
    assert content.endswith(b"\r\n")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
async def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(begins):
    _, row, _ = await csv_of(WORDS, words(f'{begins}HYPERLINK("http://x","y")'))
    assert row == [f'\'{begins}HYPERLINK("http://x","y")', "0"]


async def test_a_number_below_zero_stays_a_number():
    _, row, _ = await csv_of(WORDS, [{"word": "x", "n": -5}])
    assert row == ["x", "-5"]


@given(texts=st.lists(st.text(alphabet=st.characters(codec="utf-8")), max_size=5))
async def test_whatever_a_text_holds_comes_back_out_of_the_csv(texts):
    _, *rows, _ = await csv_of(WORDS, words(*texts))
    assert [word.removeprefix("'") for word, _ in rows] == [text.removeprefix("'") for text in texts]
    assert all(len(row) == 2 for row in rows)


async def test_the_last_record_tells_rows_basis_and_the_digest_of_all_bytes_before_it():
    content = await file_of(CsvWriter(WORDS), words("a", "b"), words("c"))
    *before, last = content.splitlines(keepends=True)
    ((told, *padding),) = csv.reader([last.decode()])
    assert told.startswith(f"# 完 end rows=3 sha256={sha256(b''.join(before)).hexdigest()} basis=")
    assert padding == [""]
    basis = json.loads(told.partition("basis=")[2])
    rows_sha256 = sha256(canonical([*words("a", "b"), *words("c")])).hexdigest()
    assert basis == BASIS | {"rows_sha256": rows_sha256}


# ── JSON lines ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_each_line_is_a_row_and_the_last_one_tells_the_end():
    content = await file_of(JsonLinesWriter(TABLE), [LINE], [LINE])
    *lines, last = content.decode().splitlines()
    assert [json.loads(line)["on_time"] for line in lines] == [{"numerator": 3, "denominator": 4}] * 2
    end = json.loads(last)["end"]
    rows = "".join(f"{line}\n" for line in lines).encode()
    assert (end["rows"], end["sha256"]) == (2, sha256(rows).hexdigest())
    assert end["basis"]["position"] == 7


async def test_all_formats_tell_the_same_digest_of_the_rows():
    sheet = (await workbook_of(WORDS, words("甲", "乙")))["依据 basis"]
    in_workbook = dict(sheet.iter_rows(values_only=True))["rows_sha256"]
    (*_, (ending, _)) = await csv_of(WORDS, words("甲", "乙"))
    *_, last = (await file_of(JsonLinesWriter(WORDS), words("甲", "乙"))).splitlines()
    assert json.loads(ending.partition("basis=")[2])["rows_sha256"] == in_workbook
    assert json.loads(last)["end"]["basis"]["rows_sha256"] == in_workbook


async def test_no_rows_make_a_file_that_says_so():
    _, (ending, _) = await csv_of(WORDS)
    assert ending.startswith("# 完 end rows=0 ")
    assert json.loads(await file_of(JsonLinesWriter(WORDS)))["end"]["rows"] == 0
    assert list((await workbook_of(WORDS))["词"].iter_rows(values_only=True)) == [("词", "数")]


# ── XLSX ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_workbook_holds_numbers_days_and_times_as_excel_knows_them():
    sheet = (await workbook_of(TABLE, [LINE]))["台账"]
    row = next(sheet.iter_rows(min_row=2, values_only=True))
    assert row == (
        "61099910100020260303000017",
        -3,
        datetime.fromisoformat("2026-03-04"),
        datetime.fromisoformat("2026-03-04T00:30:05"),
        True,
        "promised",
        "P05；P08",
        3,
        4,
    )
    assert (sheet["C2"].number_format, sheet["D2"].number_format) == (
        "yyyy\\-mm\\-dd",
        "yyyy\\-mm\\-dd hh:mm:ss",
    )
    assert sheet["A1"].font.b
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("said", ["=1+1", "@SUM(A1)", "+8613", "-x"])
async def test_a_text_in_a_workbook_is_never_a_formula(said):
    sheet = (await workbook_of(WORDS, words(said)))["词"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == (said, "s")


@given(texts=st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"])), max_size=4))
async def test_whatever_a_text_holds_comes_back_out_of_the_workbook(texts):
    sheet = (await workbook_of(WORDS, words(*texts)))["词"]
    told = [word or "" for word, _ in sheet.iter_rows(min_row=2, values_only=True)]
    assert told == [text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd") for text in texts]


async def test_a_text_that_looks_like_an_escape_stays_what_it_is():
    sheet = (await workbook_of(WORDS, words("_x0041_")))["词"]
    assert openpyxl.utils.escape.unescape(sheet["A2"].value) == "_x0041_"


async def test_a_text_longer_than_a_cell_says_that_it_was_cut():
    sheet = (await workbook_of(WORDS, words("长" * 40_000)))["词"]
    assert len(sheet["A2"].value) == MOST_CHARACTERS
    assert "全文 40000 字" in sheet["A2"].value


async def test_what_is_too_long_for_one_sheet_goes_on_in_the_next():
    workbook = await workbook_of(WORDS, words("a", "b"), words("c", "d", "e"), most_rows=3)
    assert workbook.sheetnames == ["词", "词 2", "词 3", "依据 basis"]
    assert [sheet.max_row for sheet in workbook.worksheets[:3]] == [3, 3, 2]
    assert [sheet["A1"].value for sheet in workbook.worksheets[:3]] == ["词"] * 3
    assert dict(workbook["依据 basis"].iter_rows(values_only=True))["行数 rows"] == 5


async def test_a_number_beyond_excels_digits_is_written_as_text():
    sheet = (await workbook_of(WORDS, [{"word": "x", "n": 10**15}]))["词"]
    assert sheet["B2"].value == "1000000000000000"


# ── streaming ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("writer", [CsvWriter, JsonLinesWriter, XlsxWriter])
async def test_no_page_is_asked_for_before_the_one_before_it_was_taken(writer):
    asked = []

    async def pages():
        for n in range(1000):
            asked.append(n)
            yield words("甲" * 50, "乙" * 50)

    chunks = written(writer(WORDS), pages(), BASIS)
    for _ in range(4):
        await anext(chunks)
    await chunks.aclose()
    assert asked == [0, 1, 2]


async def test_the_workbook_leaves_as_it_is_written_and_nothing_of_it_is_kept():
    writer = XlsxWriter(WORDS)
    writer.head()
    page = [{"word": sha256(str(n).encode()).hexdigest(), "n": n} for n in range(5000)]
    sent = [len(writer.lines(page)) for _ in range(4)]
    assert min(sent) > 100_000
    assert writer._taken.take() == b""


@pytest.mark.parametrize("writer", [CsvWriter, JsonLinesWriter, XlsxWriter])
async def test_a_file_that_breaks_off_has_no_end(writer):
    async def pages():
        yield words("a")
        raise ConnectionError

    chunks = written(writer(WORDS), pages(), BASIS)
    content = await anext(chunks) + await anext(chunks)
    with pytest.raises(ConnectionError):
        await anext(chunks)
    assert "完".encode() not in content
    assert b'"end"' not in content
    assert b"PK\x05\x06" not in content
