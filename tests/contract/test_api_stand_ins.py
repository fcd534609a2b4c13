"""顶岗与委托 over HTTP: who acts for whom, under what, and what the record says of it."""

from datetime import date, timedelta

import pytest

from domain.grammar import Duty
from domain.store.memory import MemoryLog
from tests.county import (
    APPROVER_POST,
    COUNTY_CLERK_POST,
    DIRECTOR_POST,
    GOVERNMENT_HEAD_POST,
    HANDLER_POST,
    HOMESTEAD,
    TOWN_CLERK_POST,
    actor_at,
)
from tests.doors import Doorway
from tests.spec import at

TODAY = date(2026, 3, 4)
GRANT = {
    "type": "grant_delegation",
    "delegate": "a-handler",
    "item_codes": [HOMESTEAD],
    "valid_from": TODAY.isoformat(),
    "valid_to": (TODAY + timedelta(days=9)).isoformat(),
    "reason": "外出学习",
}
RECEIVE = {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": "p-" + "0" * 32}


@pytest.fixture
def doorway():
    return Doorway(clock=lambda: at("03-04 09:00"))


@pytest.fixture
async def client(doorway):
    async with doorway.entered() as client:
        yield client


def named(post, *, duty=Duty.a, staff_id=None):
    return {"X-Jiandu-Speaks-For": f"{staff_id or actor_at(post, duty).staff_id}@{post}"}


def problem(response, status, code):
    assert (response.status_code, response.json()["type"]) == (status, f"urn:jiandu:problem:{code}")


async def grant(client, number="WT-1", post=TOWN_CLERK_POST):
    body = {"delegation_no": number, "action": GRANT}
    return await client.post("/v1/delegations", json=body, headers=named(post))


async def act(client, action, by, number="WT-1"):
    body = {"action": {"type": action} | ({"reason": "已返岗"} if action == "revoke_delegation" else {})}
    return await client.post(f"/v1/delegations/{number}/actions", json=body, headers=by)


async def test_a_delegate_enters_the_post_once_it_is_approved_and_until_it_is_revoked(doorway, client):
    delegate = named(TOWN_CLERK_POST, staff_id="a-handler")
    asked = {"json": {"action": RECEIVE}, "headers": delegate}
    granted = await grant(client)
    assert (granted.status_code, granted.json()["delegation_no"]) == (201, "WT-1")
    problem(await client.post("/v1/cases", **asked), 403, "post-not-held")

    problem(await act(client, "approve_delegation", named(APPROVER_POST)), 403, "not-above-the-post")
    assert (await act(client, "approve_delegation", named(DIRECTOR_POST))).status_code == 201
    recorded = await client.post("/v1/cases", **asked)
    assert recorded.status_code == 201, recorded.text
    actor = doorway.log.events[-1].envelope.actor
    assert (actor.staff_id, actor.on_behalf_of, actor.delegation_no) == ("a-handler", "a-town-clerk", "WT-1")
    assert (actor.post_id, actor.role, actor.duty) == (TOWN_CLERK_POST, "window_clerk", None)

    other = {"action": RECEIVE | {"item_code": "SX-XK"}}
    problem(await client.post("/v1/cases", json=other, headers=delegate), 403, "outside-delegation")
    assert (await act(client, "revoke_delegation", named(HANDLER_POST))).status_code == 201
    problem(await client.post("/v1/cases", **asked), 403, "post-not-held")


async def test_nobody_approves_a_delegation_from_or_to_themselves(client):
    await grant(client)
    problem(
        await act(client, "approve_delegation", named(TOWN_CLERK_POST)), 403, "delegation-approved-by-party"
    )
    problem(await act(client, "approve_delegation", named(HANDLER_POST)), 403, "delegation-approved-by-party")


async def test_a_b_person_who_has_not_taken_over_is_told_how(client):
    stand_in = named(TOWN_CLERK_POST, duty=Duty.b)
    refused = await client.post("/v1/cases", json={"action": RECEIVE}, headers=stand_in)
    problem(refused, 403, "stand-in-not-on-duty")
    person = (await client.post("/v1/persons", json={"name": "李桂兰"}, headers=stand_in)).json()[
        "person_ref"
    ]
    asked = {"parts": ["name"], "purpose": "handling"}
    refused = await client.post(f"/v1/persons/{person}/reveal", json=asked, headers=stand_in)
    problem(refused, 403, "stand-in-not-on-duty")
    setting_aside = {"action": {"type": "propose_measure", "measure": "restrict", "reason": "当事人要求"}}
    refused = await client.post(f"/v1/persons/{person}/measures", json=setting_aside, headers=stand_in)
    problem(refused, 403, "stand-in-not-on-duty")
    taking = {"action": {"type": "take_over_post", "post_id": TOWN_CLERK_POST, "absence": "training"}}
    taken = await client.post("/v1/takeovers", json=taking, headers=stand_in)
    assert (taken.status_code, taken.json()["takeover_no"]) == (201, TOWN_CLERK_POST)
    assert (await client.post("/v1/cases", json={"action": RECEIVE}, headers=stand_in)).status_code == 201
    for path, body in (("reveal", asked), ("measures", setting_aside)):
        answer = await client.post(f"/v1/persons/{person}/{path}", json=body, headers=stand_in)
        assert answer.is_success, answer.text
    told = (await client.get("/v1/stand-ins")).json()
    assert [each["staff_id"] for each in told["takeovers"]] == ["b-town-clerk"]


async def test_a_township_is_shown_its_own_and_the_county_all(client):
    taking = {"action": {"type": "take_over_post", "post_id": COUNTY_CLERK_POST, "absence": "leave"}}
    await client.post("/v1/takeovers", json=taking, headers=named(COUNTY_CLERK_POST, duty=Duty.b))
    await grant(client, "WT-1")
    await grant(client, "WT-2", COUNTY_CLERK_POST)
    seen = {}
    for post in (TOWN_CLERK_POST, GOVERNMENT_HEAD_POST):
        told = (await client.get("/v1/stand-ins", headers=named(post))).json()
        numbers = [each["delegation_no"] for each in told["delegations"]]
        seen[post] = (numbers, [each["post_id"] for each in told["takeovers"]])
    assert seen == {
        TOWN_CLERK_POST: (["WT-1"], []),
        GOVERNMENT_HEAD_POST: (["WT-1", "WT-2"], [COUNTY_CLERK_POST]),
    }
    for number in ("WT-2", "WT-9"):
        problem(
            await act(client, "approve_delegation", named(DIRECTOR_POST), number), 404, "delegation-not-found"
        )
    for post in (COUNTY_CLERK_POST, "P-X"):
        release = {"action": {"type": "release_post", "post_id": post}}
        answer = await client.post("/v1/takeovers", json=release, headers=named(DIRECTOR_POST))
        problem(answer, 404, "post-unknown")


async def test_who_stood_in_is_told_as_it_was_known_and_on_the_day_that_is_asked():
    moment = at("03-04 09:00")
    async with Doorway(MemoryLog(lambda: moment), clock=lambda: moment).entered() as client:
        await grant(client)
        moment = at("03-04 11:00")
        await act(client, "approve_delegation", named(DIRECTOR_POST))

        async def told(**query):
            response = await client.get("/v1/stand-ins", params=query)
            assert response.status_code == 200, response.text
            return [(each["approved_on"], each["counts_today"]) for each in response.json()["delegations"]]

        assert await told() == [(TODAY.isoformat(), True)]
        assert await told(day="2026-03-03") == []
        assert await told(day="2026-03-14") == []
        assert await told(known_at="2026-03-04T10:00:00+08:00") == [(None, False)]
        assert await told(known_at="2026-03-03T10:00:00+08:00") == []


async def test_of_a_day_that_has_passed_what_had_begun_is_told_and_else_what_is_to_come_too():
    moment = at("03-04 09:00")
    async with Doorway(MemoryLog(lambda: moment), clock=lambda: moment).entered() as client:
        await grant(client)
        to_come = {"delegation_no": "WT-2", "action": GRANT | {"valid_from": "2026-03-06"}}
        await client.post("/v1/delegations", json=to_come, headers=named(TOWN_CLERK_POST))

        async def told(**query):
            response = await client.get("/v1/stand-ins", params=query)
            assert response.status_code == 200, response.text
            return [each["delegation_no"] for each in response.json()["delegations"]]

        assert await told() == ["WT-1", "WT-2"]
        assert await told(day="2026-03-05") == ["WT-1", "WT-2"]
        moment = at("03-09 09:00")
        assert await told() == ["WT-1", "WT-2"]
        for query, numbers in (
            ({"day": "2020-01-01"}, []),
            ({"day": "2026-03-05"}, ["WT-1"]),
            ({"happened_by": "2026-03-05T12:00:00+08:00"}, ["WT-1"]),
            ({"day": "2026-03-06"}, ["WT-1", "WT-2"]),
            ({"known_at": "2026-03-05T12:00:00+08:00"}, ["WT-1", "WT-2"]),
            ({"known_at": "2026-03-05T12:00:00+08:00", "day": "2026-03-04"}, ["WT-1"]),
        ):
            assert await told(**query) == numbers, query
