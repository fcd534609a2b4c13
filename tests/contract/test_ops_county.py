"""A county whose database fails while a command works with it is told of in a sentence."""

import pytest

from domain.log import LogBusy, LogSetBack, NewerSchema, OutcomeUnknown, StorageFull
from ops.county import opened_store
from ops.failures import CannotDo
from tests.wires import a_wire_beside

BUSY = "The database did not answer in time; try again shortly. 数据库未及时答复，请稍后重试。"
SET_BACK = (
    "The database lacks records that were acknowledged; nothing is recorded until they are brought back."
    " 数据库中缺少已确认登记的记录，恢复之前不作登记。"
)
NEWER = (
    "A newer version of Jiandu has migrated the database and refuses this; use that version."
    " 数据库已由更新版本的程序升级并拒收，请使用该版本。"
)
FULL = "The storage under the database is full; free some and try again. 数据库所在存储空间已满，请腾出空间后重试。"
UNKNOWN = (
    "The database was lost while it recorded; look whether it did before you try again."
    " 登记时与数据库失去联系；重试前请先查明是否已登记。"
)


async def ask_of_one_that_is_cut_off(dsn):
    with a_wire_beside(dsn) as (wire, wired):
        async with opened_store(wired, "county", answer_within_seconds=1) as store:
            wire.cut()
            await store.events.last_position()


async def test_a_database_that_is_cut_off_is_told_in_a_sentence(database18):
    with pytest.raises(CannotDo) as told:
        await ask_of_one_that_is_cut_off(database18)
    assert str(told.value) == BUSY


async def fail(dsn, failure):
    async with opened_store(dsn, "county"):
        raise failure


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (LogBusy, BUSY),
        (LogSetBack, SET_BACK),
        (NewerSchema, NEWER),
        (StorageFull, FULL),
        (OutcomeUnknown, UNKNOWN),
    ],
    ids=["busy", "set back", "newer", "full", "unknown"],
)
async def test_each_failure_that_a_command_does_not_heed_has_its_sentence(database18, failure, sentence):
    with pytest.raises(CannotDo) as told:
        await fail(database18, failure)
    assert str(told.value) == sentence
