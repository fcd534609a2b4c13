"""Working days as sets: pure arithmetic.

"Days" in 行政许可法 are working days (Art. 82). The first day is not counted (民法典 Art. 201), so every count is
over the half-open range `(after, upto]`; counts over neighbouring ranges add up exactly.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

DaySet = frozenset[date]
EMPTY: Final[DaySet] = frozenset()


class CalendarUnknown(Exception):  # noqa: N818  — the domain's word
    """The calendar reaches neither back nor forward far enough to answer."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days of some years, as one published version.

    `provisional_years` were not published by the State Council yet: Monday to Friday without the fixed-date
    holidays. An answer that touches them is provisional.
    """

    version: str
    days: tuple[date, ...]
    """All working days, ascending."""
    provisional_years: frozenset[int] = frozenset()
    _index: dict[date, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {day: n for n, day in enumerate(self.days)})
