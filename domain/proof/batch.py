"""签名批 signature batches: what is sent together is signed once, and each event still stands by itself.

    64 bytes                                                    the signature over an event's own `signed_bytes`
    64 bytes || index u16 || size u16 || path, 32 bytes a step   the signature over `statement(size, root)`

The root is that of the tree (RFC 9162, section 2.1) over what the `size` events of the batch would each have had signed. A
place in a batch says what was signed together, nothing of the log's order, nor that the others were recorded.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from domain.proof.leaf import BATCHED_BYTES, HASH_BYTES, SIGNATURE_BYTES
from domain.proof.tree import leaf_hash, node_hash
from domain.proof.verification import implied_root

STATEMENT: Final = b"jdbatch1\n"
MOST: Final = 256
"""So many events share a signature at most: the path of each then has eight steps at most."""
_PLACE: Final = struct.Struct(">HH")
_PATH_BEGINS: Final = SIGNATURE_BYTES + _PLACE.size

Sign = Callable[[bytes], bytes]
"""64 bytes over a message."""


class Claim(NamedTuple):
    """What somebody's key must have signed for a stored signature to hold."""

    message: bytes
    signature: bytes


def statement(size: int, root: bytes) -> bytes:
    """What is signed of a batch; begins otherwise than an event's own bytes."""
    return STATEMENT + size.to_bytes(2) + root


def signed_together(messages: Sequence[bytes], sign: Sign) -> list[bytes]:
    """A signature for each message; alone it is signed as it is, with others by the root over up to MOST of them."""
    return [
        signature
        for at in range(0, len(messages), MOST)
        for signature in _batch(messages[at : at + MOST], sign)
    ]


def claimed(message: bytes, stored: bytes) -> Claim | None:
    """What the stored signature of an event says was signed; None where it has the form of none."""
    if len(stored) == SIGNATURE_BYTES:
        return Claim(message, stored)
    if len(stored) not in BATCHED_BYTES:
        return None
    index, size = _PLACE.unpack_from(stored, SIGNATURE_BYTES)
    path = [stored[at : at + HASH_BYTES] for at in range(_PATH_BEGINS, len(stored), HASH_BYTES)]
    root = implied_root(leaf_hash(message), index, size, path, _node_hash)
    return Claim(statement(size, root), stored[:SIGNATURE_BYTES]) if root else None


_node_hash: Final = lru_cache(maxsize=4096)(node_hash)
"""Remembered: the ways up from the events of a batch meet."""


def _batch(messages: Sequence[bytes], sign: Sign) -> Iterator[bytes]:
    size = len(messages)
    if size == 1:
        yield sign(messages[0])
        return
    rows = _rows([leaf_hash(message) for message in messages])
    signature = sign(statement(size, rows[-1][0]))
    for index, path in enumerate(_paths(rows)):
        yield signature + _PLACE.pack(index, size) + path


def _rows(row: list[bytes]) -> list[list[bytes]]:
    """The tree row by row, the leaves first; what has nothing beside it goes up as it is."""
    rows = [row]
    while len(row) > 1:
        lone = row[-1:] if len(row) % 2 else []
        row = [*map(node_hash, row[:-1:2], row[1::2]), *lone]
        rows.append(row)
    return rows


def _paths(rows: list[list[bytes]]) -> list[bytes]:
    """Of each leaf the hashes beside its way up, lowest first."""
    paths = [b""]
    for row in reversed(rows[:-1]):
        beside = [row[index ^ 1] if index ^ 1 < len(row) else b"" for index in range(len(row))]
        paths = [beside[index] + paths[index >> 1] for index in range(len(row))]
    return paths
