"""Laws of the watch over the courses that cases take: it agrees with the clock, and says nothing twice."""

from datetime import date, timedelta
from itertools import chain

import pytest

from domain.signal.values import signal_no
from projections.clock import Clocks
from projections.watch import Watch
from tests.property.test_view_laws import LATER, STORIES, acted, rows, told
from tests.views import defined_county, in_views, insert

DAYS = [date(2026, 3, 3) + timedelta(days=n) for n in (0, 6, 9, 13, 17, 21, 22, 28, 29, 35, 63, 120, 183)]


@pytest.fixture(scope="module")
def county_of_views(postgres18):
    with defined_county(postgres18.dsn) as conninfo:
        yield conninfo


def courses_of_one_act():
    """Every story, and after it every act that the rules let happen."""
    for story in STORIES:
        yield (begun := told(story))
        for act in LATER:
            went_on = told(acted(story[-1].happened, [(*act, 50)]), begun)
            if went_on != begun:
                yield went_on


async def test_over_its_time_is_found_on_the_very_days_on_which_the_clock_says_so_once(county_of_views):
    """T03 and T04 by their stored day, the clock by comparing with the day: neither knows of the other."""
    courses = {f"case:C-{n}": course.history for n, course in enumerate(courses_of_one_act())}
    async with in_views(county_of_views) as connection:
        await insert(
            connection, chain.from_iterable(rows(history, stream) for stream, history in courses.items())
        )
        await connection.execute("analyze events")
        # as the engine keeps them: worked out once, then asked of many days
        await connection.execute("create temp table clock as select * from clock")
        await connection.execute("create temp table watch as select * from watch")
        watch, seen = Watch(connection), {}
        for day in DAYS:
            findings = await watch.of_cases(day)
            numbers = [each.signal_no for each in findings]
            assert len(numbers) == len(set(numbers))
            late = {each.case_no for each in findings if each.rule_code in {"T03", "T04"}}
            standing = await Clocks(connection).standing(list(courses), day)
            single = [each for each in standing if each.first_review_due is None]
            overdue = {each.case_no for each in single if (each.overdue_days or 0) > 0}
            assert late & {each.case_no for each in single} == overdue
            for each in findings:
                said = (each.rule_code, each.light, each.subject, tuple(each.facts), each.due)
                assert each.signal_no == signal_no(*said)
                assert seen.setdefault(each.signal_no, said) == said
                assert each.state_on <= day
    assert len(courses) > 100
    assert len(seen) > 100
