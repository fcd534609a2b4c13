"""期间: into what a span of days is cut, so that figures can be told period by period."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Period(StrEnum):
    """Into what the days from first to last are cut; the outer ones may be cut off."""

    day = "day"
    week = "week"
    month = "month"
    quarter = "quarter"
    year = "year"
    whole = "whole"

    def starts(self, first: date, last: date) -> list[date]:
        """The first day of each period that has a day of `first` to `last`, ascending; the first period's is `first`."""
        days = [first] if first <= last else []
        while days and self is not Period.whole and (following := self._behind(days[-1])) <= last:
            days.append(following)
        return days

    def _behind(self, day: date) -> date:
        """The first day behind the period in which the day lies."""
        match self:
            case Period.week:
                return day + timedelta(days=7 - day.weekday())
            case Period.month:
                return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
            case Period.quarter:
                return (date(day.year, day.month - (day.month - 1) % 3, 1) + timedelta(days=92)).replace(
                    day=1
                )
            case Period.year:
                return date(day.year + 1, 1, 1)
            case _:
                return day + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` to `last`, told period by period."""

    first: date
    last: date
    period: Period = Period.whole

    def parameters(self) -> dict[str, object]:
        """As the statements name them: the two days, and the first day of each period."""
        starts = self.period.starts(self.first, self.last)
        return {"first": self.first, "last": self.last, "starts": starts}
