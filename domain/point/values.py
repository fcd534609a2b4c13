"""Village points 代办点: where agents take in papers for the hall."""

from domain.grammar import Code, Day, Label, Value


class VillagePoint(Value):
    point_code: Code
    division_code: Code
    """行政区划 of the village, 12 digits."""
    title: Label
    hall_unit_code: Code
    """The township centre that the point hands in to."""
    is_acceptance_point: bool = False
    """授权受理点: papers given here start the legal clock."""
    serial_block: Code | None = None
    """Prefix of the case serials that the point may give out offline."""
    valid_from: Day
    valid_to: Day | None = None
