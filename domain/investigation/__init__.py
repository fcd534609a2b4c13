"""Investigations 核查: one stream each, `investigation:<investigation_no>`; what is read under one stands in its stream."""

from typing import Final

from domain.grammar import Aggregate
from domain.investigation.commands import InvestigationAction, decide
from domain.investigation.events import (
    ConclusionRecorded,
    InvestigationOpened,
    LegalHoldPlaced,
    LegalHoldReleased,
    LegalHoldReleaseProposed,
)
from domain.investigation.state import Investigation, evolve
from domain.perusal.events import LOOKS

INVESTIGATION: Final[Aggregate[Investigation]] = Aggregate(
    name="investigation",
    blank=Investigation(),
    decide=decide,
    evolve=evolve,
    facts=(
        InvestigationOpened,
        LegalHoldPlaced,
        LegalHoldReleaseProposed,
        LegalHoldReleased,
        ConclusionRecorded,
        *LOOKS,
    ),
    amenders=frozenset(),
)

__all__ = ["INVESTIGATION", "Investigation", "InvestigationAction"]
