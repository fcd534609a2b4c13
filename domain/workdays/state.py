"""The state of a year's stream, and the calendar that all years make together."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from itertools import chain

from domain.calendar import WorkingDays
from domain.grammar import Envelope, Fact
from domain.workdays.events import CalendarAmended, CalendarPublished
from domain.workdays.seed import provisional_year, shipped
from domain.workdays.values import YearCalendar


def evolve(calendar: YearCalendar | None, fact: Fact, _: Envelope) -> YearCalendar | None:
    match fact:
        case CalendarPublished(calendar=entry) | CalendarAmended(calendar=entry):
            return entry
        case _:
            return calendar


def composed(county: Iterable[YearCalendar]) -> WorkingDays:
    """The county's own years over the shipped ones; a year between them that nobody published is provisional."""
    years = shipped() | {calendar.year: calendar for calendar in county}
    every = {year: years.get(year) or provisional_year(year) for year in range(min(years), max(years) + 1)}
    return _together(tuple(every.values()))


@lru_cache(maxsize=16)  # every change of the catalogue asks again, and years hardly ever change
def _together(every: tuple[YearCalendar, ...]) -> WorkingDays:
    provisional = frozenset(calendar.year for calendar in every if calendar.is_provisional)
    days = tuple(chain.from_iterable(calendar.working_days() for calendar in every))
    return WorkingDays(
        version=_version({calendar.year: calendar for calendar in every}),
        days=days,
        provisional_years=provisional,
    )


def _version(years: Mapping[int, YearCalendar]) -> str:
    """Named by content, so that equal calendars have one version wherever and in whatever order they were published:
    the last year that is not provisional, and 12 hexadecimal digits of SHA-256 over all years."""
    digest = sha256()
    for year, calendar in years.items():
        digest.update(f"{year} {calendar.is_provisional}".encode())
        digest.update(" ".join(day.isoformat() for day in calendar.working_days()).encode())
    published = max((year for year, calendar in years.items() if not calendar.is_provisional), default=0)
    return f"{published}-{digest.hexdigest()[:12]}"
