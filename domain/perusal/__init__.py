"""Perusals 查阅: who looked into what, one stream for a person and a day, `perusal:<staff_id>/<day>`.

A look is recorded before it is answered. The same look of the same person on the same day is one event.
"""

from datetime import date
from typing import Final

from domain.grammar import Aggregate
from domain.perusal.commands import PerusalAction, decide
from domain.perusal.events import LOOKS
from domain.perusal.state import Perusal, evolve

PERUSAL: Final[Aggregate[Perusal]] = Aggregate(
    name="perusal",
    blank=Perusal(),
    decide=decide,
    evolve=evolve,
    facts=LOOKS,
    amenders=frozenset(),
)


def identity_of(staff_id: str, day: date) -> str:
    """Whose looks of which day."""
    return f"{staff_id}/{day.isoformat()}"


__all__ = ["PERUSAL", "Perusal", "PerusalAction", "identity_of"]
