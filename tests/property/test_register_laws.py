"""Laws over random histories: steps, path, board and flaws agree with the clock and with the record."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from domain.amendment import effective
from domain.grammar import Envelope, Fact
from projections.clock import Clocks
from projections.deadlines import DeadlineBoard, Wanted
from projections.flaws import DataQuality
from projections.flaws import Wanted as WantedFlaws
from projections.legs import Legs
from projections.steps import Steps
from tests.property.test_case_laws import histories
from tests.property.test_view_laws import rows, timely_histories
from tests.registers import enter_in_log
from tests.views import COUNTY, STREAM, defined_county, in_views, insert


@dataclass(frozen=True)
class Past:
    version: int
    fact: Fact
    envelope: Envelope


DAYS = st.dates(date(2026, 3, 2), date(2026, 12, 31))


@pytest.fixture(scope="module")
def county_of_views(postgres18):
    """The registers stand in it."""
    with defined_county(postgres18.dsn) as conninfo:
        asyncio.run(_with_registers(conninfo))
        yield conninfo


async def _with_registers(conninfo):
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        await connection.execute(sql.SQL("set search_path = {}").format(sql.Identifier(COUNTY)))
        await enter_in_log(connection)


def asked(conninfo, history, question):
    """The answer to the question over a log that holds this history."""

    async def answer():
        async with in_views(conninfo) as connection:
            await insert(connection, rows(history))
            return await question(connection)

    return asyncio.run(answer())


@settings(max_examples=30, deadline=None)
@given(case=st.one_of(histories(), timely_histories()), today=DAYS)
def test_the_parts_of_the_path_add_up_to_what_the_clock_counts(county_of_views, case, today):
    async def path_and_clock(connection):
        return await Legs(connection).path([STREAM], today), await Clocks(connection).standing(
            [STREAM], today
        )

    path, clocks = asked(county_of_views, case.history, path_and_clock)
    for clock in clocks:
        if clock.accepted_on is not None and clock.accepted_on <= today:
            assert sum(part.gross_days for part in path) == clock.gross_days
            assert sum(part.net_days for part in path) == clock.used_days
        else:
            assert path == []
    assert all(one.to_day == following.from_day for one, following in pairwise(path))


@settings(max_examples=30, deadline=None)
@given(case=st.one_of(histories(), timely_histories()), today=DAYS)
def test_the_board_shows_what_is_accepted_and_not_done_as_the_clock_has_it(county_of_views, case, today):
    async def board_and_clock(connection):
        return await DeadlineBoard(connection).cases(Wanted(), today), await Clocks(connection).standing(
            [STREAM], today
        )

    board, clocks = asked(county_of_views, case.history, board_and_clock)
    shown = [
        clock
        for clock in clocks
        if clock.basis is not None
        and clock.done_on is None
        and (clock.accepted_on is None or clock.accepted_on <= today)
    ]
    assert [each.case_no for each in board] == [clock.case_no for clock in shown]
    for each, clock in zip(board, shown, strict=True):
        overdue = each.over_promise_days if each.promise_due else each.over_legal_days
        assert (each.due, each.remaining_days, overdue) == (
            clock.due,
            clock.remaining_days,
            clock.overdue_days,
        )
        assert (each.light in {"yellow", "red"}) == bool(clock.due and today > clock.due)


@settings(max_examples=30, deadline=None)
@given(case=st.one_of(histories(), timely_histories()), today=DAYS)
def test_a_step_is_over_its_budget_by_what_it_used_beyond_it(county_of_views, case, today):
    steps = asked(county_of_views, case.history, lambda views: Steps(views).of_cases([STREAM], today))
    for step in steps:
        assert 0 <= step.used_days <= step.gross_days
        if step.budget_days is not None:
            assert step.over_days == max(0, step.used_days - step.budget_days)


@settings(max_examples=30, deadline=None)
@given(case=st.one_of(histories(), timely_histories()))
def test_every_flag_of_the_record_is_a_flaw_and_nothing_else_is_flagged(county_of_views, case):
    flaws = asked(
        county_of_views,
        case.history,
        lambda views: DataQuality(views).flaws(WantedFlaws(), date(2030, 12, 31)),
    )
    flagged = Counter(flaw.code for flaw in flaws if flaw.flaw_kind == "flagged")
    standing = effective([Past(n, *each) for n, each in enumerate(case.history, start=1)])
    assert flagged == Counter(code for _, envelope in standing for code in envelope.irregularities)
