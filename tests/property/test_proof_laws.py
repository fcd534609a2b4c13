"""Every proof that is made holds, and holds for nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.proof.heads import Head, Heads, is_head, proofs_among
from domain.proof.tiles import HEIGHT, WIDTH, fold, place_of
from domain.proof.tree import (
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
)
from domain.proof.verification import is_consistent, is_included

MOST = 700

# The vectors of Certificate Transparency's reference implementation: these leaves, in order, and the roots of the
# trees of the first one, two, … of them.
REFERENCE_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_reference_trees_have_the_reference_roots():
    tree = CompactRange()
    for leaf, root in zip(REFERENCE_LEAVES, REFERENCE_ROOTS, strict=True):
        list(tree.append(leaf_hash(leaf)))
        assert tree.root().hex() == root


def plainly(hashes):
    """The root straight from the standard's recursive definition: the oracle."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(plainly(hashes[:split]), plainly(hashes[split:]))


def grown(size):
    """The subtrees of a tree of that many leaves."""
    tree, kept = CompactRange(), {}
    for n in range(size):
        for height, index, root in tree.append(leaf_hash(str(n).encode())):
            kept[height, index] = root
    return tree, kept, lambda height, index: kept[height, index]


TREE, KEPT, SUBTREE = grown(MOST)
LEAVES = [KEPT[0, n] for n in range(MOST)]
SIZES = st.integers(1, MOST)


@given(SIZES)
def test_the_compact_range_folds_to_the_definition(size):
    assert root_of(size, SUBTREE) == plainly(LEAVES[:size])


@given(SIZES.flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_every_leaf_is_shown_to_be_in_its_tree_and_nowhere_else(place):
    size, index = place
    proof, root = inclusion_proof(index, size, SUBTREE), root_of(size, SUBTREE)
    assert is_included(LEAVES[index], index, size, proof, root)
    assert not is_included(LEAVES[index], (index + 1) % size, size, proof, root) or size == 1
    assert not is_included(sha256(LEAVES[index]).digest(), index, size, proof, root)
    assert not is_included(LEAVES[index], index, size, [*proof, root], root)


@given(SIZES.flatmap(lambda later: st.tuples(st.integers(1, later), st.just(later))))
def test_every_earlier_tree_is_shown_to_begin_the_later(pair):
    earlier, later = pair
    proof = consistency_proof(earlier, later, SUBTREE)
    roots = root_of(earlier, SUBTREE), root_of(later, SUBTREE)
    assert is_consistent(earlier, roots[0], later, roots[1], proof)
    assert not is_consistent(earlier, sha256(roots[0]).digest(), later, roots[1], proof)
    assert not is_consistent(earlier, roots[0], later, sha256(roots[1]).digest(), proof)
    assert not is_consistent(earlier, roots[0], later, roots[1], [*proof, roots[0]])


@settings(max_examples=300)
@given(SIZES.flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))), st.data())
def test_a_proof_with_one_bit_turned_shows_nothing(place, data):
    size, index = place
    proof = inclusion_proof(index, size, SUBTREE)
    if not proof:
        return
    at = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    turned = bytearray(proof[at])
    turned[bit // 8] ^= 1 << bit % 8
    broken = [*proof[:at], bytes(turned), *proof[at + 1 :]]
    assert not is_included(LEAVES[index], index, size, broken, root_of(size, SUBTREE))


@given(st.sampled_from(sorted(KEPT)))
def test_every_full_subtree_can_be_folded_from_its_tile(node):
    height, index = node
    level, tile, first, count = place_of(height, index)
    row = [KEPT[level * HEIGHT, tile * WIDTH + first + n] for n in range(count)]
    assert fold(b"".join(row)) == KEPT[node]


HEADS = st.dictionaries(
    st.sampled_from([f"case:{n}" for n in range(60)]), st.integers(1, 5), min_size=1, max_size=40
).map(
    lambda told: [
        Head(stream, version, sha256(bytes([version])).digest()) for stream, version in told.items()
    ]
)


def mapped(heads):
    heads_map = Heads({})
    for head in heads:
        heads_map.put(head)
    return heads_map


@given(HEADS, st.randoms())
def test_one_set_of_heads_has_one_root_whatever_came_first(heads, random):
    shuffled = [Head(head.stream, version, bytes(32)) for head in heads for version in range(head.version)]
    random.shuffle(shuffled)
    assert mapped([*shuffled, *heads]).root() == mapped(heads).root()


@given(HEADS)
def test_the_proofs_out_of_all_heads_are_those_of_the_map(heads):
    heads_map, streams = mapped(heads), [head.stream for head in heads]
    assert proofs_among(heads, streams) == [heads_map.proof(stream) for stream in streams]
    with pytest.raises(KeyError):
        proofs_among(heads, ["case:none"])


@given(HEADS)
def test_a_head_is_shown_and_an_older_one_is_not(heads):
    heads_map = mapped(heads)
    for head in heads:
        proof = heads_map.proof(head.stream)
        assert is_head(head, proof, heads_map.root())
        assert not is_head(Head(head.stream, head.version - 1, head.leaf_hash), proof, heads_map.root())
        assert not is_head(Head(head.stream + "x", head.version, head.leaf_hash), proof, heads_map.root())
        assert not is_head(head, [*proof, bytes(32)], heads_map.root())
