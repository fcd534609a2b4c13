"""Laws of counting that hold for any dates, limits and pauses."""

from datetime import date, timedelta
from functools import reduce
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import ONE_DAY, DaySet, due, span, used
from domain.workdays.state import composed

CALENDAR = composed(())

days = st.dates(date(2008, 1, 1), date(2028, 12, 31))
limits = st.integers(0, 400)


@st.composite
def pauses(draw: st.DrawFn) -> list[tuple[date, date]]:
    starts = draw(st.lists(st.dates(date(2025, 6, 1), date(2027, 6, 1)), max_size=5))
    return [(start, start + timedelta(days=draw(st.integers(0, 90)))) for start in starts]


def union(pauses: list[tuple[date, date]]) -> DaySet:
    return reduce(DaySet.union, (span(*pause) for pause in pauses), DaySet())


near = st.dates(date(2025, 6, 1), date(2027, 6, 1))


@given(st.lists(days, min_size=2, max_size=8))
def test_counts_telescope_over_any_partition(cuts):
    cuts.sort()
    parts = sum(CALENDAR.count(a, b) for a, b in pairwise(cuts))
    assert parts == CALENDAR.count(cuts[0], cuts[-1])


@given(st.lists(near, min_size=2, max_size=8), pauses())
def test_net_time_telescopes_whatever_is_paused(cuts, paused):
    cuts.sort()
    excluded = union(paused)
    parts = sum(used(a, b, CALENDAR, excluded) for a, b in pairwise(cuts))
    assert parts == used(cuts[0], cuts[-1], CALENDAR, excluded)


@given(days, days)
def test_counting_is_the_size_of_the_set_between(a, b):
    between = CALENDAR.between(a, b)
    assert len(between) == CALENDAR.count(a, b)
    assert all(a < day <= b and CALENDAR.is_working(day) for day in between)


@given(near, near)
def test_the_count_agrees_with_looking_at_every_day(a, b):
    every_day = (a + ONE_DAY * n for n in range(1, (b - a).days + 1))
    assert CALENDAR.count(a, b) == sum(CALENDAR.is_working(day) for day in every_day)


@given(near, near, pauses())
def test_a_pause_told_twice_counts_once(a, b, paused):
    assert used(a, b, CALENDAR, union(paused + paused)) == used(a, b, CALENDAR, union(paused))


@given(near, near, pauses())
def test_pauses_never_take_away_more_than_there_is(a, b, paused):
    gross, net = CALENDAR.count(a, b), used(a, b, CALENDAR, union(paused))
    assert 0 <= net <= gross
    assert gross - net <= sum(CALENDAR.count(max(a, start), min(b, end)) for start, end in paused)


@given(near, st.integers(1, 120), pauses())
def test_the_limit_is_used_up_on_the_due_day_and_not_before(accepted, limit, paused):
    excluded = union(paused)
    last = due(accepted, limit, CALENDAR, excluded)
    assert used(accepted, last, CALENDAR, excluded) == limit
    assert used(accepted, last - ONE_DAY, CALENDAR, excluded) == limit - 1


@given(near, st.integers(0, 120), pauses())
def test_a_due_day_is_worked_and_not_paused_unless_nothing_is_allowed(accepted, limit, paused):
    excluded = union(paused)
    last = due(accepted, limit, CALENDAR, excluded)
    assert last == accepted if limit == 0 else CALENDAR.is_working(last) and last not in excluded


@given(near, st.integers(0, 60), st.integers(0, 60), pauses())
def test_an_extension_continues_the_limit(accepted, limit, extension, paused):
    excluded = union(paused)
    first = due(accepted, limit, CALENDAR, excluded)
    assert due(first, extension, CALENDAR, excluded) == due(accepted, limit + extension, CALENDAR, excluded)


@given(days, limits)
def test_adding_and_counting_are_inverse(day, n):
    assert CALENDAR.count(day, CALENDAR.add(day, n)) == n


@given(days, limits)
def test_going_back_undoes_going_forward_from_a_working_day(day, n):
    start = CALENDAR.add(day, 1)
    assert CALENDAR.add(CALENDAR.add(start, n), -n) == start


@given(days)
def test_every_day_is_within_the_calendar_and_knows_its_year(day):
    assert day.year in CALENDAR.years
    assert CALENDAR.is_provisional(day) == (day.year > 2026)
