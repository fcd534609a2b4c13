"""What the rules must remember of a person's day: at what they have looked."""

from dataclasses import dataclass, replace

from domain.grammar import Envelope, Fact
from domain.perusal.events import LOOKS


@dataclass(frozen=True, slots=True)
class Perusal:
    looks: frozenset[tuple[str | None, Fact]] = frozenset()
    """With the operator, where a command looked: whoever says another's name does not hide behind their looks."""


def evolve(perusal: Perusal, fact: Fact, envelope: Envelope) -> Perusal:
    """Never refuses; a fact it does not know leaves it as it is."""
    if not isinstance(fact, LOOKS):
        return perusal
    return replace(perusal, looks=perusal.looks | {(envelope.actor.operator, fact)})
