"""Into what a span of days is cut: each day in one period, the outer ones cut off."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.periods import Period

DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("period", "starts"),
    [
        (Period.day, ["2026-02-27", "2026-02-28", "2026-03-01"]),
        (Period.week, ["2026-02-27"]),
        (Period.month, ["2026-02-27", "2026-03-01"]),
        (Period.quarter, ["2026-02-27"]),
        (Period.year, ["2026-02-27"]),
        (Period.whole, ["2026-02-27"]),
    ],
)
def test_the_last_days_of_a_february_are_cut_so(period, starts):
    """From Friday, the 27th, to Sunday, 1 March."""
    cut = period.starts(date(2026, 2, 27), date(2026, 3, 1))
    assert [day.isoformat() for day in cut] == starts


def test_two_years_have_eight_quarters():
    starts = Period.quarter.starts(date(2025, 1, 1), date(2026, 12, 31))
    assert [(day.month, day.day) for day in starts] == [(1, 1), (4, 1), (7, 1), (10, 1)] * 2


def test_a_span_that_ends_before_it_begins_has_no_period():
    assert Period.month.starts(date(2026, 3, 2), date(2026, 3, 1)) == []


@given(
    first=DAYS, last=DAYS, period=st.sampled_from([Period.week, Period.month, Period.quarter, Period.year])
)
def test_whatever_the_span_each_period_begins_where_such_periods_begin(first, last, period):
    begun = {
        Period.week: lambda day: day.weekday() == 0,
        Period.month: lambda day: day.day == 1,
        Period.quarter: lambda day: day.day == 1 and day.month % 3 == 1,
        Period.year: lambda day: (day.month, day.day) == (1, 1),
    }[period]
    starts = period.starts(first, last)
    assert starts[:1] == [first] * (first <= last)
    assert all(map(begun, starts[1:]))
    longest = {Period.week: 7, Period.month: 31, Period.quarter: 92, Period.year: 366}[period]
    ends = [*starts[1:], last]
    assert all(0 <= (end - begin).days <= longest for begin, end in zip(starts, ends, strict=False))
