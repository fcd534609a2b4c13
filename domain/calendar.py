"""Working days as sets: pure arithmetic.

"Days" in 行政许可法 are working days (Art. 82). The first day is not counted (民法典 Art. 201), so every count is
over the half-open range `(after, upto]`; counts over neighbouring ranges add up exactly.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

DaySet = frozenset[date]
EMPTY: Final[DaySet] = frozenset()
ONE_DAY: Final = timedelta(days=1)


class CalendarUnknown(Exception):  # noqa: N818  — the domain's word
    """The calendar reaches neither back nor forward far enough to answer."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days of some consecutive years, as one published version.

    `provisional_years` were not published by the State Council yet: Monday to Friday without the fixed-date
    holidays. An answer that touches them is provisional.
    """

    version: str
    days: tuple[date, ...]
    """All working days, ascending; at least one in every year from the first to the last."""
    provisional_years: frozenset[int] = frozenset()
    _set: DaySet = field(init=False, repr=False, compare=False)
    _first: date = field(init=False, repr=False, compare=False)
    _last: date = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.days:
            raise ValueError("a calendar has at least one working day")
        object.__setattr__(self, "_set", frozenset(self.days))
        object.__setattr__(self, "_first", date(self.days[0].year, 1, 1))
        object.__setattr__(self, "_last", date(self.days[-1].year, 12, 31))

    @property
    def years(self) -> range:
        return range(self._first.year, self._last.year + 1)

    def is_working(self, day: date) -> bool:
        """Raises CalendarUnknown outside the calendar's years, like everything below."""
        self._reach(day)
        return day in self._set

    def is_provisional(self, day: date) -> bool:
        """Whether the working days of the day's year may still change."""
        self._reach(day)
        return day.year in self.provisional_years

    def count(self, after: date, upto: date) -> int:
        """The number of working days d with after < d ≤ upto; 0 where `upto` is not later."""
        self._reach(after)
        self._reach(upto)
        return max(0, bisect_right(self.days, upto) - bisect_right(self.days, after))

    def between(self, after: date, upto: date) -> DaySet:
        """The working days d with after < d ≤ upto."""
        self._reach(after)
        self._reach(upto)
        return frozenset(self.days[bisect_right(self.days, after) : bisect_right(self.days, upto)])

    def among(self, days: DaySet, after: date, upto: date) -> int:
        """How many of `days` are working days d with after < d ≤ upto."""
        return sum(1 for day in days & self._set if after < day <= upto)

    def add(self, day: date, n: int) -> date:
        """The n-th working day after `day`, the day itself for 0, the n-th working day before it for -n."""
        self._reach(day)
        if n == 0:
            return day
        at = bisect_right(self.days, day) + n - 1 if n > 0 else bisect_left(self.days, day) + n
        if not 0 <= at < len(self.days):
            raise CalendarUnknown(f"{n} working days from {day} lie outside {self._first} to {self._last}")
        return self.days[at]

    def _reach(self, day: date) -> None:
        if not self._first <= day <= self._last:
            raise CalendarUnknown(f"{day} lies outside {self._first} to {self._last}")


def due(accepted: date, limit: int, calendar: WorkingDays, excluded: DaySet = EMPTY) -> date:
    """The last day to decide: the `limit`-th counted working day after `accepted`.

    The day of acceptance is day 0; days in `excluded` are not counted (行政许可法 Art. 45).
    Raises CalendarUnknown where `calendar` does not reach the answer.
    Source: 行政许可法 Art. 42, Art. 82 (days are working days).
    """
    day = calendar.add(accepted, limit)
    pushed = 0
    while excluded and (paused := calendar.among(excluded, accepted, day)) > pushed:
        # Pushing the day back may take in further excluded days; it settles at the first day that takes in none.
        pushed = paused
        day = calendar.add(accepted, limit + pushed)
    return day


def used(after: date, upto: date, calendar: WorkingDays, excluded: DaySet = EMPTY) -> int:
    """The counted working days d with after < d ≤ upto: the net time used by `upto`, model N(t)."""
    return calendar.count(after, upto) - (calendar.among(excluded, after, upto) if excluded else 0)


def span(after: date, upto: date) -> DaySet:
    """Every day d of the year with after < d ≤ upto; pauses are unions of spans, so an overlap counts once."""
    return frozenset(after + ONE_DAY * n for n in range(1, (upto - after).days + 1))
