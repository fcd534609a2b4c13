"""What can have happened to a village point."""

from typing import ClassVar

from domain.grammar import Code, Day, Fact, Prose
from domain.point.values import VillagePoint


class PointEstablished(Fact):
    TOPIC: ClassVar[str] = "point.established.v1"
    LABEL: ClassVar[str] = "代办点设立"

    point: VillagePoint


class PointChanged(Fact):
    """The point as it reads from now on."""

    TOPIC: ClassVar[str] = "point.changed.v1"
    LABEL: ClassVar[str] = "代办点变更"

    point: VillagePoint


class PointClosed(Fact):
    TOPIC: ClassVar[str] = "point.closed.v1"
    LABEL: ClassVar[str] = "代办点撤销"

    point_code: Code
    last_day: Day
    reason: Prose
