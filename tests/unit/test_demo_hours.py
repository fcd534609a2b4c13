"""Demo moments fall into office hours of working days, and come later, never earlier."""

from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import WorkingDays
from domain.grammar import CHINA
from ops.demo.hours import OfficeHours

MARCH = WorkingDays(
    "march", tuple(day for n in range(365) if (day := date(2026, 1, 1) + timedelta(days=n)).weekday() < 5)
)
HOURS = OfficeHours(MARCH)


def is_open(moment: datetime) -> bool:
    local = moment.astimezone(CHINA).time()
    return time(8, 30) <= local < time(12, 1) or time(14) <= local < time(17, 31)


@settings(max_examples=200)
@given(seed=st.integers(0, 10_000), minutes=st.integers(0, 420), n=st.integers(0, 20))
def test_every_moment_lies_in_office_hours_of_a_working_day_and_after_its_cause(seed, minutes, n):
    chance = Random(seed)
    moment = HOURS.on(date(2026, 3, 4), chance)
    for then in (HOURS.later(moment, minutes), HOURS.days_later(moment, n, chance)):
        assert then > moment
        assert is_open(then)
        assert MARCH.is_working(then.date())


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2026-03-04T09:00+08:00", 30, "2026-03-04T09:30+08:00"),
        ("2026-03-04T11:50+08:00", 20, "2026-03-04T14:10+08:00"),
        ("2026-03-06T17:20+08:00", 20, "2026-03-09T08:40+08:00"),
    ],
)
def test_office_time_passes_over_noon_nights_and_weekends(start, minutes, expected):
    assert HOURS.later(datetime.fromisoformat(start), minutes) == datetime.fromisoformat(expected)


def test_n_working_days_later_is_counted_on_the_calendar():
    friday = datetime(2026, 3, 6, 16, 0, tzinfo=CHINA)
    assert HOURS.days_later(friday, 3, Random(1)).date() == date(2026, 3, 11)
