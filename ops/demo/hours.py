"""When things happen in a township hall: working days, half past eight to twelve and two to half past five."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from domain.calendar import WorkingDays
from domain.grammar import CHINA

MORNING: Final = (time(8, 30), time(12, 0))
AFTERNOON: Final = (time(14, 0), time(17, 30))
MINUTES_A_DAY: Final = 420


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Moments within the hall's hours on working days; `chance` decides, never the clock."""

    calendar: WorkingDays

    def on(self, day: date, chance: Random) -> datetime:
        """Some moment on the day, which need not be a working one."""
        return self._at(day, chance.randrange(MINUTES_A_DAY), chance.randrange(60))

    def days_later(self, moment: datetime, working_days: int, chance: Random) -> datetime:
        """Some moment on the n-th working day after `moment`, later the same day for 0."""
        if working_days == 0:
            return self.later(moment, chance.randrange(10, 90))
        return self.on(self.calendar.add(moment.astimezone(CHINA).date(), working_days), chance)

    def later(self, moment: datetime, minutes: int) -> datetime:
        """So many minutes later, going on the next working morning where the hall has closed before."""
        local = moment.astimezone(CHINA)
        worked = _minutes_into(local.time()) + minutes
        if worked < MINUTES_A_DAY and self.calendar.is_working(local.date()):
            return max(self._at(local.date(), worked, local.second), local + timedelta(seconds=1))
        left = max(0, worked - MINUTES_A_DAY) % MINUTES_A_DAY
        return self._at(self.calendar.add(local.date(), 1), left, local.second)

    @staticmethod
    def _at(day: date, minutes: int, second: int) -> datetime:
        opens, _ = MORNING
        half = _length(*MORNING)
        if minutes >= half:
            opens, minutes = AFTERNOON[0], minutes - half
        return datetime.combine(day, opens, CHINA) + timedelta(minutes=minutes, seconds=second)


def _length(begin: time, end: time) -> int:
    return (end.hour - begin.hour) * 60 + end.minute - begin.minute


def _minutes_into(now: time) -> int:
    """Minutes of office time before `now`."""
    before_noon = min(max(_length(MORNING[0], now), 0), _length(*MORNING))
    return before_noon + min(max(_length(AFTERNOON[0], now), 0), _length(*AFTERNOON))
