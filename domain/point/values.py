"""Village points 代办点: where agents take in papers for the hall."""

from domain.grammar import Code, Label
from domain.numbers import DivisionCode, SerialBlock
from domain.register import Tenure


class VillagePoint(Tenure):
    point_code: Code
    division_code: DivisionCode
    """行政区划 of the village."""
    title: Label
    hall_unit_code: Code
    """The township centre that the point hands in to."""
    is_acceptance_point: bool = False
    """授权受理点: papers given here start the legal clock."""
    serial_block: SerialBlock | None = None
    """Leading digits of the case serials that the point may give out offline; no other point of the division has them."""
