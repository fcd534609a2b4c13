"""The copy of the leaves outside the database, and what it names when the database was set back."""

import pytest

from domain.proof.tree import CompactRange, leaf_hash
from ops.failures import CannotDo
from ops.leaf_copy import LeafCopy
from ops.missing import missing, told
from ops.seal_memory import Signed
from tests.sealed import a_leaf, a_process

LEAVES = [a_leaf(position, a_process(1)) for position in range(1, 8)]


def signed(size):
    tree = CompactRange()
    for leaf in LEAVES[:size]:
        list(tree.append(leaf_hash(leaf.to_bytes())))
    return Signed(size, tree.root())


@pytest.fixture
def copy(tmp_path):
    written = LeafCopy(tmp_path / "county.leaves")
    written.extend(LEAVES[:3])
    written.extend(LEAVES[3:])
    return written


def test_leaves_come_back_as_they_were_written(copy):
    again = LeafCopy(copy.path)
    assert list(again.all()) == [leaf.to_bytes() for leaf in LEAVES]
    assert len(again) == 7


@pytest.mark.parametrize("cut", [1, 2, 100])
def test_a_last_leaf_that_was_cut_off_is_written_again(copy, cut):
    copy.path.write_bytes(copy.path.read_bytes()[:-cut])
    again = LeafCopy(copy.path)
    assert len(again) == 6
    again.extend(LEAVES[6:])
    assert list(LeafCopy(copy.path).all())[-1] == LEAVES[6].to_bytes()


def test_what_the_log_lacks_is_named_with_stream_version_time_and_digest(copy):
    first, second = told(missing(copy, signed(6), 4))
    assert first.startswith("5 note:1 v5 2026-03-03T04:00:00.123456+00:00 note.noted.v1 ")
    assert first.endswith(LEAVES[4].event.state_hash.hex())
    assert second.startswith("6 ")


def test_a_copy_of_another_tree_names_nothing(copy):
    with pytest.raises(CannotDo):
        missing(copy, Signed(6, bytes(32)), 4)
    with pytest.raises(CannotDo):
        missing(copy, Signed(9, bytes(32)), 4)
