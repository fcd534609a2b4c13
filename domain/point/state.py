"""The state of a village point's stream is the point itself, or nothing."""

from domain.grammar import Envelope, Fact
from domain.point.events import PointChanged, PointClosed, PointEstablished
from domain.point.values import VillagePoint
from domain.register import ended


def evolve(point: VillagePoint | None, fact: Fact, _: Envelope) -> VillagePoint | None:
    match fact:
        case PointEstablished(point=entry) | PointChanged(point=entry):
            return entry
        case PointClosed(last_day=last_day) if point is not None:
            return ended(point, last_day)
        case _:
            return point
