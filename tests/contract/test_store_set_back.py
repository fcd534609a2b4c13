"""A database that lacks what was acknowledged, as after a change of leader, is not recorded in."""

from domain.log import LogSetBack, OutcomeUnknown
from tests.notes import in_county, noted, open_store
from tests.servers import copied

WRITERS = 2


def held(dsn):
    with in_county(dsn) as connection:
        return connection.execute("select stream from events order by position").fetchall()


async def is_refused(store, submission):
    """Whatever was sent over a connection that broke is unknown; what is sent over a new one is refused."""
    for _ in range(1 + WRITERS):
        try:
            await store.log.append(submission)
        except OutcomeUnknown:
            continue
        except LogSetBack:
            return True
        return False
    return False


async def test_nothing_is_recorded_where_an_acknowledged_event_is_gone(database18):
    async with open_store(database18) as store:
        await store.log.append(noted("note:1", 1))
    with copied(database18) as restore:
        async with open_store(database18) as store:
            await store.log.append(noted("note:2", 1, key="k"))
            restore()
            for again in (noted("note:3", 1), noted("note:2", 1, key="k")):
                assert await is_refused(store, again)
            assert held(database18) == [("note:1",)]


async def test_another_event_in_its_place_is_no_acknowledged_event(database18):
    async with open_store(database18) as store:
        await store.log.append(noted("note:1", 1))
    with copied(database18) as restore:
        async with open_store(database18) as store:
            await store.log.append(noted("note:2", 1))
            restore()
            async with open_store(database18) as other:
                await other.log.append(noted("note:3", 1))
            assert await is_refused(store, noted("note:4", 1))
    assert held(database18) == [("note:1",), ("note:3",)]
