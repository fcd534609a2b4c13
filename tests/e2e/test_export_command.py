"""`jiandu export`, as an operator runs it on a county that nobody has served yet."""

import csv
import sqlite3
from contextlib import closing

import orjson
import pytest

from tests.serving import jiandu
from tests.templates import make_county
from tests.xml_tree import breaches, tree


@pytest.fixture
def county(database18):
    make_county(database18, "county")
    return database18


def run(database, *words):
    return jiandu("export", *words, settings={"JIANDU_DATABASE_URL": database})


def test_every_export_can_be_written_to_a_file(county, tmp_path):
    for words, name in (
        (("xes",), "cases.xes"),
        (("ocel",), "cases.json"),
        (("ocel", "--format", "sqlite"), "cases.sqlite"),
        (("exchange", "gbt39046-8", "--format", "csv"), "results.csv"),
    ):
        done = run(county, *words, "--out", str(tmp_path / name))
        assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {
        "cases.xes",
        "cases.json",
        "cases.sqlite",
        "results.csv",
    }
    assert list(breaches(tree((tmp_path / "cases.xes").read_bytes()))) == []
    assert orjson.loads((tmp_path / "cases.json").read_bytes())["objects"] == []
    with closing(sqlite3.connect(tmp_path / "cases.sqlite")) as connection:
        assert connection.execute("select count(*) from object").fetchone() == (0,)
    head, *_ = csv.reader((tmp_path / "results.csv").read_text(encoding="utf-8-sig").splitlines())
    assert head[:3] == ["办件编号", "办理人", "办结时间"]


def test_what_cannot_be_exported_is_said_and_leaves_the_file_as_it_was(county, tmp_path):
    out = tmp_path / "cases.xes"
    out.write_text("before")
    done = run(county, "xes", "--known-at", "2099-01-01T00:00:00+08:00", "--out", str(out))
    assert done.returncode == 1
    assert done.stderr.strip().endswith("。")
    assert out.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["cases.xes"]
