"""Case numbers 办件编号 for cases that are being opened: given ones are checked, others are given out."""

from datetime import date
from itertools import chain
from typing import Any

from api.door import Door
from api.refusals import Refusal
from api.refusals.record import (
    CaseNumberForeign,
    CaseNumberOfBlock,
    CaseNumberOutsideBlock,
    CaseNumberUnassignable,
)
from domain.case import CASE
from domain.case.agency.commands import EntrustAgent
from domain.catalogue import Catalogue
from domain.grammar import Actor, Command, local_day
from domain.numbers import CaseNumber, block_serials
from domain.unit import UNIT


async def expect_rightful(door: Door, action: Command, case_no: str) -> None:
    """A new case may bring a number that was its bringer's to give. A case that exists has its number already.

    Raises CaseNumberForeign, CaseNumberOutsideBlock, CaseNumberOfBlock.
    """
    if not door.shows(case_no):
        raise CaseNumberForeign
    objection = _objection(door, action, CaseNumber.parse(case_no))
    if objection is not None and not (await door.keeper.load(CASE, case_no)).version:
        raise objection


def _objection(door: Door, action: Command, number: CaseNumber) -> Refusal | None:
    catalogue = door.catalogue
    if number.day > local_day(door.clock()) or not _is_of_county(catalogue, number.division):
        return CaseNumberForeign()
    if isinstance(action, EntrustAgent):
        return None if _is_of_point(catalogue, number, action.point_code) else CaseNumberOutsideBlock()
    return CaseNumberOfBlock() if _is_of_some_block(catalogue, number) else None


def _is_of_county(catalogue: Catalogue, division: str) -> bool:
    places = chain(catalogue.entries(UNIT).values(), catalogue.points())
    return any(place.division_code == division for place in places)


def _is_of_point(catalogue: Catalogue, number: CaseNumber, point_code: str | None) -> bool:
    """Whether the point gives such numbers out; what no point is, is the rules' affair."""
    point = catalogue.point(point_code or "")
    if point is None:
        return True
    block = point.serial_block
    is_own = block is not None and number.serial in block_serials(block)
    return is_own and number.division == point.division_code


def _is_of_some_block(catalogue: Catalogue, number: CaseNumber) -> bool:
    return any(number.serial in block_serials(block) for block in catalogue.serial_blocks(number.division))


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
