"""What can be asked of a unit, and the rules."""

from typing import Literal, Protocol, assert_never

from domain.grammar import Code, Day, Decision, Occasion, Prose, Ruling
from domain.register import (
    EntryEnded,
    RegisterCommand,
    ending,
    kept,
    units_exist,
)
from domain.unit.events import UnitChanged, UnitClosed, UnitRegistered
from domain.unit.rejections import UnitInsideItself
from domain.unit.values import Unit


class UnitTree(Protocol):
    """The register of units, each naming its parent."""

    def unit(self, unit_code: str, /) -> Unit | None: ...


class RegisterUnit(RegisterCommand):
    """Enters the unit, or brings its entry up to date."""

    type: Literal["register_unit"] = "register_unit"
    unit: Unit

    @property
    def identity(self) -> str:
        return self.unit.unit_code


def register_unit(standing: Unit | None, command: RegisterUnit, registers: UnitTree) -> Ruling:
    unit = command.unit
    if unit == standing:
        return
    if standing is not None and standing.valid_to is not None and unit.valid_to is None:
        yield EntryEnded(code=unit.unit_code, last_day=standing.valid_to.isoformat())
    yield from units_exist([unit.parent_code] if unit.parent_code != unit.unit_code else [], registers)
    if _is_below(unit.parent_code, unit.unit_code, registers):
        yield UnitInsideItself(code=unit.unit_code)
    yield UnitRegistered(unit=unit) if standing is None else UnitChanged(unit=unit)


def _is_below(code: str | None, ancestor: str, registers: UnitTree) -> bool:
    while code is not None:
        if code == ancestor:
            return True
        above = registers.unit(code)
        code = above.parent_code if above else None
    return False


class CloseUnit(RegisterCommand):
    """撤销: the unit exists until the end of its last day."""

    type: Literal["close_unit"] = "close_unit"
    unit_code: Code
    last_day: Day
    reason: Prose

    @property
    def identity(self) -> str:
        return self.unit_code


def close_unit(standing: Unit | None, command: CloseUnit) -> Ruling:
    recorded = UnitClosed(unit_code=command.unit_code, last_day=command.last_day, reason=command.reason)
    return ending(standing, "unit", command.unit_code, command.last_day, recorded)


UnitCommand = RegisterUnit | CloseUnit


def decide(standing: Unit | None, command: UnitCommand, occasion: Occasion, registers: UnitTree) -> Decision:
    return kept(_rule(standing, command, registers), occasion)


def _rule(standing: Unit | None, command: UnitCommand, registers: UnitTree) -> Ruling:
    match command:
        case RegisterUnit():
            return register_unit(standing, command, registers)
        case CloseUnit():
            return close_unit(standing, command)
        case _:
            assert_never(command)
