"""Registers as of another day come out of their tables where that is the same, and only there."""

from collections import Counter
from datetime import date

import psycopg
import pytest
from psycopg import sql

from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.workdays import CALENDAR
from domain.workdays.commands import PublishCalendar
from projections.engine_kept import is_register
from projections.registry import PROJECTIONS
from tests.contract.test_api_differences import a_holiday_more
from tests.contract.test_api_what_if import GENEROUS
from tests.projected import NAMES, reading
from tests.reads import a_read_county
from tests.spec import at

BY_NAME = {projection.name: projection for projection in PROJECTIONS}
REGISTERS = [name for name, projection in BY_NAME.items() if is_register(projection, BY_NAME)]


@pytest.fixture
async def told(database):
    """The calendar changes on 18 November, the policy on the 20th."""
    async with a_read_county(database) as read_county:
        calendar = PublishCalendar(calendar=a_holiday_more(date(2026, 11, 18)))
        await read_county.tell(CALENDAR, calendar, "11-18 09:00")
        await read_county.tell(POLICY, PublishPolicy(policy=GENEROUS), "11-20 09:00")
        async with reading(database) as connection:
            yield connection


async def rows(connection, name, known_at, *, kept):
    async with connection.transaction():
        await connection.execute(
            "select set_config('jiandu.kept', %s, true), set_config('jiandu.known_at', %s, true)",
            ["on" if kept else "", known_at],
        )
        view = sql.Identifier(NAMES.as_of, name)
        cursor = await connection.execute(sql.SQL("select told::text from {} as told").format(view))
        return Counter(await cursor.fetchall())


@pytest.mark.parametrize("known_at", ["11-17 09:00", "11-19 09:00", "11-21 09:00"])
async def test_a_register_says_the_same_out_of_its_table_and_by_its_definition(told, known_at):
    moment = at(known_at).isoformat()
    for name in REGISTERS:
        kept = await rows(told, name, moment, kept=True)
        assert kept == await rows(told, name, moment, kept=False), name


async def test_what_stood_then_is_told_not_what_stands_now(told):
    now, then = [
        await rows(told, "policies", at(day).isoformat(), kept=True) for day in ("11-21 09:00", "11-19 09:00")
    ]
    assert (now.total(), then.total()) == (2, 1)
    now, then = [
        await rows(told, "working_days", at(day).isoformat(), kept=True)
        for day in ("11-19 09:00", "11-17 09:00")
    ]
    assert now != then


@pytest.mark.usefixtures("told")
def test_whatever_had_happened_by_then_a_register_is_told_out_of_its_table(database):
    """Emptied here to show it; registers stand whole, whenever they were entered."""
    with psycopg.connect(database) as connection:
        connection.execute(sql.SQL("set search_path = {}").format(NAMES.path))
        connection.execute("set jiandu.kept = 'on'")
        connection.execute(
            "select set_config('jiandu.happened_by', %s, false)", [at("01-05 09:00").isoformat()]
        )
        for name in REGISTERS:
            connection.execute(sql.SQL("delete from {}").format(sql.Identifier(NAMES.live, name)))
            told_then = sql.SQL("select count(*) from {}").format(sql.Identifier(NAMES.as_of, name))
            assert connection.execute(told_then).fetchone() == (0,), name
        connection.rollback()


def test_registers_are_what_follows_from_master_data_alone():
    assert {"calendar", "working_days", "policies", "items", "places"} <= set(REGISTERS)
    assert "clock" not in REGISTERS
