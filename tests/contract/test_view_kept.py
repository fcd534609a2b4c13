"""The definitions as the engine keeps them: recorded through the real store, read from tables, equal to the views."""

from datetime import date

import psycopg
import pytest
from psycopg import sql

from domain.application import Keeper
from domain.case import CASE
from domain.case.pauses.commands import EndSpecialProcedure
from domain.catalogue import MASTER_DATA
from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.policy.values import Policy
from domain.store.county import Store
from projections.case_card import CaseCards
from projections.clock import Clocks
from projections.custody import CustodyLedger
from projections.engine import differences
from projections.registry import PROJECTIONS
from tests import county
from tests.examples import ORIGIN, a_legacy_case, a_paused_case, a_resumed_case
from tests.looking import as_of
from tests.projected import SCHEMA, an_engine, founded, reading
from tests.spec import deed
from tests.views import COUNTY, STREAM, defined_county

OTHER = STREAM[:-1] + "8"
TODAY = date(2026, 3, 20)
BY_CASE = [projection for projection in PROJECTIONS if projection.key == "stream"]
ON_EVENTS = [projection for projection in BY_CASE if all(need.via is None for need in projection.needs)]
"""Those that stand on no other case's rows: of the others see the test beside each."""


@pytest.fixture
async def keeper(database):
    founded(database)
    async with Store.open(database, SCHEMA, [CASE, *MASTER_DATA]) as store:
        yield Keeper(store.log, county.a_county())


async def handle(keeper, *deeds, stream=STREAM):
    identity = stream.partition(":")[2]
    for each in deeds:
        await keeper.handle(CASE, identity, each.command, each.occasion, key=None, digest=b"")


async def no_differences(engine):
    return [await differences(engine.desk, projection) for projection in PROJECTIONS] == [(0, 0)] * len(
        PROJECTIONS
    )


async def test_what_is_recorded_is_read_from_the_tables_that_the_engine_keeps(database, keeper):
    *paused, resumed = a_resumed_case()
    async with an_engine(database, PROJECTIONS) as engine, reading(database) as connection:
        await handle(keeper, *paused)
        await engine.catch_up()
        (standing,) = await Clocks(connection).standing([STREAM], TODAY)
        assert (standing.is_paused, standing.promise_due, standing.due) == (
            True,
            date(2026, 3, 24),
            date(2026, 3, 31),
        )

        await handle(keeper, resumed)
        await engine.catch_up()
        (standing,) = await Clocks(connection).standing([STREAM], TODAY)
        assert (standing.is_paused, standing.promise_due, standing.due) == (
            False,
            date(2026, 3, 27),
            date(2026, 3, 27),
        )
        (card,) = await CaseCards(connection).cards([STREAM])
        assert (card.case_no, card.status, card.pauses, card.hops) == (STREAM[5:], "in_progress", 1, 1)
        window, station = await CustodyLedger(connection).by_unit([STREAM], TODAY)
        assert (window.gross_days, station.gross_days, station.excluded_days) == (1, 12, 3)
        assert await no_differences(engine)


async def test_a_look_back_answers_from_the_same_definitions(database, keeper):
    await handle(keeper, *a_paused_case())
    async with an_engine(database, PROJECTIONS) as engine, reading(database) as connection:
        await engine.catch_up()
        async with as_of(connection, upto=2):
            (card,) = await CaseCards(connection).cards([STREAM])
            assert (card.status, card.events, card.pauses) == ("in_progress", 2, 0)
            (spell,) = await CustodyLedger(connection).spells([STREAM], TODAY)
            assert (spell.holder_unit, spell.gross_days) == (county.TOWN_CENTRE, 13)


async def test_a_new_policy_moves_every_clock_that_it_governs(database, keeper):
    """Planned for five working days from 5 March, until 12 March; ended on 20 March: six days beyond the plan."""
    await handle(keeper, *a_paused_case(), deed(EndSpecialProcedure(result="四至清楚"), "03-20 09:00"))
    generous = Policy(version="2026-1", valid_from=date(2026, 1, 1), pause_capped_at_plan=False)
    async with an_engine(database, PROJECTIONS) as engine, reading(database) as connection:
        await engine.catch_up()
        (standing,) = await Clocks(connection).standing([STREAM], TODAY)
        assert standing.promise_due == date(2026, 3, 31)
        publish = PublishPolicy(policy=generous)
        await keeper.handle(POLICY, "county", publish, county.OCCASION, key=None, digest=b"")
        await engine.catch_up()
        (standing,) = await Clocks(connection).standing([STREAM], TODAY)
        assert standing.promise_due == date(2026, 4, 9)
        assert await no_differences(engine)


async def test_a_legacy_case_is_found_by_its_old_number_and_keeps_the_days_its_source_gave(database, keeper):
    await handle(keeper, *a_legacy_case(), stream=OTHER)
    async with an_engine(database, PROJECTIONS) as engine, reading(database) as connection:
        await engine.catch_up()
        assert await CaseCards(connection).streams_by_external_ref("case-10011") == [OTHER]
        (standing,) = await Clocks(connection).standing([OTHER], TODAY)
        assert (standing.basis, standing.accepted_on) == ("source", None)
        assert (standing.promise_due, standing.legal_due) == (date(2026, 3, 20), date(2026, 4, 1))
        assert ORIGIN.deadline.date() == date(2026, 4, 1)


@pytest.fixture(scope="module")
def definitions(postgres):
    with defined_county(postgres.dsn) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(f"set search_path = {COUNTY}")
        # so few rows would be read whole, or through a bitmap whose condition stands one node deeper
        connection.execute("set enable_seqscan = off; set enable_bitmapscan = off")
        yield connection


@pytest.mark.parametrize("projection", ON_EVENTS, ids=lambda projection: projection.name)
def test_asked_for_some_cases_a_definition_reads_their_events_alone(definitions, projection):
    statement = sql.SQL("explain (format json) select * from {} where stream = any (%(streams)s)").format(
        sql.Identifier(projection.name)
    )
    plan = definitions.execute(statement, {"streams": [STREAM, OTHER]}).fetchone()[0][0]["Plan"]
    scans = [node for node in nodes(plan) if node.get("Relation Name") == "events"]
    assert scans
    assert [node for node in scans if "stream" not in node.get("Index Cond", "")] == []


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)
