"""Whoever starts finds or makes the engine's place, and notes there what it wants, whatever another does there meanwhile."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg import sql

from domain.store import schema
from domain.store.schema import County
from domain.store.statements import STATEMENTS
from projections.engine import Engine
from projections.engine_desk import Desk
from projections.engine_schema import ViewNames, connect, establish
from projections.engine_views import hash_of
from projections.projection import Projection
from tests.projected import TALLY_VIEW, access, an_engine, founded, three
from tests.waiting import until

COUNTY = "county"
NAMES = ViewNames(County.named(COUNTY))
WAITS = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@asynccontextmanager
async def while_held(database, statement):
    """What is done within waits for whoever has written the same lines, who commits as soon as somebody waits."""
    with psycopg.connect(database, autocommit=True) as watch, psycopg.connect(database) as keeper:
        keeper.execute(sql.SQL(statement).format(sql.Identifier(NAMES.live, "projections")))

        async def commit():
            await until(lambda: watch.execute(WAITS).fetchone())
            keeper.commit()

        committing = asyncio.create_task(commit())
        yield
        await committing


@pytest.fixture
def county(database):
    return founded(database)


async def test_two_who_grant_at_once_do_not_stop_each_other(database):
    schema.create(database, COUNTY)
    establish(database, COUNTY)
    with ThreadPoolExecutor(1) as thread:
        async with while_held(database, f"grant select on {{}} to {NAMES.county.auditor}"):
            starting = thread.submit(establish, database, COUNTY)
            assert await asyncio.wrap_future(starting) is None


def test_whoever_starts_waits_for_nobody_who_records(county):
    with psycopg.connect(county) as recording:
        recording.execute(f"lock table {COUNTY}.events in row exclusive mode")
        establish(county, COUNTY)


def test_the_index_of_amendments_is_made_again_where_somebody_dropped_it(county):
    with psycopg.connect(county) as connection:
        connection.execute(f"drop index {COUNTY}.events_amendments")
    establish(county, COUNTY)
    with psycopg.connect(county) as connection:
        connection.execute(f"drop index {COUNTY}.events_amendments")


def test_what_was_amended_in_a_stream_is_found_by_their_index_also_with_a_plan_for_all_streams(county):
    statement = STATEMENTS["amendments"].replace(b"%(stream)s", b"$1")
    with psycopg.connect(county) as connection:
        connection.execute(f"set search_path = {COUNTY}")
        connection.execute("set enable_seqscan = off")
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute(b"prepare amendments (text) as " + statement)
        plan = [line for (line,) in connection.execute("explain execute amendments('case:1')")]
    assert any("events_amendments" in line for line in plan), plan


async def test_two_who_start_at_once_register_the_same_projections(county):
    async with await connect(access(county), is_projector=True) as connection:
        async with while_held(county, "insert into {} (name) values ('tally')"):
            await Engine(Desk(connection, NAMES), three()).prepare()
        assert {"tally", *(each.name for each in three())} == (await Desk(connection, NAMES).states()).keys()


async def test_a_rebuild_is_asked_for_while_the_keeper_writes_how_far_it_is(county):
    async with an_engine(county, three()) as engine:
        async with while_held(county, "update {} set position = 7"):
            await engine.desk.note("want_rebuild", {"name": "tally"})
        state = (await engine.desk.states())["tally"]
        assert (state.position, state.is_rebuild_wanted) == (7, True)


async def test_views_are_made_while_somebody_who_starts_grants_on_them(county):
    grant = f"grant select on all tables in schema {NAMES.as_of} to {NAMES.county.auditor}"
    async with an_engine(county, three()) as engine:
        changed = Engine(engine.desk, three(TALLY_VIEW.replace("sum(", "max(")))
        async with while_held(county, grant):
            await changed.prepare()
        assert await engine.desk.run("standing_text", {}) == [(hash_of(changed.projections),)]


async def test_a_definition_that_had_to_wait_too_long_is_made_the_next_time(county):
    late = Projection(
        name="late", view="select stream from strangers", table="", key="stream", kinds=("note",)
    )
    async with an_engine(county, three()) as engine:
        await engine.desk.connection.execute("create table strangers (stream text); set lock_timeout = '1ms'")
        changed = Engine(engine.desk, [*three(), late])
        with psycopg.connect(county) as other:
            other.execute(f"lock table {NAMES.live}.strangers")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                await changed.prepare()
        await changed.prepare()
        assert ("late",) in await engine.desk.run("as_of_views", {})


STUMBLE = """
    create sequence stumbles;
    create function stumble() returns event_trigger language plpgsql security definer set search_path = public as $$
    begin
        if current_query() like '%from notes_that_come_late%' and nextval('stumbles') <= {times} then
            raise exception 'cache lookup failed for relation 0' using errcode = 'XX000';
        end if;
    end $$;
    create event trigger stumbling on ddl_command_start when tag in ('CREATE VIEW') execute function stumble()
"""


@pytest.mark.parametrize(("times", "is_made"), [(1, True), (1000, False)], ids=["once", "always"])
async def test_a_definition_over_which_the_database_stumbled_is_tried_again(county, times, is_made):
    """By its hash it would be taken for made from then on, and no past day told of it."""
    view = "with notes_that_come_late as (select stream from effective_events) select stream from notes_that_come_late"
    late = Projection(name="late", view=view, table="", key="stream", kinds=("note",))
    with psycopg.connect(county) as connection:
        connection.execute(STUMBLE.replace("{times}", str(times)))
    async with an_engine(county, [*three(), late]) as engine:
        made = await engine.desk.run("as_of_views", {})
    assert (("late",) in made) == is_made
    assert ("tally",) in made


async def test_a_table_takes_over_while_somebody_who_starts_grants_on_all(county):
    grant = f"grant select on all tables in schema {NAMES.live} to {NAMES.county.auditor}"
    async with an_engine(county, three()) as engine:
        await engine.catch_up()
        await engine.desk.note("want_rebuild", {"name": "tally"})
        async with while_held(county, grant):
            await engine.catch_up()
        assert (await engine.desk.states())["tally"].failure is None
        await engine.catch_up()
        assert (await engine.desk.states())["tally"].building is None
