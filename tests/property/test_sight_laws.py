"""What an event cannot change is not derived again: what each projection says of its sight holds for every event of many
stories, flagged by the rules or not."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import chain

import pytest
from psycopg import sql

from projections.audit import AUDIT
from projections.projection import Sight
from projections.registry import PROJECTIONS
from tests import examples
from tests.property.test_view_laws import STORIES
from tests.views import defined_county, in_views, insert, recorded

TOLD = (*STORIES, examples.a_case_collected_by_the_agent(), examples.a_legacy_case())
FLAG = "P02"
SEEING = tuple(each for each in PROJECTIONS if each.is_of_streams and each.sight and "case" in each.kinds)
"""Those that are not derived again for every event of a case."""


async def told_twice():
    """The events of every story, and again with every event flagged: first the first of each case, then the second …"""
    cases = []
    for n, story in enumerate(chain(TOLD, TOLD), start=100):
        _, events = await recorded(*story, case_no=f"61099910100020260303{n:05}X")
        flagged = n >= 100 + len(TOLD)
        cases.append([_flagged(event) if flagged else event for event in events])
    return [[case[at] for case in cases if at < len(case)] for at in range(max(len(case) for case in cases))]


def _flagged(event):
    return replace(event, envelope=replace(event.envelope, irregularities=(FLAG,)))


VIAS = {need.name: need.via for each in PROJECTIONS for need in each.needs if need.via}


async def rows_by_stream(connection, projection):
    """Counts of rows as text, with the key that they pass on."""
    cursor = await connection.execute(
        sql.SQL("select {key}, told::text, {via} from {name} as told").format(
            key=sql.Identifier(projection.key),
            via=sql.Identifier(VIAS.get(projection.name, projection.key)),
            name=sql.Identifier(projection.name),
        )
    )
    rows = defaultdict(Counter)
    for stream, row, passed in await cursor.fetchall():
        rows[stream][row, passed] += 1
    return rows


async def changes_along(conninfo):
    """By projection's name: each event, and the rows of its case without and with it."""
    rounds, found, kept, position = await told_twice(), defaultdict(list), {}, 0
    async with in_views(conninfo) as connection:
        await connection.execute("set local jit = off")
        for events in rounds:
            await insert(connection, events)
            for projection in (*SEEING, AUDIT):
                told = await rows_by_stream(connection, projection)
                before = kept.get(projection.name, defaultdict(Counter))
                found[projection.name] += [
                    (position + n, event, before[event.stream], told[event.stream])
                    for n, event in enumerate(events, start=1)
                ]
                kept[projection.name] = told
            position += len(events)
    return found


@pytest.fixture(scope="module")
def changes(postgres18):
    with defined_county(postgres18.dsn) as conninfo:
        return asyncio.run(changes_along(conninfo))


def unseen_changes(projection, sight, changes):
    """Events that changed rows, and neither are in sight nor changed what the projection stands on."""
    through = {need.name for need in projection.needs if need.via} & changes.keys()
    passed_on = {
        position
        for name in through
        for position, event, before, after in changes[name]
        if any(passed == event.stream for _, passed in (before - after) + (after - before))
    }
    return [
        event
        for position, event, before, after in changes[projection.name]
        if before != after
        and event.fact.TOPIC not in sight.topics
        and not (sight.sees_flagged and event.envelope.irregularities)
        and position not in passed_on
    ]


@pytest.mark.parametrize("projection", SEEING, ids=lambda each: each.name)
def test_no_event_out_of_sight_changes_a_row(changes, projection):
    assert unseen_changes(projection, projection.sight, changes) == []


@pytest.mark.parametrize("projection", SEEING, ids=lambda each: each.name)
def test_a_topic_left_out_of_the_sight_is_found(changes, projection):
    topics = projection.sight.topics
    found = {topic for topic in topics if unseen_changes(projection, Sight(topics - {topic}, True), changes)}
    if projection.name != "watch":  # it reads receipts for what its cases' duties and steps lead to
        assert found
    if projection.sight.sees_flagged:
        assert unseen_changes(projection, Sight(topics, False), changes)


def test_an_event_adds_its_row_to_the_trail_and_changes_no_other(changes):
    for position, event, before, after in changes[AUDIT.name]:
        ((added, _),) = (after - before).elements()
        assert not before - after
        assert added.startswith(f"({position},{event.stream},")
