"""Working days against the notice for 2026 and against answers that an investigator was given."""

from datetime import date

import pytest

from domain.calendar import CalendarUnknown, WorkingDays, due, span, used
from domain.workdays.state import composed

CALENDAR = composed(())


def day(month: int, of_month: int) -> date:
    return date(2026, month, of_month)


def days(month: int, *of_month: int) -> frozenset[date]:
    return frozenset(day(month, each) for each in of_month)


def test_the_year_2026_has_248_working_days():
    assert CALENDAR.count(date(2025, 12, 31), day(12, 31)) == 248


def test_each_month_of_2026_has_the_days_of_the_notice():
    by_month = [
        sum(working.month == month for working in CALENDAR.days if working.year == 2026)
        for month in range(1, 13)
    ]
    assert by_month == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]


@pytest.mark.parametrize("made_up", [day(1, 4), day(2, 14), day(2, 28), day(5, 9), day(9, 20), day(10, 10)])
def test_a_weekend_day_worked_in_exchange_is_a_working_day(made_up):
    assert CALENDAR.is_working(made_up)
    assert made_up.isoweekday() > 5


def test_the_national_holiday_is_not_worked():
    assert not any(CALENDAR.is_working(day(10, each)) for each in range(1, 8))


# ── who sat on it: accepted 3 March, promise 15, legal 20, survey 5 to 10 March, signed 20 March ────────────

SURVEY = span(day(3, 5), day(3, 10))


def test_the_window_and_the_station_share_thirteen_days():
    assert CALENDAR.count(day(3, 3), day(3, 20)) == 13
    assert CALENDAR.between(day(3, 3), day(3, 18)) == days(3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18)
    assert CALENDAR.between(day(3, 18), day(3, 20)) == days(3, 19, 20)


def test_a_survey_takes_three_days_out_of_the_count():
    assert used(day(3, 3), day(3, 20), CALENDAR, SURVEY) == 10


def test_a_survey_moves_promise_and_legal_limit():
    assert due(day(3, 3), 15, CALENDAR) == day(3, 24)
    assert due(day(3, 3), 15, CALENDAR, SURVEY) == day(3, 27)
    assert due(day(3, 3), 20, CALENDAR) == day(3, 31)
    assert due(day(3, 3), 20, CALENDAR, SURVEY) == day(4, 3)


def test_five_days_of_the_promise_remain_when_the_station_signs():
    assert used(day(3, 20), day(3, 27), CALENDAR, SURVEY) == 5


# ── the others ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_make_up_day_saves_a_case_from_a_false_overdue():
    assert CALENDAR.between(day(2, 12), day(2, 26)) == days(2, 13, 14, 24, 25, 26)
    assert due(day(2, 12), 5, CALENDAR) == day(2, 26)


def test_a_second_notice_does_not_move_the_acceptance():
    assert due(day(3, 6), 10, CALENDAR) == day(3, 20)
    assert used(day(3, 6), day(3, 23), CALENDAR) == 11
    assert due(day(3, 11), 10, CALENDAR) == day(3, 25)
    assert used(day(3, 11), day(3, 23), CALENDAR) == 8


def test_an_agent_over_qingming_is_one_day_late():
    assert CALENDAR.between(day(4, 3), day(4, 10)) == days(4, 7, 8, 9, 10)
    assert due(day(4, 3), 3, CALENDAR) == day(4, 9)
    assert CALENDAR.count(day(4, 3), day(4, 9)) == 3


def test_a_saturday_worked_for_labour_day_counts_in_a_promise():
    assert due(day(4, 27), 10, CALENDAR) == day(5, 13)
    assert used(day(4, 27), day(5, 8), CALENDAR) == 6
    assert CALENDAR.count(day(5, 8), day(5, 15)) == 6


def test_a_first_review_and_the_county_after_it_have_their_own_limits():
    assert due(day(4, 20), 20, CALENDAR) == day(5, 20)
    assert used(day(4, 20), day(5, 21), CALENDAR) == 21
    assert CALENDAR.count(day(5, 21), day(5, 25)) == 2
    assert due(day(5, 25), 20, CALENDAR) == day(6, 23)


def test_a_limit_beyond_the_published_years_is_answered_provisionally():
    answer = due(day(12, 10), 20, CALENDAR)
    assert answer == date(2027, 1, 8)
    assert CALENDAR.is_provisional(answer)
    assert not CALENDAR.is_provisional(day(12, 31))


def test_a_backfill_lags_by_the_days_between():
    assert CALENDAR.count(day(3, 31), day(4, 7)) == 4
    assert CALENDAR.count(day(3, 20), day(4, 8)) == 12


# ── edges ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_limit_of_no_days_ends_on_the_day_of_acceptance():
    assert due(day(5, 1), 0, CALENDAR) == day(5, 1)


def test_a_limit_begun_on_a_holiday_ends_as_if_begun_on_its_eve():
    assert due(day(10, 3), 1, CALENDAR) == day(10, 8) == due(date(2026, 9, 30), 1, CALENDAR)


def test_nothing_is_counted_backwards():
    assert CALENDAR.count(day(3, 20), day(3, 3)) == 0
    assert CALENDAR.between(day(3, 20), day(3, 3)) == frozenset()
    assert span(day(3, 20), day(3, 3)) == frozenset()


def test_overlapping_pauses_count_once():
    pauses = span(day(3, 5), day(3, 10)) | span(day(3, 9), day(3, 12))
    assert used(day(3, 3), day(3, 20), CALENDAR, pauses) == 13 - 5


@pytest.mark.parametrize("outside", [date(2003, 12, 31), date(2037, 1, 1)])
def test_a_day_outside_the_calendar_is_unknown(outside):
    for question in (CALENDAR.is_working, CALENDAR.is_provisional, lambda at: CALENDAR.add(at, 1)):
        with pytest.raises(CalendarUnknown):
            question(outside)
    with pytest.raises(CalendarUnknown):
        CALENDAR.count(min(outside, day(1, 1)), max(outside, day(1, 1)))


def test_a_limit_that_ends_outside_the_calendar_is_unknown():
    with pytest.raises(CalendarUnknown):
        due(date(2036, 12, 31), 1, CALENDAR)
    with pytest.raises(CalendarUnknown):
        CALENDAR.add(date(2004, 1, 2), -1)


def test_the_n_th_working_day_before_a_day_is_known_too():
    assert CALENDAR.add(day(5, 13), -3) == day(5, 9)
    assert CALENDAR.add(day(5, 6), -1) == day(4, 30)


def test_a_calendar_without_days_is_refused():
    with pytest.raises(ValueError, match="at least one working day"):
        WorkingDays(version="empty", days=())
