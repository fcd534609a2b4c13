"""Who follows the log is asked again, at each event, who they are: a stream outlasts no session, no key and no post."""

import asyncio
from datetime import timedelta

import pytest

from api.door import Limits
from domain.access.permissions import Action
from domain.case import CASE
from domain.grammar import Duty, Occasion, local_day
from domain.investigation import INVESTIGATION
from domain.investigation.commands import RecordConclusion
from domain.investigation.values import Result
from domain.window.events import PostRelieved
from domain.window.values import Role
from tests.county import AUDITOR_POST, DISCIPLINE_POST, actor_at
from tests.examples import an_accepted_case
from tests.inquiries import CASE_NO, opening_an_investigation
from tests.served_door import PASSWORD, ServedDoor, sign_in
from tests.waiting import until

AUDITOR = "a-auditor"
TOLD_LATER = "a-handler"
INQUIRY = "HC-2026-3"


@pytest.fixture
async def door():
    door = ServedDoor(limits=Limits(stream_seconds=0.5))
    await door.accounts.admit(AUDITOR, PASSWORD)
    return door


@pytest.fixture
async def client(door):
    async with door.client() as client:
        opened = (await sign_in(client, staff_id=AUDITOR)).json()
        client.headers["X-CSRF-Token"] = opened["csrf_token"]
        yield client


async def is_told_later(door, client, happening):
    """Whether somebody who follows the log since before is told of what is recorded after `happening`."""
    following = asyncio.create_task(client.get("/v1/events/stream"))
    await until(lambda: door.reader.followers)
    await happening
    await door.accounts.admit(TOLD_LATER, PASSWORD)
    followed = await following
    assert followed.status_code == 200
    return f"user:{TOLD_LATER}" in followed.text


async def signed_out(client):
    assert (await client.delete("/v1/sessions/current")).status_code == 204


async def passing(door, **time):
    door.now += timedelta(**time)


async def relieved(door):
    yesterday = local_day(door.now - timedelta(days=1))
    fact = PostRelieved(post_id=AUDITOR_POST, staff_id=AUDITOR, duty=Duty.a, last_day=yesterday)
    door.keeper.catalogue.apply(f"post:{AUDITOR_POST}", fact)


async def test_a_stream_tells_of_what_happens_while_the_session_lasts(door, client):
    assert await is_told_later(door, client, passing(door, minutes=1))


async def test_a_stream_ends_with_the_session(door, client):
    assert not await is_told_later(door, client, signed_out(client))


async def test_a_stream_ends_with_the_account(door, client):
    assert not await is_told_later(door, client, door.accounts.suspend(AUDITOR, "调离"))


async def test_a_stream_ends_with_the_post(door, client):
    assert not await is_told_later(door, client, relieved(door))


async def inquired(door, command):
    """As the officer of 纪委 says it."""
    occasion = Occasion(actor_at(DISCIPLINE_POST), door.now)
    await door.keeper.handle(INVESTIGATION, INQUIRY, command, occasion, key=None, digest=bytes(32))


@pytest.fixture
async def officer(door, client):
    await inquired(door, opening_an_investigation(officers=(AUDITOR, "a-discipline")))
    client.headers["Jiandu-Investigation"] = INQUIRY
    return client


async def test_a_stream_under_an_investigation_goes_on_until_it_is_concluded(door, officer):
    assert await is_told_later(door, officer, passing(door, minutes=1))


async def test_a_stream_under_an_investigation_ends_with_its_conclusion(door, officer):
    concluding = RecordConclusion(result=Result.unsubstantiated, findings="日期与回执一致")
    assert not await is_told_later(door, officer, inquired(door, concluding))


async def test_whoever_follows_a_case_beyond_midnight_has_looked_on_both_days(door):
    for each in an_accepted_case():
        await door.keeper.handle(CASE, CASE_NO, each.command, each.occasion, key=None, digest=b"")
    key = await door.keyed(role=Role.auditor, actions=(Action.read_log, Action.read_audit))
    async with door.client(Authorization=f"Bearer {key}") as client:
        following = asyncio.create_task(client.get(f"/v1/events/stream?stream=case:{CASE_NO}"))
        await until(lambda: door.reader.followers)
        days = [local_day(door.now), local_day(door.now + timedelta(days=1))]
        await passing(door, days=1)
        await door.accounts.admit(TOLD_LATER, PASSWORD)
        assert (await following).status_code == 200
    looks = [event.stream for event in door.log.events if event.topic == "perusal.case_file_viewed.v1"]
    assert looks == [f"perusal:approvals/{day}" for day in days]


async def test_a_stream_ends_with_the_key(door):
    key = await door.keyed(role=Role.auditor, actions=(Action.read_log, Action.read_audit))
    async with door.client(Authorization=f"Bearer {key}") as client:
        assert not await is_told_later(door, client, door.accounts.revoke(key.split("_")[1], "停用"))


async def test_a_stream_goes_on_while_the_key_stands(door):
    key = await door.keyed(role=Role.auditor, actions=(Action.read_log, Action.read_audit))
    async with door.client(Authorization=f"Bearer {key}") as client:
        assert await is_told_later(door, client, passing(door, minutes=31))


async def test_following_the_log_keeps_no_session_from_falling_idle(door, client):
    assert await is_told_later(door, client, passing(door, minutes=29))
    await passing(door, minutes=1)
    assert (await client.get("/v1/sessions/current")).status_code == 401
