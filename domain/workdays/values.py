"""Working calendars 工作日历: one year's working days as the State Council's notice states them."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.calendar import ONE_DAY
from domain.grammar import Code, Day, Label, Value

Year = Annotated[int, Field(ge=2000, le=2099)]
SATURDAY = 6


class CalendarException(Value):
    """A day on which work does not follow the week, or a holiday by name."""

    day: Day
    is_working: bool
    label: Label | None = None


class YearCalendar(Value):
    """One version of a year: Monday to Friday are worked, but for the exceptions."""

    year: Year
    version: Code
    source: Label
    """The notice, as 国务院办公厅关于2026年部分节假日安排的通知."""
    published_on: Day | None = None
    is_provisional: bool = False
    """True until the State Council has published the year."""
    exceptions: Annotated[tuple[CalendarException, ...], Field(max_length=366)] = ()
    """Ascending by day."""

    @model_validator(mode="after")
    def _exceptions_are_days_of_the_year(self) -> Self:
        days = [exception.day for exception in self.exceptions]
        if days != sorted(set(days)):
            raise ValueError("exceptions must be in order of day, each day once")
        if any(day.year != self.year for day in days):
            raise ValueError("every exception must be a day of the year")
        return self

    def working_days(self) -> tuple[date, ...]:
        """All working days of the year, ascending."""
        told = {exception.day: exception.is_working for exception in self.exceptions}
        return tuple(day for day in _days(self.year) if told.get(day, day.isoweekday() < SATURDAY))


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + ONE_DAY * n for n in range((date(year + 1, 1, 1) - first).days)]
