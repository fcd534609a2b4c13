"""The county's registers 登记簿: entries known by a code, valid from one day to another, naming each other.

What every register of master data asks of an entry, whichever it is.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, Protocol, Self, TypeVar

from pydantic import model_validator

from domain.grammar import Command, Day, Decision, Fact, Occasion, Rejected, Ruling, Value, settle


class Tenure(Value):
    """Something that holds on the days valid_from ≤ day ≤ valid_to; without valid_to: until further notice."""

    valid_from: Day
    valid_to: Day | None = None

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to must not lie before valid_from")
        return self

    def holds(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def overlaps(self, other: "Tenure") -> bool:
        """Whether some day belongs to both."""
        return _before(self.valid_from, other.valid_to) and _before(other.valid_from, self.valid_to)

    def covers(self, other: "Tenure") -> bool:
        """Whether every day of the other belongs to this one."""
        return self.valid_from <= other.valid_from and (
            self.valid_to is None or (other.valid_to is not None and other.valid_to <= self.valid_to)
        )


def _before(day: date, end: date | None) -> bool:
    return end is None or day <= end


T = TypeVar("T", bound=Tenure)


def ended(entry: T, last_day: date) -> T:
    """The entry as it reads once it ends: checked again, which `model_copy` alone would not do."""
    return entry.model_validate(entry.model_dump() | {"valid_to": last_day})


class RegisterCommand(Command, ABC):
    """A command about one entry of a register."""

    @property
    @abstractmethod
    def identity(self) -> str:
        """The entry's code: the second part of its stream id."""


class Units(Protocol):
    """The register of units, as far as an entry must know whether one exists."""

    def unit(self, unit_code: str, /) -> object | None: ...


class NotInRegister(Rejected):
    """The entry names a unit, window, post, member of staff, item or authorisation that is not registered."""

    ZH = "所引用的单位、窗口、岗位、人员、事项或授权尚未登记。"
    WANTED = "Register what is named first; `register` and `code` say which."
    WANTED_ZH = "请先登记所引用的对象（register 为登记簿，code 为编码）。"


class EntryEnded(Rejected):
    """The entry has ended and is not opened again; what comes after it has a code of its own."""

    ZH = "该登记已终止，不再恢复；后续应以新编码另行登记。"
    WANTED = "Repeat the recorded last day as valid_to, or register a new code."
    WANTED_ZH = "请写明已登记的终止日期，或使用新的编码。"


class EndsBeforeItBegins(Rejected):
    """The last day lies before the first."""

    ZH = "终止日期早于起始日期。"
    WANTED = "A last day on or after the first day; `begins` says which."
    WANTED_ZH = "终止日期应不早于起始日期（begins）。"


class NotYetRegistered(Rejected):
    """Nothing is registered under this code, so there is nothing to change or end."""

    ZH = "该编码尚未登记，无从变更或终止。"
    WANTED = "Register the code first."
    WANTED_ZH = "请先登记该编码。"


def ending(standing: Tenure | None, register: str, code: str, last_day: date, recorded: Fact) -> Ruling:
    """An entry ends with `recorded`; an end that stands already is not recorded again."""
    if standing is None:
        yield NotYetRegistered(register=register, code=code)
        return
    if last_day == standing.valid_to:
        return
    if last_day < standing.valid_from:
        yield EndsBeforeItBegins(begins=standing.valid_from.isoformat())
    yield recorded


KEEPERS: Final = frozenset({"catalogue_admin"})
"""The roles that keep the registers and amend them (model: 事项管理)."""


class RegisterKeptByOthers(Rejected):
    """The registers are kept by the catalogue's administrators."""

    ZH = "登记簿由事项管理人员维护，该岗位角色无权登记。"
    WANTED = "The same entry by a post of the role catalogue_admin."
    WANTED_ZH = "请由事项管理（catalogue_admin）岗位登记。"


def kept(ruling: Ruling, occasion: Occasion) -> Decision:
    """The decision on a ruling about an entry; raises the first objection, of which a wrong role is the very first."""
    if occasion.actor.role not in KEEPERS:
        raise RegisterKeptByOthers(role=occasion.actor.role)
    return Decision(*settle(ruling, occasion))


def exists(register: str, code: str, entry: object | None) -> Iterator[Rejected]:
    """An objection where the named entry is not registered."""
    if entry is None:
        yield NotInRegister(register=register, code=code)


def units_exist(codes: Iterable[str | None], registers: Units) -> Iterator[Rejected]:
    """An objection for each named unit that is not registered; None names nothing."""
    for code in codes:
        if code is not None:
            yield from exists("unit", code, registers.unit(code))
