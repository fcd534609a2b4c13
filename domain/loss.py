"""失 loss: an event of which a lossy restore left the leaf and nothing else.

The leaf, kept outside the database, tells stream, version, times, topic and the hash of what was said. It stands on at its
position, so that the tree is what it was; what was said is gone, and no rule and no view takes account of it.
"""

import json
from base64 import b64decode, b64encode
from typing import Annotated, ClassVar, Self

from pydantic import Field

from domain.grammar import Fact
from domain.proof.leaf import Leaf, MalformedLeaf


class EventLost(Fact):
    TOPIC: ClassVar[str] = "event.lost.v1"
    LABEL: ClassVar[str] = "记录已失"

    topic: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.:-]*$", max_length=200)]
    """What kind of event it was."""
    leaf: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=10_000)]
    """The leaf as it was sealed, base64."""

    @classmethod
    def of(cls, leaf: Leaf) -> Self:
        return cls(topic=leaf.event.topic, leaf=b64encode(leaf.to_bytes()).decode())


def lost_leaf(state: bytes) -> Leaf | None:
    """The leaf that the stored state of an EventLost holds; None where it holds none."""
    try:
        return Leaf.from_bytes(b64decode(json.loads(state)["fact"]["leaf"], validate=True))
    except (ValueError, KeyError, TypeError, MalformedLeaf):
        return None
