"""The calendars that come with the program: the published years, and provisional ones after them.

The published years are the State Council's holiday notices as kept in the package `chinesecalendar`. A year without
a notice follows the week but for the holidays whose date the law itself fixes: 元旦 1 Jan, 劳动节 1–2 May, 国庆节
1–3 Oct. Lunar holidays and the days worked in exchange are known with the notice only; leaving them out makes a
provisional limit end too early rather than too late.
Source: 全国年节及纪念日放假办法 (国务院令第795号, in force 2025-01-01), Art. 2.
"""

from datetime import date
from functools import cache
from typing import Final

import chinese_calendar
from chinese_calendar import constants

from domain.workdays.values import CalendarException, YearCalendar

FIRST_YEAR: Final = min(constants.holidays).year
LAST_PUBLISHED_YEAR: Final = max(constants.holidays).year
PROVISIONAL_YEARS: Final = 10
"""So many years after the last published one are answered provisionally: enough for the longest limit in use."""

HOLIDAYS_BY_LAW: Final = (
    (1, 1, "元旦"),
    (5, 1, "劳动节"),
    (5, 2, "劳动节"),
    (10, 1, "国庆节"),
    (10, 2, "国庆节"),
    (10, 3, "国庆节"),
)

NAMES: Final = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


@cache
def shipped() -> dict[int, YearCalendar]:
    """By year: the published years, then the provisional ones."""
    published = range(FIRST_YEAR, LAST_PUBLISHED_YEAR + 1)
    provisional = range(LAST_PUBLISHED_YEAR + 1, LAST_PUBLISHED_YEAR + 1 + PROVISIONAL_YEARS)
    return {year: _published(year) for year in published} | {
        year: provisional_year(year) for year in provisional
    }


def provisional_year(year: int) -> YearCalendar:
    """The year as far as the law itself fixes it."""
    return YearCalendar(
        year=year,
        version=f"{year}-provisional",
        source="全国年节及纪念日放假办法 第二条(日期固定的节日)",
        is_provisional=True,
        exceptions=tuple(
            CalendarException(day=date(year, month, day), is_working=False, label=label)
            for month, day, label in HOLIDAYS_BY_LAW
        ),
    )


def _published(year: int) -> YearCalendar:
    holidays = {day: False for day in constants.holidays if day.year == year}
    worked = {day: True for day in constants.workdays if day.year == year}
    return YearCalendar(
        year=year,
        version=f"{year}-shipped",
        source=f"国务院办公厅关于{year}年部分节假日安排的通知 (chinesecalendar)",
        exceptions=tuple(
            CalendarException(day=day, is_working=is_working, label=_label(day, is_working))
            for day, is_working in sorted((holidays | worked).items())
        ),
    )


def _label(day: date, is_working: bool) -> str:
    _, name = chinese_calendar.get_holiday_detail(day)
    chinese = NAMES.get(name or "", name or "")
    return f"{chinese}调休上班" if is_working else chinese
