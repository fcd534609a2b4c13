"""Village points 代办点: one stream each, `point:<point_code>`."""

from domain.grammar import Aggregate
from domain.point.commands import decide
from domain.point.events import PointChanged, PointClosed, PointEstablished
from domain.point.state import evolve
from domain.point.values import VillagePoint
from domain.register import KEEPERS

POINT: Aggregate[VillagePoint | None] = Aggregate(
    name="point",
    blank=None,
    decide=decide,
    evolve=evolve,
    facts=(PointEstablished, PointChanged, PointClosed),
    amenders=KEEPERS,
)
