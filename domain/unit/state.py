"""The state of a unit's stream is the unit itself, or nothing."""

from domain.grammar import Envelope, Fact
from domain.register import ended
from domain.unit.events import UnitChanged, UnitClosed, UnitRegistered
from domain.unit.values import Unit


def evolve(unit: Unit | None, fact: Fact, _: Envelope) -> Unit | None:
    match fact:
        case UnitRegistered(unit=entry) | UnitChanged(unit=entry):
            return entry
        case UnitClosed(last_day=last_day) if unit is not None:
            return ended(unit, last_day)
        case _:
            return unit
