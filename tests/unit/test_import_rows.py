"""Reading an event log: every broken row has its line and reason, and hides no other."""

import gzip
from pathlib import Path

import pytest

from ops.importing.rows import BrokenRow, CsvReader, FileUnreadable, Row
from ops.importing.xes import XesReader


def written(folder: Path, content: str | bytes, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path) -> list[tuple[int, object]]:
    return [
        (row.line, row.cells if isinstance(row, Row) else row.objection.code()) for row in CsvReader(path)
    ]


def test_rows_carry_the_line_on_which_they_begin(tmp_path):
    path = written(tmp_path, 'case,step\n1,"a\nb"\n\n2,c\n')
    assert read(path) == [(2, {"case": "1", "step": "a\nb"}), (5, {"case": "2", "step": "c"})]


def test_a_packed_file_is_told_by_its_bytes_not_by_its_name(tmp_path):
    path = written(tmp_path, gzip.compress(b"case,step\n1,a\n"))
    assert read(path) == [(2, {"case": "1", "step": "a"})]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    path = written(tmp_path, b"\xef\xbb\xbfcase,step\r\n1,a\r\n")
    assert read(path) == [(2, {"case": "1", "step": "a"})]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (b"1,a,b", "cell-count-wrong"),
        (b"1", "cell-count-wrong"),
        (b'1,"a', "quote-never-closed"),
        (b'1,"a"b', "quote-misplaced"),
        (b"1,\xff\xfe", "not-utf8"),
        (b"1,a\x00b", "control-character"),
        (b"1,a\x1bb", "control-character"),
        (b"1," + b"x" * 300_000, "record-too-long"),
    ],
)
def test_a_broken_row_is_named_by_line_and_its_neighbours_are_read(tmp_path, broken, code):
    path = written(tmp_path, b"case,step\n0,before\n" + broken + b"\n2,after\n")
    assert read(path) == [
        (2, {"case": "0", "step": "before"}),
        (3, code),
        (4, {"case": "2", "step": "after"}),
    ]


def test_a_quote_left_open_swallows_at_most_its_own_line(tmp_path):
    after = "".join(f"{n},x\n" for n in range(1000))
    path = written(tmp_path, 'case,step\n1,"a\n' + after)
    rows = read(path)
    assert rows[0] == (2, "quote-never-closed")
    assert len(rows) == 1001


@pytest.mark.parametrize("content", ["", "\n", "case,case\n1,2\n", "case,\n1,2\n", '"case\n'])
def test_a_file_without_a_proper_header_is_refused_as_a_whole(tmp_path, content):
    with pytest.raises(FileUnreadable):
        CsvReader(written(tmp_path, content)).columns()


def test_a_packed_file_that_breaks_off_says_after_which_line(tmp_path):
    packed = gzip.compress(b"case,step\n" + b"".join(b"%d,%d\n" % (n, n * 7919) for n in range(5000)))
    path = written(tmp_path, packed[: len(packed) // 2])
    with pytest.raises(FileUnreadable, match=r"after line \d+"):
        list(CsvReader(path))


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="unset"/></global>
  <trace>
    <string key="concept:name" value="case-1"/>
    <event>
      <string key="concept:name" value="Receipt"/>
      <date key="time:timestamp" value="2026-03-04T09:00:00.000+08:00"/>
    </event>
    <event>
      <string key="concept:name" value="T1 Check"><string key="nested" value="ignored"/></string>
    </event>
    <string key="channel" value="Desk"/>
  </trace>
</log>
"""


def test_xes_gives_the_columns_that_a_csv_export_has(tmp_path):
    rows = list(XesReader(written(tmp_path, XES, "log.xes")))
    assert [(row.line, row.cells) for row in rows] == [
        (
            7,
            {
                "case:concept:name": "case-1",
                "case:channel": "Desk",
                "concept:name": "Receipt",
                "time:timestamp": "2026-03-04T09:00:00.000+08:00",
            },
        ),
        (11, {"case:concept:name": "case-1", "case:channel": "Desk", "concept:name": "T1 Check"}),
    ]


def test_xes_that_breaks_in_the_middle_keeps_the_traces_before(tmp_path):
    broken = XES.replace("</log>", "<trace><event></trace></log>")
    *rows, last = list(XesReader(written(tmp_path, broken, "log.xes")))
    assert len(rows) == 2
    assert isinstance(last, BrokenRow)
    assert (last.line, last.objection.code()) == (16, "xml-broken")


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE log SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>',
    ],
)
def test_xes_with_a_document_type_is_refused(tmp_path, doctype):
    path = written(tmp_path, XES.replace("<log", f"{doctype}<log", 1), "log.xes")
    with pytest.raises(FileUnreadable, match="document type"):
        list(XesReader(path))


def test_xes_that_nests_without_end_is_refused(tmp_path):
    deep = "<log>" + "<list>" * 40 + "</list>" * 40 + "</log>"
    with pytest.raises(FileUnreadable, match="deeply"):
        list(XesReader(written(tmp_path, deep, "log.xes")))
