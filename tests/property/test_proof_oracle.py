"""Our tree against one that we did not write: the same roots at every size, the same proofs, each accepted by the other."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from domain.proof.growing import grow
from domain.proof.tiles import WIDTH
from domain.proof.tree import CompactRange, consistency_proof, inclusion_proof, leaf_hash, root_of
from domain.proof.verification import is_consistent

MOST = 600
"""More than two tiles."""


def entry(n):
    return b"leaf %d" % n


@cache
def theirs():
    tree = InmemoryTree(algorithm="sha256")
    for n in range(MOST):
        tree.append_entry(entry(n))
    return tree


@cache
def ours():
    """The roots of all full subtrees, by (height, index)."""
    tree, roots = CompactRange(), {}
    for n in range(MOST):
        for height, index, root in tree.append(leaf_hash(entry(n))):
            roots[height, index] = root
    return roots


def subtree(height, index):
    return ours()[height, index]


SIZES = st.integers(1, MOST)


def test_the_roots_agree_at_every_size():
    assert [root_of(size, subtree) for size in range(1, MOST + 1)] == [
        theirs().get_root(size) for size in range(1, MOST + 1)
    ]


@settings(max_examples=200)
@given(st.data())
def test_inclusion_proofs_agree_and_are_accepted_there(data):
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    proof = theirs().prove_inclusion(index + 1, size)
    own, root = leaf_hash(entry(index)), root_of(size, subtree)
    verify_inclusion(own, root, proof)
    assert [own, *inclusion_proof(index, size, subtree)] == proof.path


@settings(max_examples=200)
@given(st.data())
def test_consistency_proofs_are_accepted_by_the_other_side_both_ways(data):
    """Theirs have a shape of their own; what both agree on is the roots."""
    later = data.draw(SIZES)
    earlier = data.draw(st.integers(1, later))
    proof = theirs().prove_consistency(earlier, later)
    verify_consistency(root_of(earlier, subtree), root_of(later, subtree), proof)
    roots = theirs().get_root(earlier), theirs().get_root(later)
    own = consistency_proof(earlier, later, subtree)
    assert is_consistent(earlier, roots[0], later, roots[1], own)


@settings(max_examples=60)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=6))
def test_the_tiles_hold_the_same_hashes_however_the_tree_has_grown(steps):
    """Each level's hashes are the roots of the full subtrees of 256 to its power, in order."""
    tree, hashes_by_tile, leaves = CompactRange(), {}, iter(range(sum(steps)))
    for step in steps:
        for piece in grow(tree, [leaf_hash(entry(next(leaves))) for _ in range(step)]):
            standing = hashes_by_tile.setdefault((piece.level, piece.number), bytearray())
            assert len(standing) == piece.begins * 32
            standing.extend(piece.hashes)
    for (level, number), hashes in hashes_by_tile.items():
        for place in range(len(hashes) // 32):
            leaves_below = WIDTH**level
            index = number * WIDTH + place
            below = CompactRange()
            for n in range(index * leaves_below, (index + 1) * leaves_below):
                list(below.append(leaf_hash(entry(n))))
            assert hashes[place * 32 : place * 32 + 32] == below.root()
