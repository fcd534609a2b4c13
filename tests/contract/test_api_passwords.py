"""People change their passwords, and sessions end: by themselves, everywhere, and in every process."""

import re
from datetime import timedelta
from time import process_time

import pytest

from api.accounts import a_password
from api.authentication import COOKIE
from api.passwords import expect_strong
from tests.county import a_county
from tests.served_door import PASSWORD, ServedDoor, code, sign_in

NEW = "采菊东篱下-悠然见南山"


@pytest.fixture
async def door():
    door = ServedDoor()
    await door.accounts.admit("a-town-clerk", PASSWORD)
    return door


async def signed_in(client):
    client.headers["X-CSRF-Token"] = (await sign_in(client)).json()["csrf_token"]
    return client


async def change(client, old=PASSWORD, new=NEW):
    return await client.post("/v1/password", json={"old_password": old, "new_password": new})


async def is_in(client):
    return (await client.get("/v1/sessions/current")).status_code == 200


async def test_a_new_password_opens_the_door_and_the_old_one_does_not(door):
    async with door.client() as client, door.client() as another:
        changed = await change(await signed_in(client))
        assert changed.status_code == 201
        assert (await sign_in(another)).status_code == 401
        assert (await sign_in(another, password=NEW)).status_code == 201
    assert [fact.staff_id for fact in door.told("user.password_set.v1")] == ["a-town-clerk"] * 2
    by = [event.envelope.actor for event in door.log.events if event.topic == "user.password_set.v1"]
    assert [actor.staff_id for actor in by] == ["operator", "a-town-clerk"]


async def test_a_new_password_ends_every_other_session_and_gives_this_one_anew(door):
    async with door.client() as client, door.client() as another:
        await signed_in(another)
        before = (await signed_in(client)).cookies[COOKIE]
        told = (await change(client)).json()
        assert client.cookies[COOKIE] != before
        assert (await client.get("/v1/sessions/current")).json() == told
        assert not await is_in(another)
    async with door.client(Cookie=f"{COOKIE}={before}") as stolen:
        assert not await is_in(stolen)


async def test_without_the_old_password_nothing_changes(door):
    async with door.client() as client:
        refused = await change(await signed_in(client), old="not the old one")
        assert (refused.status_code, code(refused)) == (403, "old-password-wrong")
        assert await is_in(client)
        assert (await sign_in(client)).status_code == 201
    assert [fact.why for fact in door.told("access.sign_in_failed.v1")] == ["credentials"]


async def test_the_old_password_is_guessed_no_more_often_than_at_the_door(door):
    async with door.client() as client:
        await signed_in(client)
        for _ in range(5):
            assert (await change(client, old="not the old one")).status_code == 403
        assert (await change(client)).status_code == 429


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "x" * 129,
        "invisible\u200b-2026",
        "e\u0301galite\u0301-2026",
        "aaaaaaaaaaaaaaaa",
        "a-town-clerk-2026",
        PASSWORD,
    ],
    ids=["short", "long", "invisible", "not composed", "monotonous", "the number", "the old one"],
)
async def test_a_weak_password_is_refused(door, weak):
    async with door.client() as client:
        refused = await change(await signed_in(client), new=weak)
    assert refused.status_code == 422
    assert code(refused) in {"password-weak", "content-invalid"}
    assert weak not in refused.text


@pytest.mark.parametrize(
    "guessed",
    [
        "woaini1314520",  # 我爱你一生一世我爱你
        "woaini5201314",
        "为人民服务为人民服务2026",
        "weirenminfuwu888",
        "qwer1234asdf",  # along the keyboard
        "1qaz2wsx3edc",
        "147258369147",
        "0123456789abc",  # counted on
        "abcabcabcabcde",
        "P@ssw0rd2026",  # known to everybody
        "iloveyou1314",
        "wang123456789",
        "bianmin-2026",  # where one works
        "zhengwu@2026",
        "政务服务大厅窗口2026",
        "610999101000-2026",
        "白鹤镇便民服务中心1",
        "13812345678-me",  # somebody's number
        "li610102196001011238",
    ],
)
async def test_a_password_that_somebody_would_guess_is_refused(door, guessed):
    async with door.client() as client:
        refused = await change(await signed_in(client), new=guessed)
    assert (refused.status_code, code(refused)) == (422, "password-guessed")
    assert guessed not in refused.text


@pytest.mark.parametrize(
    "taken",
    [
        "采菊东篱-悠然见南山吗",
        "tolerable rain 42",
        "q7Rm2xLk9v",
        "yugao-jiaoche-qingwa",
        "9" * 3 + "只鹤飞过老渡口",
    ],
)
async def test_a_password_of_ones_own_is_taken(door, taken):
    async with door.client() as client:
        assert (await change(await signed_in(client), new=taken)).status_code == 201


def test_what_is_made_by_chance_is_never_refused():
    for _ in range(20):
        expect_strong("a-town-clerk", a_password(), a_county())


def test_a_password_made_to_be_long_to_judge_is_judged_soon():
    began = process_time()
    expect_strong("a-town-clerk", "4@8({[<369&#!1|0$5+7%2" * 5, a_county())
    assert process_time() - began < 2


async def test_refusals_say_in_both_languages_what_would_be_taken(door):
    async with door.client() as client:
        await signed_in(client)
        for refused in (
            await change(client, old="not the old one"),
            await change(client, new="short"),
            await change(client, new="woaini1314520"),
        ):
            problem = refused.json()
            assert re.search(r"[\u4e00-\u9fff]", problem["title"] + problem["wanted"])
            assert re.match(r"[A-Z][a-z ]+", problem["title_en"])
            assert problem["wanted_en"]


async def test_a_password_is_changed_from_this_server_and_by_a_person_alone(door):
    async with door.client() as client:
        await signed_in(client)
        del client.headers["X-CSRF-Token"]
        assert code(await change(client)) == "cross-site"
    async with door.client(Authorization=f"Bearer {await door.keyed()}") as programme:
        assert code(await change(programme)) == "identity-missing"


async def test_who_signs_out_everywhere_is_out_everywhere(door):
    beside = ServedDoor(door)
    async with door.client() as client, door.client() as second, beside.client() as third:
        for each in (client, second, third):
            await signed_in(each)
        assert (await client.delete("/v1/sessions")).status_code == 204
        assert [await is_in(each) for each in (client, second, third)] == [False] * 3
        assert (await sign_in(client)).status_code == 201
    assert [fact.staff_id for fact in door.told("user.sessions_ended.v1")] == ["a-town-clerk"]


async def test_a_session_is_over_after_thirty_minutes_without_use(door):
    async with door.client() as client:
        assert (await sign_in(client)).json()["idle_minutes"] == 30
        for _ in range(4):
            door.now += timedelta(minutes=28)
            assert await is_in(client)
        door.now += timedelta(minutes=30)
        refused = await client.get("/v1/sessions/current")
        assert (refused.status_code, code(refused)) == (401, "identity-unknown")


async def test_use_in_one_process_keeps_a_session_open_in_another(door):
    beside = ServedDoor(door)
    async with door.client() as client:
        await sign_in(client)
        cookies = client.cookies
        door.now += timedelta(minutes=20)
        assert await is_in(client)
    beside.now = door.now + timedelta(minutes=20)
    async with beside.client() as client:
        client.cookies = cookies
        assert await is_in(client)


async def test_a_session_is_over_after_ten_hours_however_busy(door):
    async with door.client() as client:
        await sign_in(client)
        for _ in range(29):
            door.now += timedelta(minutes=20)
            assert await is_in(client)
        door.now += timedelta(minutes=20)
        assert not await is_in(client)


async def test_all_processes_count_failures_together_and_after_a_restart(door):
    processes = [ServedDoor(door) for _ in range(3)]
    for process in (*processes, *processes[:2]):
        async with process.client() as client:
            assert (await sign_in(client, password="wrong-password")).status_code == 401
    restarted = ServedDoor(door)
    async with restarted.client() as client:
        blocked = await sign_in(client)
        assert (blocked.status_code, code(blocked)) == (429, "sign-in-blocked")
        assert blocked.headers["retry-after"] == "900"


async def test_an_address_is_blocked_after_fifty_failures_whoever_is_named(door):
    async with door.client() as client:
        for n in range(50):
            assert (await sign_in(client, staff_id=f"nobody-{n}", password="x")).status_code == 401
        assert (await sign_in(client)).status_code == 429
        door.now += timedelta(minutes=15)
        assert (await sign_in(client)).status_code == 201
