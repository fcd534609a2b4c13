"""What stops a command: said in a sentence where the operator can put it right; a bug keeps its traceback."""

import errno
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from psycopg.errors import UndefinedTable
from pydantic import ValidationError

from domain.log import LogBusy, LogSetBack, NewerSchema, OutcomeUnknown, StorageFull
from ops.client import Answer
from ops.command import PROGRAMME, trouble_of
from tests.disks import a_disk_of


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (LogSetBack(), "缺少已确认登记的记录"),
        (NewerSchema(), "更新版本的程序"),
        (StorageFull(), "存储空间已满"),
        (OutcomeUnknown(), "查明是否已登记"),
        (LogBusy(), "没有该名称的日志"),
        (UndefinedTable(), "没有该名称的日志"),
    ],
)
def test_each_kind_of_busy_log_is_told_as_what_it_is(error, said):
    assert said in str(trouble_of(error))


def test_a_file_that_the_operator_named_is_said_and_one_of_the_programme_is_a_bug(tmp_path):
    assert "mine" in str(trouble_of(FileNotFoundError(2, "No such file", str(tmp_path / "mine"))))
    packaged = PROGRAMME / "domain" / "store" / "queries.sql"
    assert trouble_of(FileNotFoundError(2, "No such file", str(packaged))) is None
    assert trouble_of(ConnectionResetError()) is None


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
    ],
)
def test_a_disk_that_is_full_is_no_bug(error):
    assert "磁盘已满" in str(trouble_of(error))


def test_a_full_temporary_folder_is_no_bug(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", None)  # as where nothing was written there before
    with a_disk_of(0), pytest.raises(FileNotFoundError) as full, TemporaryDirectory():
        pass
    assert "磁盘已满" in str(trouble_of(full.value))


def test_a_database_of_an_export_that_finds_no_room_is_no_bug(tmp_path):
    with closing(sqlite3.connect(tmp_path / "cases.sqlite")) as made:
        made.execute("pragma max_page_count = 2")
        made.execute("create table t (c)")
        with pytest.raises(sqlite3.OperationalError) as full:
            made.execute("insert into t values (?)", ["c" * 9000])
        assert "磁盘已满" in str(trouble_of(full.value))
        with pytest.raises(sqlite3.OperationalError) as bug:
            made.execute("no statement")
    assert trouble_of(bug.value) is None


@pytest.mark.parametrize("words", ["version", "export exchange", "projections list", "admin --help"])
def test_an_output_that_is_full_is_said_in_a_sentence(words):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ops.command", *words.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (1, 2), done.stderr
    assert "磁盘已满或有故障，无法写入" in done.stderr


def test_who_leaves_before_the_end_is_no_bug():
    assert "读取输出的一方已关闭" in str(trouble_of(BrokenPipeError(errno.EPIPE, "Broken pipe")))


def test_an_answer_of_a_server_that_is_none_is_not_what_the_operator_gave():
    with pytest.raises(ValidationError) as strange:
        Answer.model_validate({"strange": 1})
    assert trouble_of(strange.value) is None
