"""存证 attestation: what the log says of itself: its keys, its case heads, what witnesses saw of it. Not of any case.

Nobody amends it: a statement about the tree that was wrong is followed by a right one.
"""

from typing import Any, Final

from domain.attestation.commands import decide_heads, decide_keys, decide_witnessed
from domain.attestation.events import (
    CaseHeadsRooted,
    CheckpointCosigned,
    LogKeyAdded,
    LogKeyRetired,
    ProcessKeyAdded,
    ProcessKeyRetired,
    RecoveryStated,
    UnsealedLossStated,
    UnsignedEventsAdopted,
)
from domain.attestation.state import Keys, Seen, evolve_keys, evolve_size
from domain.grammar import Aggregate

NOBODY: Final = frozenset[str]()

KEYS: Final[Aggregate[Keys]] = Aggregate(
    name="keys",
    blank=Keys(),
    decide=decide_keys,
    evolve=evolve_keys,
    facts=(
        ProcessKeyAdded,
        ProcessKeyRetired,
        LogKeyAdded,
        LogKeyRetired,
        UnsignedEventsAdopted,
        RecoveryStated,
        UnsealedLossStated,
    ),
    amenders=NOBODY,
)
"""钥匙: one stream, `keys:county`."""

HEADS: Final[Aggregate[Seen]] = Aggregate(
    name="heads",
    blank=Seen(),
    decide=decide_heads,
    evolve=evolve_size,
    facts=(CaseHeadsRooted,),
    amenders=NOBODY,
)
"""案头: one stream, `heads:county`."""

COSIGNATURES: Final[Aggregate[Seen]] = Aggregate(
    name="cosignatures",
    blank=Seen(),
    decide=decide_witnessed,
    evolve=evolve_size,
    facts=(CheckpointCosigned,),
    amenders=NOBODY,
)
"""见证: one stream, `cosignatures:county`."""

COUNTY: Final = "county"
"""The identity of each of them: a county has one."""

ATTESTATIONS: Final[tuple[Aggregate[Any], ...]] = (KEYS, HEADS, COSIGNATURES)
