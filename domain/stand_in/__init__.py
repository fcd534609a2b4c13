"""Acting for another 代行: the B person of a post takes over, `takeover:<post_id>`; somebody is given what belongs to
another's post for a while, `delegation:<delegation_no>`. Who acts so without either is refused (`acting.py`).
"""

from typing import Final

from domain.grammar import Aggregate
from domain.stand_in import delegating, taking_over
from domain.stand_in.events import (
    BPostReleased,
    BPostTookOver,
    DelegationApproved,
    DelegationGranted,
    DelegationRevoked,
)
from domain.stand_in.state import DelegationState, evolve_delegation, evolve_takeovers
from domain.stand_in.values import Takeover

TAKEOVER: Final[Aggregate[tuple[Takeover, ...]]] = Aggregate(
    name="takeover",
    blank=(),
    decide=taking_over.decide,
    evolve=evolve_takeovers,
    facts=(BPostTookOver, BPostReleased),
    amenders=frozenset(),
)
DELEGATION: Final[Aggregate[DelegationState | None]] = Aggregate(
    name="delegation",
    blank=None,
    decide=delegating.decide,
    evolve=evolve_delegation,
    facts=(DelegationGranted, DelegationApproved, DelegationRevoked),
    amenders=frozenset(),
)
