"""Checking proofs, written from the standard alone: it shares nothing with the code that makes them but the two hashes.

Source: RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from collections.abc import Callable, Sequence
from hmac import compare_digest

from domain.proof.tree import node_hash


def is_included(hashed: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf with this hash is number `index` of the tree with this size and root."""
    implied = implied_root(hashed, index, size, proof)
    return implied is not None and compare_digest(implied, root)


def implied_root(
    hashed: bytes,
    index: int,
    size: int,
    proof: Sequence[bytes],
    node: Callable[[bytes, bytes], bytes] = node_hash,
) -> bytes | None:
    """The root to which `proof` leads from there; None where a proof for that place has another length.

    `node`: the hash of two, for whoever has many proofs of one tree and remembers what they share.
    """
    if not 0 <= index < size:
        return None
    fn, sn, folded = index, size - 1, hashed
    for beside in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            folded = node(beside, folded)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            folded = node(folded, beside)
        fn, sn = fn >> 1, sn >> 1
    return folded if sn == 0 else None


def is_consistent(
    earlier: int, earlier_root: bytes, later: int, later_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the later tree begins with all of the earlier one; two equal trees need none."""
    if not 0 < earlier <= later:
        return False
    if earlier == later:
        return not proof and compare_digest(earlier_root, later_root)
    path = [earlier_root, *proof] if earlier.bit_count() == 1 else list(proof)
    if not path:
        return False
    fn, sn = _strip(earlier - 1, later - 1)
    before = after = path[0]
    for beside in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            before, after = node_hash(beside, before), node_hash(beside, after)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            after = node_hash(after, beside)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and compare_digest(before, earlier_root) and compare_digest(after, later_root)


def _strip(fn: int, sn: int) -> tuple[int, int]:
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn
