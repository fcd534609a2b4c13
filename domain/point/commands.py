"""What can be asked of a village point, and the rules."""

from collections.abc import Iterable
from typing import Literal, Protocol, assert_never

from domain.grammar import Code, Day, Decision, Occasion, Prose, Ruling
from domain.numbers import blocks_overlap, is_village
from domain.point.events import PointChanged, PointClosed, PointEstablished
from domain.point.rejections import PointOutsideVillages, SerialBlockTaken
from domain.point.values import VillagePoint
from domain.register import (
    EntryEnded,
    RegisterCommand,
    ending,
    kept,
    units_exist,
)


class Points(Protocol):
    """The registers a point's rules read."""

    def unit(self, unit_code: str, /) -> object | None: ...
    def points(self) -> Iterable[VillagePoint]: ...


class EstablishPoint(RegisterCommand):
    """Enters the point, or brings its entry up to date."""

    type: Literal["establish_point"] = "establish_point"
    point: VillagePoint

    @property
    def identity(self) -> str:
        return self.point.point_code


def establish_point(standing: VillagePoint | None, command: EstablishPoint, registers: Points) -> Ruling:
    point = command.point
    if point == standing:
        return
    if standing is not None and standing.valid_to is not None and point.valid_to is None:
        yield EntryEnded(code=point.point_code, last_day=standing.valid_to.isoformat())
    if not is_village(point.division_code):
        yield PointOutsideVillages(division_code=point.division_code)
    yield from units_exist([point.hall_unit_code], registers)
    if rival := _rival(point, registers):
        yield SerialBlockTaken(point_code=rival.point_code)
    yield PointEstablished(point=point) if standing is None else PointChanged(point=point)


def _rival(point: VillagePoint, registers: Points) -> VillagePoint | None:
    """Another point whose serials could be the same on some day."""
    for other in registers.points():
        shares_division = other.division_code == point.division_code and other.overlaps(point)
        if other.point_code != point.point_code and shares_division and _share_serials(other, point):
            return other
    return None


def _share_serials(one: VillagePoint, other: VillagePoint) -> bool:
    if one.serial_block is None or other.serial_block is None:
        return False
    return blocks_overlap(one.serial_block, other.serial_block)


class ClosePoint(RegisterCommand):
    """撤销: the point takes in papers until the end of its last day."""

    type: Literal["close_point"] = "close_point"
    point_code: Code
    last_day: Day
    reason: Prose

    @property
    def identity(self) -> str:
        return self.point_code


def close_point(standing: VillagePoint | None, command: ClosePoint) -> Ruling:
    recorded = PointClosed(point_code=command.point_code, last_day=command.last_day, reason=command.reason)
    return ending(standing, "point", command.point_code, command.last_day, recorded)


PointCommand = EstablishPoint | ClosePoint


def decide(
    standing: VillagePoint | None, command: PointCommand, occasion: Occasion, registers: Points
) -> Decision:
    return kept(_rule(standing, command, registers), occasion)


def _rule(standing: VillagePoint | None, command: PointCommand, registers: Points) -> Ruling:
    match command:
        case EstablishPoint():
            return establish_point(standing, command, registers)
        case ClosePoint():
            return close_point(standing, command)
        case _:
            assert_never(command)
