"""What can have happened to a year's calendar."""

from typing import ClassVar

from domain.grammar import Fact, Prose
from domain.workdays.values import YearCalendar


class CalendarPublished(Fact):
    TOPIC: ClassVar[str] = "calendar.published.v1"
    LABEL: ClassVar[str] = "日历发布"

    calendar: YearCalendar


class CalendarAmended(Fact):
    """The year as it reads after a later notice."""

    TOPIC: ClassVar[str] = "calendar.amended.v1"
    LABEL: ClassVar[str] = "日历调整"

    calendar: YearCalendar
    reason: Prose
