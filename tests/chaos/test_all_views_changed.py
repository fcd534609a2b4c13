"""All views at once, while one of them changes its definition under load, or cannot read an event or be told at all."""

import asyncio
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from datetime import timedelta

import orjson

from projections.engine_worker import Worker
from projections.registry import PROJECTIONS
from tests.chaos.held import all_current, ask, cases, is_checked, until_told, write
from tests.projected import Writer, access, reading
from tests.serving import furnish_county

ANOTHER_SUM = {
    "case_card": ("\n    hops,\n", "\n    hops + 1000 as hops,\n"),
    "custody": ("select", "select "),
}
IMPOSSIBLE = {"case_card": ("\n    hops,\n", "\n    hops / 0 as hops,\n")}
POISON = ("case.agent_picked_up.v1", "is_offline", "perhaps")
"""Only the agents' ledger reads it."""


def changed(texts):
    """All projections; those named have another definition, and whatever stands on them knows it."""
    made = {}
    for projection in PROJECTIONS:
        view = projection.view.replace(*texts.get(projection.name, ("", "")), 1)
        needed = {name: made[name].hash for name in projection.hash_by_need}
        made[projection.name] = replace(projection, view=view, hash_by_need=needed)
    return tuple(made.values())


@asynccontextmanager
async def kept(dsn, projections=PROJECTIONS):
    async def at_once(_position):
        await asyncio.sleep(0.005)

    working = asyncio.create_task(Worker(access(dsn), projections, at_once, retry=timedelta(0)).run())
    try:
        yield
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


def not_current(dsn):
    """Names of the views that are not at the end of the log."""
    behind = (
        "select name from county_views.projections where position < (select max(position) from county.events)"
    )
    return {name for (name,) in ask(dsn, behind)}


def failing(dsn):
    return dict(ask(dsn, "select name, failure from county_views.projections where failed_at is not null"))


async def test_changed_definitions_take_over_under_load_and_no_reader_sees_a_mix(database18):
    early, *later = await cases(40)
    await furnish_county(database18)
    write(database18, early)
    async with kept(database18):
        await all_current(database18)
    another = changed(ANOTHER_SUM)
    hashes = {(projection.name, projection.hash) for projection in another}
    kinds = []

    async def read_on():
        async with reading(database18) as connection:
            while True:
                cursor = await connection.execute("select array_agg(distinct hops / 1000) from case_card")
                ((seen,),) = await cursor.fetchall()
                kinds.append(tuple(seen))
                await asyncio.sleep(0.005)

    async def write_on():
        with closing(Writer(database18)) as writer:
            for event in (event for case in later for event in case):
                await asyncio.to_thread(writer.append, event)

    has_read = asyncio.create_task(read_on())
    await until_told(lambda: kinds)
    async with kept(database18, another):
        await write_on()
        await until_told(
            lambda: hashes <= set(ask(database18, "select name, definition from county_views.projections"))
        )
        await all_current(database18)
        seen = len(kinds)
        await until_told(lambda: len(kinds) > seen + 1)
    has_read.cancel()
    with suppress(asyncio.CancelledError):
        await has_read
    assert set(kinds) == {(0,), (1,)}
    assert kinds == sorted(kinds)
    async with kept(database18):  # and back again, as `check` knows them
        await until_told(
            lambda: (
                not hashes
                & {
                    (n, d)
                    for n, d in ask(database18, "select name, definition from county_views.projections")
                    if n in ANOTHER_SUM
                }
            )
        )
        await all_current(database18)
    is_checked(database18)


async def test_an_event_that_one_view_cannot_read_stops_it_alone_until_it_is_voided(database18):
    told = await cases(8)
    *_, agents = (case for case in told if any(event[1] == POISON[0] for event in case))
    healthy = [case for case in told if case is not agents]
    await furnish_county(database18)
    async with kept(database18):
        await all_current(database18)
        with closing(Writer(database18)) as writer:
            writer.append(*healthy[0])
            writer.append(*map(spoilt, agents))
            for case in healthy[1:]:
                writer.append(*case)
            await until_told(lambda: failing(database18) and not_current(database18) == {"agency"})
            assert set(failing(database18)) == {"agency"}
            assert "perhaps" in failing(database18)["agency"]
            writer.append(voided(agents))
            await all_current(database18)
    is_checked(database18)


def spoilt(event):
    stream, topic, state, occurred_at = event
    if topic == POISON[0]:
        document = orjson.loads(state)
        document["fact"][POISON[1]] = POISON[2]
        state = orjson.dumps(document)
    return stream, topic, state, occurred_at


def voided(events):
    (version,) = (n for n, event in enumerate(events, start=1) if event[1] == POISON[0])
    stream, _, state, occurred_at = events[version - 1]
    document = orjson.loads(state) | {"fact": {"target_version": version, "reason": "误录"}}
    return stream, "event.voided.v1", orjson.dumps(document), occurred_at


async def test_a_definition_that_cannot_be_told_stops_alone_until_it_is_mended(database18):
    first, second, third = await cases(3)
    await furnish_county(database18)
    write(database18, first)
    async with kept(database18):
        await all_current(database18)
    async with kept(database18, changed(IMPOSSIBLE)):
        write(database18, second)
        await until_told(lambda: failing(database18) and not_current(database18) == {"case_card"})
        assert "division by zero" in failing(database18)["case_card"]
        assert ask(database18, "select count(*) from county_views.case_card") == [(1,)]
    async with kept(database18):
        write(database18, third)
        await all_current(database18)
    is_checked(database18)
