"""What the rules must remember of a person's day: at what they have looked."""

from dataclasses import dataclass, replace

from domain.grammar import Envelope, Fact
from domain.perusal.events import LOOKS


@dataclass(frozen=True, slots=True)
class Perusal:
    looks: frozenset[Fact] = frozenset()


def evolve(perusal: Perusal, fact: Fact, _: Envelope) -> Perusal:
    """Never refuses; a fact it does not know leaves it as it is."""
    return replace(perusal, looks=perusal.looks | {fact}) if isinstance(fact, LOOKS) else perusal
