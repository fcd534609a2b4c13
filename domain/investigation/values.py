"""An investigation's words 核查: how far it reaches, and how it can end."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from domain.grammar import Code, Value
from domain.numbers import DivisionCode, lies_within

NUMBER: Final = r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$"
InvestigationNo = Annotated[str, Field(pattern=NUMBER)]
"""立案编号: a code that can stand in an address."""
HoldNo = InvestigationNo
Codes = Annotated[tuple[Code, ...], Field(max_length=200)]


class Scope(Value):
    """核查范围: these cases, the cases that these persons had a part in, the cases of these divisions."""

    case_nos: Codes = ()
    persons: Codes = ()
    """Staff numbers or person references."""
    divisions: Annotated[tuple[DivisionCode, ...], Field(max_length=50)] = ()
    """A division stands for all that lies within it."""

    @property
    def is_empty(self) -> bool:
        return not (self.case_nos or self.persons or self.divisions)

    def reaches(self, case_no: str, involved: Iterable[str]) -> bool:
        """Whether the case belongs to it. `involved`: staff and persons who had a part in the case."""
        division = case_no[:12]
        return (
            case_no in self.case_nos
            or not set(self.persons).isdisjoint(involved)
            or any(lies_within(division, outer) for outer in self.divisions)
        )


class Result(StrEnum):
    """核查结论."""

    substantiated = "substantiated"  # 属实
    partly = "partly_substantiated"  # 部分属实
    unsubstantiated = "unsubstantiated"  # 不属实
    transferred = "transferred"  # 移送有权机关
