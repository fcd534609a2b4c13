"""Working calendars 工作日历: published by the year, amended with a reason, provisional until then."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from pydantic import ValidationError

from domain.calendar import due
from domain.workdays import CALENDAR
from domain.workdays.commands import AmendCalendar, PublishCalendar
from domain.workdays.events import CalendarAmended, CalendarPublished
from domain.workdays.rejections import (
    CalendarAlreadyPublished,
    CalendarAmendedToProvisional,
    CalendarNotPublished,
    CalendarVersionTaken,
)
from domain.workdays.seed import provisional_year, shipped
from domain.workdays.state import composed
from domain.workdays.values import CalendarException, YearCalendar
from tests.county import a_county, enter

ACCEPTED = date(2026, 12, 10)


@pytest.fixture
def county():
    return a_county()


def a_year(year=2027, **different):
    """Ten days off from 1 January."""
    days_off = tuple(
        CalendarException(day=date(year, 1, n), is_working=False, label="元旦") for n in range(1, 11)
    )
    usual = {"year": year, "version": f"{year}-1", "source": "国务院办公厅通知", "exceptions": days_off}
    return YearCalendar(**(usual | different))


def amending(**different):
    return AmendCalendar(calendar=a_year(**different), reason="国务院办公厅补充通知")


def test_the_shipped_years_are_those_of_the_published_notices():
    first, last = date(2004, 1, 1), date(2026, 12, 31)
    calendar = composed(())
    every_day = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert [calendar.is_working(day) for day in every_day] == [
        chinese_calendar.is_workday(day) for day in every_day
    ]


def test_a_provisional_year_has_the_holidays_that_the_law_dates():
    off = {exception.day for exception in provisional_year(2027).exceptions}
    assert off == {date(2027, m, d) for m, d in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))}
    assert [year for year, calendar in shipped().items() if calendar.is_provisional] == list(
        range(2027, 2037)
    )


def test_a_provisional_answer_is_recomputed_when_the_year_is_published(county):
    assert due(ACCEPTED, 20, county.working_days()) == date(2027, 1, 8)
    assert isinstance(enter(county, CALENDAR, PublishCalendar(calendar=a_year())).facts[0], CalendarPublished)
    after = county.working_days()
    assert due(ACCEPTED, 20, after) == date(2027, 1, 15)
    assert not after.is_provisional(date(2027, 1, 15))


def test_a_published_year_replaces_a_provisional_one(county):
    enter(county, CALENDAR, PublishCalendar(calendar=provisional_year(2027)))
    assert enter(county, CALENDAR, PublishCalendar(calendar=a_year())).facts


def test_the_same_year_again_is_nothing_to_do(county):
    enter(county, CALENDAR, PublishCalendar(calendar=a_year()))
    assert enter(county, CALENDAR, PublishCalendar(calendar=a_year())).facts == ()


def test_a_published_year_is_amended_not_published_again(county):
    enter(county, CALENDAR, PublishCalendar(calendar=a_year()))
    with pytest.raises(CalendarAlreadyPublished):
        enter(county, CALENDAR, PublishCalendar(calendar=a_year(version="2027-2", exceptions=())))


def test_an_amendment_changes_the_days(county):
    enter(county, CALENDAR, PublishCalendar(calendar=a_year()))
    amendment = amending(version="2027-2", exceptions=())
    assert isinstance(enter(county, CALENDAR, amendment).facts[0], CalendarAmended)
    assert county.working_days().is_working(date(2027, 1, 4))
    assert enter(county, CALENDAR, amendment).facts == ()


def test_only_a_published_year_is_amended(county):
    with pytest.raises(CalendarNotPublished):
        enter(county, CALENDAR, amending())


def test_other_days_have_another_version(county):
    enter(county, CALENDAR, PublishCalendar(calendar=a_year()))
    with pytest.raises(CalendarVersionTaken):
        enter(county, CALENDAR, amending(exceptions=()))


def test_a_published_year_does_not_become_provisional(county):
    enter(county, CALENDAR, PublishCalendar(calendar=a_year()))
    with pytest.raises(CalendarAmendedToProvisional):
        enter(county, CALENDAR, amending(version="2027-2", is_provisional=True))


def test_equal_calendars_have_one_version_and_different_ones_two(county):
    before = county.working_days().version
    enter(county, CALENDAR, PublishCalendar(calendar=shipped()[2026]))
    assert county.working_days().version == before
    enter(county, CALENDAR, PublishCalendar(calendar=a_year()))
    assert county.working_days().version != before
    assert county.working_days().version.startswith("2027-")


def test_a_year_far_ahead_fills_the_years_between_provisionally():
    calendar = composed([a_year(2040)])
    assert calendar.years == range(2004, 2041)
    assert calendar.is_provisional(date(2038, 6, 1))
    assert not calendar.is_provisional(date(2040, 6, 1))


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ((date(2026, 1, 1),), "a day of the year"),
        ((date(2027, 1, 2), date(2027, 1, 1)), "in order of day"),
        ((date(2027, 1, 1), date(2027, 1, 1)), "each day once"),
    ],
)
def test_exceptions_are_days_of_the_year_each_once_in_order(days, why):
    with pytest.raises(ValidationError, match=why):
        a_year(exceptions=tuple(CalendarException(day=day, is_working=False) for day in days))
