"""Working calendars 工作日历: one stream for each year, `calendar:<year>`."""

from domain.grammar import Aggregate
from domain.register import KEEPERS
from domain.workdays.commands import decide
from domain.workdays.events import CalendarAmended, CalendarPublished
from domain.workdays.state import evolve
from domain.workdays.values import YearCalendar

CALENDAR: Aggregate[YearCalendar | None] = Aggregate(
    name="calendar",
    blank=None,
    decide=decide,
    evolve=evolve,
    facts=(CalendarPublished, CalendarAmended),
    amenders=KEEPERS,
)
