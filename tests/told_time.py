"""A county served over HTTP whose clocks the test sets: what happened in 2026 is recorded in 2026.

Everything is the real thing: the store, the worker that keeps the views, the door on a socket. Only the two clocks are
the test's own. The door is given one; the database asks a function of the county's schema that stands before its own.
"""

import asyncio
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC
from functools import partial

import psycopg
import uvicorn
from anyio.from_thread import start_blocking_portal
from prometheus_client import CollectorRegistry
from psycopg import sql

from api.app import create_app
from domain.aggregates import AGGREGATES
from domain.application import Keeper
from domain.store import schema
from domain.store.connecting import Access
from domain.store.county import Store
from domain.store.schema import County
from projections.engine_schema import establish
from projections.engine_worker import Worker
from projections.registry import PROJECTIONS
from projections.view_readers import ViewReaders
from tests import asking
from tests.county import OCCASION, SUPERVISION_POST, _everything, actor_at
from tests.doors import SaidWhoActs
from tests.people import people_of
from tests.playing import named, number_for, posted
from tests.projected import an_engine
from tests.serving import SCHEMA
from tests.templates import a_copy

THE_TESTS_CLOCK = """
create table told_time as select '-infinity'::timestamptz as now;
grant select on told_time to public;
create function clock_timestamp() returns timestamptz language sql volatile as 'select now from told_time';
"""


class ToldTime:
    """What the door's clock and the log's say."""

    def __init__(self, connection):
        self._connection = connection
        self._now = None

    def __call__(self):
        return self._now

    def set(self, moment):
        self._now = moment.astimezone(UTC)
        self._connection.execute("update told_time set now = %s", [self._now])


def let_time_be_told(dsn):
    """The log of the county takes the time that is told for `recorded_at`."""
    county = sql.Identifier(SCHEMA)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("set search_path = {}").format(county))
        connection.execute(THE_TESTS_CLOCK)
        found = "select oid::regprocedure::text from pg_proc where proname = 'append' and pronamespace = %s::regnamespace"
        # pg_catalog is searched first unless it is named
        named_last = sql.SQL("alter function {} set search_path = {}, pg_catalog, pg_temp")
        for (append,) in connection.execute(found, [SCHEMA]).fetchall():
            connection.execute(named_last.format(sql.SQL(append), county))


@contextmanager
def told_time(dsn):
    """Of a county whose time is told; it begins when the master data was recorded."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("set search_path = {}").format(sql.Identifier(SCHEMA)))
        time = ToldTime(connection)
        time.set(OCCASION.received_at)
        yield time


class ServedCounty:
    """`client` speaks HTTP to it as the hall's complaint team, who reads everything."""

    def __init__(self, dsn, client, keeper, log, time, position):
        self.dsn = dsn
        self._log = log
        self.client = client
        self.keeper = keeper
        self.time = time
        self.position = position
        """Where the log ended after the last record."""

    async def publish(self, aggregate, command, occasion=OCCASION):
        """Master data, as `jiandu load-catalogue` records it."""
        await self.keeper.handle(aggregate, command.identity, command, occasion, key=None, digest=bytes(32))
        self.position = await self._log.last_position()

    async def record(self, case_no, deed, *, is_first=False):
        """Over HTTP, at the time at which the deed was recorded."""
        self.time.set(deed.recorded or deed.happened)
        request = posted(deed, case_no, is_first=is_first)
        response = await self.client.post(request.path, content=request.content, headers=request.headers)
        assert response.status_code == 201, response.text
        self.position = response.json()["events"][-1]["position"]
        return response.json()

    async def read(self, path, **query):
        """Of now: not before everything recorded is in the views."""
        if not {"known_at", "happened_by"} & query.keys():
            query = {"min_position": self.position} | query
        response = await self.client.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()


async def play(county, deeds_by_case, asides=()):
    """The deeds of all cases in the order in which they were recorded; `asides`: what is done between them, and when."""
    ordered = sorted(
        (
            *((deed.recorded or deed.happened, partial(county.record, case_no, deed, is_first=n == 0))
              for case_no, deeds in deeds_by_case.items()
              for n, deed in enumerate(deeds)),
            *asides,
        ),
        key=lambda each: each[0],
    )  # fmt: skip
    for when, do in ordered:
        county.time.set(when)
        await do()


def numbered(*stories):
    """Each story under a number of its own."""
    return {number_for(deeds[0], serial): deeds for serial, deeds in enumerate(stories, start=101)}


@contextmanager
def served_beside(dsn, **parts):
    """The same for tests that are not async: it runs in a thread of its own."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(a_served_county(dsn, **parts)) as county,
    ):
        yield county


@asynccontextmanager
async def a_served_county(dsn, **parts):
    """清溪县 with its master data, in a fresh database; `parts` are the door's."""
    await a_copy(dsn, _settle)
    access = Access(dsn, County.named(SCHEMA))
    views = ViewReaders(access, PROJECTIONS)
    with told_time(dsn) as time:
        async with Store.open(dsn, SCHEMA, AGGREGATES) as store:
            keeper = Keeper(store.log, store.catalogue)
            worker = Worker(access, PROJECTIONS, store.events.grown)
            app = create_app(
                keeper=keeper,
                identification=SaidWhoActs(keeper.catalogue, time),
                reader=store.events,
                people=await people_of(store, keeper, holds=store.holds),
                serials=store.serials,
                views=views,
                registry=CollectorRegistry(),
                clock=time,
                **parts,
            )
            try:
                async with _running(worker.run()), _listening(app) as address, _client(address) as client:
                    position = await store.events.last_position()
                    yield ServedCounty(dsn, client, keeper, store.events, time, position)
            finally:
                await views.close()


async def _settle(dsn):
    """Its master data recorded, and every view built over it."""
    schema.create(dsn, SCHEMA)
    establish(dsn, SCHEMA)
    let_time_be_told(dsn)
    with told_time(dsn):
        async with Store.open(dsn, SCHEMA, AGGREGATES) as store:
            keeper = Keeper(store.log, store.catalogue)
            for aggregate, command in _everything():
                await keeper.handle(
                    aggregate, command.identity, command, OCCASION, key=None, digest=bytes(32)
                )
    async with an_engine(dsn, PROJECTIONS) as engine:
        await engine.catch_up()


@asynccontextmanager
async def _running(work):
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _listening(app):
    """On a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done()
        await asyncio.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


def _client(address):
    headers = {"X-Jiandu-Speaks-For": named(actor_at(SUPERVISION_POST))}
    return asking.an_async_client(base_url=address, headers=headers)
