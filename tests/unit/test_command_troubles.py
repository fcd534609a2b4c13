"""What stops a command: said in a sentence where the operator can put it right; a bug keeps its traceback."""

import pytest
from psycopg.errors import UndefinedTable
from pydantic import ValidationError

from domain.log import LogBusy, LogSetBack, NewerSchema, OutcomeUnknown, StorageFull
from ops.client import Answer
from ops.command import PROGRAMME, trouble_of


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


def test_an_answer_of_a_server_that_is_none_is_not_what_the_operator_gave():
    with pytest.raises(ValidationError) as strange:
        Answer.model_validate({"strange": 1})
    assert trouble_of(strange.value) is None
