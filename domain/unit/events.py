"""What can have happened to a unit."""

from typing import ClassVar

from domain.grammar import Code, Day, Fact, Prose
from domain.unit.values import Unit


class UnitRegistered(Fact):
    TOPIC: ClassVar[str] = "unit.registered.v1"
    LABEL: ClassVar[str] = "单位登记"

    unit: Unit


class UnitChanged(Fact):
    """The unit as it reads from now on."""

    TOPIC: ClassVar[str] = "unit.changed.v1"
    LABEL: ClassVar[str] = "单位变更"

    unit: Unit


class UnitClosed(Fact):
    TOPIC: ClassVar[str] = "unit.closed.v1"
    LABEL: ClassVar[str] = "单位撤销"

    unit_code: Code
    last_day: Day
    reason: Prose
