"""What the log lacks of what was signed: named from the copy of the leaves, each with its digest."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from domain.proof.leaf import Leaf
from domain.proof.tree import CompactRange, leaf_hash
from ops.failures import CannotDo
from ops.leaf_copy import LeafCopy
from ops.seal_memory import Signed


class Missing(NamedTuple):
    """The events behind the log's end, up to the largest tree that was signed."""

    signed: Signed
    leaves: list[Leaf]


def missing(copy: LeafCopy, signed: Signed, last_position: int) -> Missing:
    """Raises CannotDo where the copy is not that of the tree that was signed."""
    tree, leaves = CompactRange(), list[Leaf]()
    for position, told in enumerate(islice(copy.all(), signed.size), start=1):
        list(tree.append(leaf_hash(told)))
        if position > last_position:
            leaves.append(Leaf.from_bytes(told))
    if tree.size < signed.size or tree.root() != signed.root:
        raise CannotDo(
            f"{copy.path} does not hold the leaves of the signed tree of {signed.size}: it has {tree.size}, or others."
            f" {copy.path} 与已签署的树（{signed.size} 条）不符，无法列出缺失的记录。"
        )
    return Missing(signed, leaves)


def told(found: Missing) -> Iterator[str]:
    for leaf in found.leaves:
        event = leaf.event
        yield (
            f"{leaf.position} {event.stream} v{event.version} {leaf.recorded_at.isoformat()}"
            f" {event.topic} {event.state_hash.hex()}"
        )
