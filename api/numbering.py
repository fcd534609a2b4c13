"""Case numbers 办件编号 for cases that are being opened: given ones are checked, others are given out."""

from datetime import date
from typing import Any

from api.door import Door
from api.refusals import CaseNumberOutsideBlock, CaseNumberUnassignable
from domain.grammar import Actor, Command
from domain.numbers import CaseNumber, block_serials


def expect_in_block(door: Door, action: Command, case_no: str) -> None:
    """A number that a village point gave out offline lies within the point's block of serials.

    Raises CaseNumberOutsideBlock.
    """
    point = door.catalogue.point(getattr(action, "point_code", None) or "")
    if point is None or point.serial_block is None:
        return
    number = CaseNumber.parse(case_no)
    if number.division != point.division_code or number.serial not in block_serials(point.serial_block):
        raise CaseNumberOutsideBlock


async def next_case_no(door: Door, actor: Actor, action: Command, day: date) -> str:
    """Raises CaseNumberUnassignable where nothing says in which division the case is opened."""
    division = _division(door, actor, action, day)
    if division is None:
        raise CaseNumberUnassignable
    return str(CaseNumber(division, day, await door.serials.next(division, day)))


def _division(door: Door, actor: Actor, action: Any, day: date) -> str | None:
    """Where the case is opened: at the village point, else at the actor's unit, else where the item is handled."""
    catalogue = door.catalogue
    point = catalogue.point(getattr(action, "point_code", None) or "")
    if point is not None:
        return point.division_code
    item = catalogue.item(getattr(action, "item_code", ""), day)
    unit = catalogue.unit(actor.unit_code or (item.unit_code if item else ""))
    return unit.division_code if unit else None
