"""What the sealing worker remembers outside the database: the last tree that it signed, or nothing it can trust."""

import pytest

from ops.seal_memory import MemoryUnreadable, SealMemory, Signed


def test_the_memory_tells_what_was_signed_last(tmp_path):
    memory = SealMemory(tmp_path / "sealed")
    assert memory.last() is None
    for size in range(1, 2000):
        memory.remember(Signed(size, size.to_bytes(32)))
    assert memory.last() == Signed(1999, (1999).to_bytes(32))
    assert memory.path.stat().st_size < 1 << 17


def test_a_line_that_a_crash_cut_off_was_never_signed_for(tmp_path):
    memory = SealMemory(tmp_path / "sealed")
    memory.remember(Signed(1, bytes(32)))
    whole = memory.path.read_bytes()
    memory.path.write_bytes(whole + Signed(2, bytes(32)).line()[:20])
    assert memory.last() == Signed(1, bytes(32))
    memory.remember(Signed(3, bytes(32)))
    assert memory.path.read_bytes() == whole + Signed(3, bytes(32)).line()


@pytest.mark.parametrize("told", [b"nonsense\n", b"1 AAAA\n", b"\xff\n", b"0 " + b"A" * 43 + b"=\n"])
def test_a_memory_that_cannot_be_read_is_no_memory_of_nothing(tmp_path, told):
    (tmp_path / "sealed").write_bytes(told)
    with pytest.raises(MemoryUnreadable):
        SealMemory(tmp_path / "sealed").last()
