"""Units 单位: one stream each, `unit:<unit_code>`."""

from domain.grammar import Aggregate
from domain.register import KEEPERS
from domain.unit.commands import decide
from domain.unit.events import UnitChanged, UnitClosed, UnitRegistered
from domain.unit.state import evolve
from domain.unit.values import Unit

UNIT: Aggregate[Unit | None] = Aggregate(
    name="unit",
    blank=None,
    decide=decide,
    evolve=evolve,
    facts=(UnitRegistered, UnitChanged, UnitClosed),
    amenders=KEEPERS,
)
