"""The leaves of the log's tree, made from its rows. Nothing reads the states but the hash of their bytes."""

from datetime import datetime
from typing import Final

from psycopg.rows import TupleRow

from domain.loss import lost_leaf
from domain.proof.leaf import BATCHED_BYTES, SIGNATURE_BYTES, Leaf, SealedEvent
from domain.proof.signing import UNSIGNED
from domain.store.connecting import Readers

PORTION: Final = 4096


def leaf_of(row: TupleRow, origin: str) -> Leaf:
    """Of a row of the statement `leaves`."""
    position, stream, version, topic, occurred_at, recorded_at, digest, signature, lost = row
    if lost is not None and (leaf := leaf_left_of((position, stream, version, occurred_at), origin, lost)):
        return leaf
    event = SealedEvent(origin, stream, version, occurred_at, topic, digest)
    return Leaf(position, event, recorded_at, signature_in_leaf(signature))


def leaf_left_of(place: tuple[int, str, int, datetime], origin: str, state: bytes) -> Leaf | None:
    """The leaf that a lost event left, from the state of the row at that place; None: it is of another place."""
    leaf = lost_leaf(state)
    if leaf is None or leaf.event.county != origin:
        return None
    own = (leaf.position, leaf.event.stream, leaf.event.version, leaf.event.occurred_at)
    return leaf if own == place else None


def signature_in_leaf(stored: bytes | None) -> bytes:
    """What is no signature at all stands in the leaf as zero bytes."""
    length = 0 if stored is None else len(stored)
    return stored if stored and (length == SIGNATURE_BYTES or length in BATCHED_BYTES) else UNSIGNED


async def leaves_between(readers: Readers, origin: str, first: int, last: int) -> list[Leaf]:
    """The leaves of these positions, both included, as many of them as there are. Raises LogBusy."""
    leaves: list[Leaf] = []
    while first <= last:
        upto = min(last, first + PORTION - 1)
        rows = await readers.fetch("leaves", {"first": first, "last": upto})
        leaves.extend(leaf_of(row, origin) for row in rows)
        first = upto + 1
    return leaves
