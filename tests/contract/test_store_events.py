"""Reading the log by position, page by page, and following it as it grows."""

import asyncio
import re
from itertools import pairwise

import pytest

from domain.store.mapper import TopicUnknown
from domain.store.statements import STATEMENTS
from tests.notes import append_notes, in_county, noted, notes, open_store


@pytest.fixture
async def store(database):
    """Six events: three of note:1, then three of note:2."""
    async with open_store(database) as store:
        await store.log.append(notes("note:1", 1, 3))
        await store.log.append(notes("note:2", 1, 3))
        yield store


def places(events):
    return [(event.position, event.stream, event.version) for event in events]


async def test_a_log_without_events_ends_at_0(database):
    async with open_store(database) as store:
        assert await store.events.last_position() == 0
        assert await store.events.page(0, 10) == []


async def test_a_page_begins_behind_its_position_and_holds_at_most_its_limit(store):
    page = await store.events.page(1, 3)

    assert places(page) == [(2, "note:1", 2), (3, "note:1", 3), (4, "note:2", 1)]
    assert await store.events.last_position() == 6


async def test_a_page_ends_where_it_is_told_to(store):
    assert [event.position for event in await store.events.page(0, 10, until=2)] == [1, 2]


async def test_a_page_may_hold_one_stream_only(store):
    page = await store.events.page(4, 10, stream="note:2", until=5)

    assert places(page) == [(5, "note:2", 2)]


async def test_a_page_may_hold_one_topic_only(store):
    assert len(await store.events.page(0, 10, topic="note.noted.v1")) == 6
    assert await store.events.page(0, 10, topic="note.struck.v1") == []
    assert await store.events.page(0, 10, topic="note.struck.v1", stream="note:1") == []


async def test_what_this_programme_cannot_read_can_still_be_had_as_bytes(store, database):
    with in_county(database) as other:
        other.execute("insert into events values (7, 'note:3', 1, 'note.sealed.v9', now(), now(), '\\x00ff')")

    (stored,) = await store.events.stored(6, 10)
    assert (stored.position, stored.topic, stored.state) == (7, "note.sealed.v9", b"\x00\xff")
    with pytest.raises(TopicUnknown):
        await store.events.page(6, 10)


async def test_following_gives_what_stands_and_then_what_comes(store):
    followed = store.events.follow(4)
    assert [(await anext(followed)).position for _ in range(2)] == [5, 6]

    coming = asyncio.create_task(anext(followed))
    await asyncio.sleep(0)
    await store.log.append(noted("note:1", 4))

    assert (await asyncio.wait_for(coming, 30)).position == 7


async def test_following_hears_of_what_another_programme_appends_without_looking(store, database):
    """Ten events one after the other: who only looked every second would need ten seconds."""
    followed = store.events.follow(6)
    async with open_store(database) as other, asyncio.timeout(9):
        for n in range(1, 11):
            coming = asyncio.create_task(anext(followed))
            await asyncio.sleep(0)
            await other.log.append(noted("note:3", n))
            assert (await coming).position == 6 + n


async def test_following_finds_what_was_never_announced(store, database):
    coming = asyncio.create_task(anext(store.events.follow(6)))
    with in_county(database) as other:
        append_notes(other, "note:1", [4])

    assert (await asyncio.wait_for(coming, 30)).position == 7


async def test_following_one_stream_passes_over_the_others(store):
    coming = asyncio.create_task(anext(store.events.follow(6, stream="note:2")))
    await store.log.append(noted("note:1", 4))
    await store.log.append(noted("note:2", 4))

    assert places([await asyncio.wait_for(coming, 30)]) == [(8, "note:2", 4)]


async def test_followers_under_load_miss_nothing_and_hear_nothing_twice(database):
    async with open_store(database) as one, open_store(database) as other:

        async def write(store, stream):
            for version in range(1, 51):
                await store.log.append(noted(stream, version))

        async def follow(store):
            followed = store.events.follow()
            return [(await anext(followed)).position for _ in range(500)]

        heard, *_ = await asyncio.gather(
            asyncio.wait_for(asyncio.gather(follow(one), follow(other)), 60),
            *(write(one, f"note:a{n}") for n in range(5)),
            *(write(other, f"note:b{n}") for n in range(5)),
        )

    assert heard == [list(range(1, 501))] * 2


async def test_events_are_recorded_in_the_order_of_their_positions(store):
    events = await store.events.page(0, 10)

    assert all(earlier.recorded_at <= later.recorded_at for earlier, later in pairwise(events))


TEN_THOUSAND = """
insert into events
select n + 6, 'note:' || n % 500 + 3, n / 500 + 1, 'note.noted.v1', now(), now(), '\\x00'
from generate_series(1, 10000) as n
"""
KIND = dict.fromkeys(("after", "until", "limit"), "bigint") | {"topic": "text"}
KIND |= dict.fromkeys(("lowest", "beyond", "without"), "text[]")
ASKED = {"after": "1", "until": "1000000", "limit": "100", "topic": "null", "without": "array[]::text[]"}
ASKED |= {"lowest": "array['note:77', 'note:9']", "beyond": "array['note:77!', 'note:9!']"}


@pytest.mark.usefixtures("store")
def test_what_lies_far_is_found_by_name_whatever_else_the_log_holds(database):
    """Also by a plan that is made once for all pages: it must not read the positions of the whole log for each range."""
    places = {}
    statement = re.sub(
        r"%\((\w+)\)s",
        lambda asked: f"${places.setdefault(asked[1], len(places) + 1)}",
        STATEMENTS["shown_far"].decode(),
    )
    kinds = ", ".join(KIND[name] for name in places)
    asked = ", ".join(ASKED[name] for name in places)
    with in_county(database) as other:
        other.execute(TEN_THOUSAND)
        other.execute("analyze events")
        other.execute("set plan_cache_mode = force_generic_plan")
        other.execute(f"prepare far ({kinds}) as {statement}")
        plan = [line for (line,) in other.execute(f"explain execute far({asked})")]
    conditions = [line for line in plan if "Index Cond" in line]
    assert any("stream >=" in line for line in conditions), plan
    assert not any('"position" >' in line for line in conditions), plan
