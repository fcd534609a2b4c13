"""Whose streams of the log are told to whom: investigations, looks, sign-ins; page by page, followed, in the trail, as a file."""

import asyncio
import re
from itertools import product

import orjson
import psycopg
import pytest

from api.door import Limits
from domain.access.permissions import TABLE, Action
from domain.access.shown import OF_THE_COUNTY, Shown
from domain.aggregates import AGGREGATES
from domain.catalogue import MASTER_DATA
from domain.grammar import Occasion
from domain.investigation import INVESTIGATION
from domain.investigation.values import Scope
from domain.store import events as store_events
from domain.store.memory import MemoryLog
from domain.window.values import Role
from projections.registry import PROJECTIONS
from tests import county, views
from tests.doors import Doorway, MemoryReader
from tests.inquiries import opening_an_investigation
from tests.notes import in_county, open_store
from tests.projected import SCHEMA
from tests.reads import CASE_NO, a_read_county
from tests.spec import at
from tests.waiting import until

EVERY_POST = sorted(county._HOLDERS)
AUDITORS = ("a-auditor", "b-auditor")
OPENED = {
    "HC-1": {"scope": Scope(case_nos=(CASE_NO,), persons=("a-approver",))},
    "HC-2": {"scope": Scope(persons=("a-supervision", "b-auditor"))},
    "HC-3": {"scope": Scope(case_nos=(CASE_NO,)), "officers": AUDITORS},
    "HC-4": {"scope": Scope(persons=(county.person_ref("a-discipline"),)), "officers": ("a-supervision", "b-supervision")},
}  # fmt: skip
KNOWN = {
    county.DISCIPLINE_POST: {"HC-1", "HC-2", "HC-3"},
    county.SUPERVISION_POST: {"HC-1", "HC-3", "HC-4"},
    county.AUDITOR_POST: {"HC-3"},
}
"""What each of these posts' A person may know of; whoever holds another post may know of none."""


def named(post):
    return {"X-Jiandu-Speaks-For": f"{county.actor_at(post).staff_id}@{post}"}


def told_of(text):
    return set(re.findall(r"investigation:(HC-[0-9])", text))


async def investigated(doorway):
    for number, different in OPENED.items():
        occasion = Occasion(county.actor_at(county.DISCIPLINE_POST), at("03-25 09:00"))
        command = opening_an_investigation(**different)
        await doorway.keeper.handle(INVESTIGATION, number, command, occasion, key=None, digest=b"")


@pytest.fixture
async def client():
    doorway = Doorway(limits=Limits(stream_seconds=0.05))
    await investigated(doorway)
    async with doorway.entered() as client:
        yield client


@pytest.mark.parametrize("post", EVERY_POST)
async def test_an_investigation_is_told_in_the_log_to_whom_it_is_open(client, post):
    questions = ({}, {"topic": "investigation.opened.v1"}, {"after": "1", "limit": "1"})
    answers = [await client.get("/v1/events", params=each, headers=named(post)) for each in questions]
    alone = [
        (await client.get("/v1/events", params={"stream": f"investigation:{each}"}, headers=named(post))).text
        for each in OPENED
    ]
    followed = await client.get("/v1/events/stream", params={"after": "0"}, headers=named(post))
    known = KNOWN.get(post, set())
    if answers[0].status_code == 403:
        assert not known
        return
    assert told_of(answers[0].text) == told_of(answers[1].text) == told_of("".join(alone)) == known
    assert told_of(followed.text) == known
    assert told_of(answers[2].text) <= known


async def test_one_that_is_opened_while_somebody_follows_is_kept_from_whom_it_is_about():
    doorway = Doorway(limits=Limits(stream_seconds=1))
    async with doorway.entered(county.SUPERVISION_POST) as client:
        following = asyncio.create_task(client.get("/v1/events/stream"))
        await until(lambda: doorway.reader.followers)
        await investigated(doorway)
        assert told_of((await following).text) == KNOWN[county.SUPERVISION_POST]


async def test_who_signed_in_and_who_looked_is_told_to_those_who_audit():
    doorway = Doorway()
    async with doorway.entered() as client:
        enrolled = await client.post("/v1/persons", json={"name": "王大山", "phone": "13800005678"})
        await client.post("/v1/persons/search", json={"name": "王大山", "purpose": "contact"})
        assert enrolled.status_code == 201
        seen = {
            post: (await client.get("/v1/events", headers=named(post))).text
            for post in (county.COUNTY_CLERK_POST, county.TOWN_CLERK_POST, county.AUDITOR_POST)
        }
    for kind in ("subject:", "people_search:"):
        assert kind in seen[county.AUDITOR_POST]
        assert kind not in seen[county.COUNTY_CLERK_POST] + seen[county.TOWN_CLERK_POST]


def test_every_kind_of_stream_has_somebody_who_may_read_it():
    kinds = {aggregate.name for aggregate in AGGREGATES}
    assert {"case", *OF_THE_COUNTY, *(aggregate.name for aggregate in MASTER_DATA)} == kinds


def test_no_view_but_the_trail_and_their_own_holds_what_is_told_to_few():
    few = {"investigation", "perusal", "access", "subject", "people_search", "user", "api_key"}
    holding = {each.name for each in PROJECTIONS if few & set(each.kinds)}
    assert holding == {"audit", "investigations", "perusals"}


# ── the trail ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def trail(database18):
    log = MemoryLog(lambda: at("03-25 09:00"))
    doorway = Doorway(log)
    await investigated(doorway)
    async with a_read_county(database18, reader=MemoryReader(log)) as read:
        async with await psycopg.AsyncConnection.connect(read.dsn) as connection:
            await connection.execute(f"set search_path = {SCHEMA}")
            await views.insert(connection, log.events)
        await read.engine.catch_up()
        yield read


A_VERSION_IS_MISSING = """
insert into events (position, stream, version, topic, occurred_at, recorded_at, state)
select (select max(position) + 1 from events), stream, 5, topic, occurred_at, recorded_at, state
from events
where stream = %(stream)s and version = 1
"""


async def test_the_trail_keeps_the_same_from_the_same(trail):
    async with await psycopg.AsyncConnection.connect(trail.dsn) as connection:
        await connection.execute(f"set search_path = {SCHEMA}")
        for stream in ("investigation:HC-1", "investigation:HC-4"):
            await connection.execute(A_VERSION_IS_MISSING, {"stream": stream})
    await trail.engine.catch_up()
    for post in (county.DISCIPLINE_POST, county.SUPERVISION_POST, county.AUDITOR_POST):
        queries = ({}, {"order": "occurred"}, {"format": "jsonl"}, {"topic": "investigation.opened.v1"})
        for query in queries:
            answer = await trail.client.get("/v1/audit", params=query, headers=named(post))
            assert answer.status_code == 200, answer.text
            assert told_of(answer.text) == KNOWN[post], (post, query)
        gaps = await trail.client.get("/v1/audit/gaps", headers=named(post))
        assert told_of(gaps.text) == KNOWN[post] & {"HC-1", "HC-4"}


# ── the log in the database ─────────────────────────────────────────────────────────────────────────────────


STREAMS = (
    "case:61099910100020260303000017",
    "case:61099910200020260303000017",
    "case:61099910120120260303000017",
    "unit:QX",
    "united:QX",
    "investigation:HC-1",
    "investigation:HC-10",
    "access:a",
)
SHOWN = (
    Shown(),
    Shown(frozenset({"unit"}), "610999101"),
    Shown(frozenset({"unit", "access"}), ""),
    Shown(frozenset({"investigation"}), None, without=frozenset({"investigation:HC-1"})),
    Shown(frozenset(), "610999102", besides=frozenset({"investigation:HC-1"})),
)


async def test_the_database_shows_what_the_rule_shows_near_and_far(database, monkeypatch):
    names = [STREAMS[(n * n + n // 3) % len(STREAMS)] for n in range(40)]
    async with open_store(database) as store:
        with in_county(database) as other:
            for n, name in enumerate(names, start=1):
                topic = "note.noted.v1" if n % 3 else "note.struck.v1"
                other.execute(
                    "insert into events values (%s, %s, %s, %s, now(), now(), %s)",
                    [n, name, names[:n].count(name), topic, orjson.dumps({})],
                )
        for stretch, shown in product((5, 1000), SHOWN):
            monkeypatch.setattr(store_events, "LOOKED_THROUGH", stretch)
            for after, limit, until, topic in (
                (0, 100, None, None),
                (7, 3, 30, None),
                (3, 9, None, "note.noted.v1"),
            ):
                found = await store.events.stored(after, limit, until=until, topic=topic, shown=shown)
                expected = [
                    n
                    for n, name in enumerate(names, start=1)
                    if after < n <= (until or 40) and shown.shows(name)
                    if topic is None or n % 3
                ]
                assert [each.position for each in found] == expected[:limit]


def test_no_role_but_those_who_look_over_all_reads_investigations():
    assert {role for role in Role if Action.read_investigation in TABLE[role]} == {
        Role.supervision,
        Role.discipline,
        Role.auditor,
    }
