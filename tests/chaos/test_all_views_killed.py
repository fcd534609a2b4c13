"""kill -9 of PostgreSQL and of the keeper of all views, in mid-refresh and in mid-rebuild: nothing is doubled or lost."""

import asyncio

from tests.chaos.held import HOLDS, all_current, ask, cases, holding, is_checked, somebody_held, write
from tests.clusters import own_postgres
from tests.servers import kill_every_process
from tests.serving import furnish_county, launched

WANT_REBUILD = "update county_views.projections set is_rebuild_wanted = true"


def a_keeper(dsn):
    return launched("projections", "keep", settings={"JIANDU_DATABASE_URL": dsn})


async def test_all_views_outlive_a_database_killed_in_mid_refresh_and_in_mid_rebuild():
    early, middle, late = await cases(3)
    with own_postgres(furnish_county) as postgres:
        dsn = postgres.dsn
        write(dsn, early)
        with a_keeper(dsn) as keeper:
            await all_current(dsn)
            ask(dsn, HOLDS)
            for disturb in (lambda: write(dsn, middle), lambda: ask(dsn, WANT_REBUILD)):
                with holding(dsn):
                    disturb()
                    await somebody_held(dsn)
                    kill_every_process(postgres.cluster)
                await asyncio.to_thread(postgres.start)
                await all_current(dsn)
            write(dsn, late)
            await all_current(dsn)
            assert keeper.process.poll() is None
        is_checked(dsn)


async def test_all_views_outlive_their_keeper_killed_in_mid_refresh_and_in_mid_rebuild(database18):
    early, middle, late = await cases(3)
    await furnish_county(database18)
    write(database18, early)
    with a_keeper(database18):
        await all_current(database18)
    ask(database18, HOLDS)
    for disturb in (lambda: write(database18, middle), lambda: ask(database18, WANT_REBUILD)):
        with holding(database18), a_keeper(database18) as keeper:
            disturb()
            await somebody_held(database18)
            keeper.process.kill()
            keeper.process.wait()
    write(database18, late)
    with a_keeper(database18):
        await all_current(database18)
    is_checked(database18)
