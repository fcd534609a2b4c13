"""What can be asked of a year's calendar, and the rules."""

from typing import Literal, assert_never

from domain.grammar import Decision, Occasion, Prose, Ruling
from domain.register import RegisterCommand, kept
from domain.workdays.events import CalendarAmended, CalendarPublished
from domain.workdays.rejections import (
    CalendarAlreadyPublished,
    CalendarAmendedToProvisional,
    CalendarNotPublished,
    CalendarVersionTaken,
)
from domain.workdays.values import YearCalendar


class PublishCalendar(RegisterCommand):
    """A year's calendar: provisional, or as the State Council published it, which replaces a provisional one."""

    type: Literal["publish_calendar"] = "publish_calendar"
    calendar: YearCalendar

    @property
    def identity(self) -> str:
        return str(self.calendar.year)


def publish_calendar(standing: YearCalendar | None, command: PublishCalendar) -> Ruling:
    if command.calendar == standing:
        return
    if standing is not None and not standing.is_provisional:
        yield CalendarAlreadyPublished(year=standing.year, version=standing.version)
    yield CalendarPublished(calendar=command.calendar)


class AmendCalendar(RegisterCommand):
    """A later notice changes a published year, as in 2019 for 劳动节."""

    type: Literal["amend_calendar"] = "amend_calendar"
    calendar: YearCalendar
    reason: Prose

    @property
    def identity(self) -> str:
        return str(self.calendar.year)


def amend_calendar(standing: YearCalendar | None, command: AmendCalendar) -> Ruling:
    if command.calendar == standing:
        return
    if standing is None:
        yield CalendarNotPublished(year=command.calendar.year)
        return
    if command.calendar.version == standing.version:
        yield CalendarVersionTaken(version=standing.version)
    if command.calendar.is_provisional and not standing.is_provisional:
        yield CalendarAmendedToProvisional(year=standing.year)
    yield CalendarAmended(calendar=command.calendar, reason=command.reason)


CalendarCommand = PublishCalendar | AmendCalendar


def decide(
    standing: YearCalendar | None, command: CalendarCommand, occasion: Occasion, _: object
) -> Decision:
    return kept(_rule(standing, command), occasion)


def _rule(standing: YearCalendar | None, command: CalendarCommand) -> Ruling:
    match command:
        case PublishCalendar():
            return publish_calendar(standing, command)
        case AmendCalendar():
            return amend_calendar(standing, command)
        case _:
            assert_never(command)
