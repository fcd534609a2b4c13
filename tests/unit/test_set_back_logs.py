"""Before anything is recorded: a log that ends before what was signed of it was set back, and nothing goes over the gap."""

import pytest

from domain.proof.leaf import HASH_BYTES
from ops.failures import CannotDo
from ops.seal_memory import Signed, memory_of
from ops.settings import Settings
from ops.witnesses.heeding import expect_whole


@pytest.fixture
def chosen(tmp_path):
    return Settings(keys_dir=tmp_path, witness_policy=None)


def ends_at(position):
    async def reach():
        return position

    return reach


async def test_a_log_that_was_signed_as_far_as_it_goes_may_be_recorded_in(chosen):
    memory_of(chosen).remember(Signed(5, bytes(HASH_BYTES)))
    await expect_whole(chosen, ends_at(5))


async def test_what_others_record_and_sign_meanwhile_is_no_gap(chosen):
    async def reach():
        memory_of(chosen).remember(Signed(6, bytes(HASH_BYTES)))
        return 5

    memory_of(chosen).remember(Signed(5, bytes(HASH_BYTES)))
    await expect_whole(chosen, reach)


async def test_a_log_that_ends_before_what_was_signed_may_not(chosen):
    memory_of(chosen).remember(Signed(5, bytes(HASH_BYTES)))
    with pytest.raises(CannotDo, match=r"ends at 4, but a tree of 5 was signed.*日志止于 4"):
        await expect_whole(chosen, ends_at(4))


@pytest.mark.parametrize("broken", [b"5 nothing\n", b"\xff\xfe\n"], ids=["no line of ours", "no text"])
async def test_a_memory_that_cannot_be_read_is_told_and_nothing_recorded(chosen, broken):
    memory_of(chosen).path.write_bytes(broken)
    with pytest.raises(CannotDo, match=r"cannot be read: .*Bring the file back.*无法读取"):
        await expect_whole(chosen, ends_at(5))
