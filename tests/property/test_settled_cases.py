"""As of any moment, the settled cases out of the tables and the others out of the definitions are the definitions."""

import asyncio
from datetime import date, timedelta

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from domain.amendment import CorrectEvent, VoidEvent
from domain.numbers import CaseNumber
from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.policy.values import Policy
from projections.engine_settled import settling
from projections.registry import PROJECTIONS
from tests import examples
from tests.projected import NAMES
from tests.reads import a_read_county
from tests.servers import fresh_database
from tests.spec import at, deed

STORIES = (
    examples.a_received_case(),
    examples.a_supplied_case(),
    examples.a_returned_case(),
    examples.a_resumed_case(),
    examples.a_paused_case(),
    examples.a_joint_case(),
    examples.a_case_with_the_superior(),
    examples.an_agents_case(),
    examples.a_case_collected_by_the_agent(),
    examples.a_concluded_case(),
    examples.an_instant_case_closed(),
    examples.a_case_with_a_fee(),
    examples.a_rejected_case(),
    (
        *examples.a_concluded_case(),
        deed(
            CorrectEvent(
                target_version=1,
                field="occurred_at",
                was=at("03-03 09:00").isoformat(),
                should_be=at("03-02 09:00").isoformat(),
                reason="笔误",
                approved_by="a-director",
            ),
            "03-20 09:00",
        ),
    ),
    (
        *examples.a_case_at_the_station(),
        deed(VoidEvent(target_version=3, reason="误录", approved_by="a-director"), "03-18 09:00"),
    ),
    (
        *examples.an_accepted_case(),
        deed(examples.surveying(), "03-05 14:00", recorded="03-19 09:00", backfill=examples.VOUCHED),
    ),
)
BEYOND_THE_TABLES = examples.a_delivered_case()


def number(serial):
    return str(CaseNumber("610999101000", date(2026, 3, 2), serial))


async def fill(dsn):
    async with a_read_county(dsn) as read_county:
        await read_county.record_all(dict(zip(map(number, range(1, 100)), STORIES, strict=False)))
        policy = Policy(version="capless", valid_from=date(2026, 3, 1), pause_capped_at_plan=False)
        await read_county.tell(POLICY, PublishPolicy(policy=policy), "03-16 09:00")
        await read_county.insert(*BEYOND_THE_TABLES, case_no=number(99))


@pytest.fixture(scope="module")
def county(postgres18):
    with fresh_database(postgres18.dsn) as dsn:
        asyncio.run(fill(dsn))
        with psycopg.connect(dsn) as connection:
            connection.execute(sql.SQL("set search_path = {}").format(NAMES.path))
            yield connection


NAMES_OF_VIEWS = [projection.name for projection in settling(PROJECTIONS)]
MOMENTS = st.none() | st.integers(0, 24 * 4 * 20).map(lambda n: at("03-01 12:00") + timedelta(minutes=15 * n))


def rows_beyond(connection, one, other, name):
    words = {"one": sql.Identifier(one, name), "other": sql.Identifier(other, name)}
    statement = sql.SQL("select count(*) from (table {one} except all table {other}) as beyond")
    return connection.execute(statement.format(**words)).fetchone()[0]


def test_the_usual_views_settle():
    assert {"custody", "clock", "case_card", "case_figures", "steps", "watch"} <= set(NAMES_OF_VIEWS)


@settings(max_examples=40, deadline=None)
@given(
    known_at=MOMENTS,
    happened_by=MOMENTS,
    upto=st.none() | st.integers(1, 130),
    name=st.sampled_from(NAMES_OF_VIEWS),
)
def test_settled_cases_and_the_others_are_what_the_definitions_say(county, known_at, happened_by, upto, name):
    for key, value in (("known_at", known_at), ("happened_by", happened_by), ("upto", upto)):
        county.execute(
            "select set_config(%s, %s, false)", (f"jiandu.{key}", "" if value is None else str(value))
        )
    assert rows_beyond(county, NAMES.settled, NAMES.as_of, name) == 0
    assert rows_beyond(county, NAMES.as_of, NAMES.settled, name) == 0


def test_a_register_that_was_entered_later_unsettles_no_case_as_happened(county):
    """A policy was entered on 16 March and holds from the 1st. The table, emptied here, answers for the settled."""
    for key, value in (("known_at", ""), ("happened_by", at("03-15 12:00").isoformat()), ("upto", "")):
        county.execute("select set_config(%s, %s, false)", (f"jiandu.{key}", value))
    with county.transaction(force_rollback=True):
        county.execute(sql.SQL("delete from {}").format(sql.Identifier(NAMES.live, "clock")))
        assert rows_beyond(county, NAMES.as_of, NAMES.settled, "clock") > 0
