"""Users and keys, kept over HTTP by whoever may, and by nobody else."""

from datetime import timedelta

import pytest

from domain.access.accounts import AdmitUser
from domain.access.rejections import NotTheirOwnAccount
from domain.grammar import CHINA
from domain.window.values import Role
from tests.county import CATALOGUE_POST, COUNTY_DIVISION, TOWN_CLERK_POST
from tests.identity_provider import IdentityProvider, reached
from tests.served_door import PASSWORD, ServedDoor, a_post, code, sign_in

CLERK = "a-town-clerk"
ADMIN, ADMIN_POST, DESK = "a-auditor", "P-XT", "P-XK"


@pytest.fixture
async def door():
    door = ServedDoor(provider=reached(IdentityProvider()))
    await a_post(door, ADMIN_POST, Role.system_admin, ADMIN)
    for staff_id in (CLERK, ADMIN):
        await door.accounts.admit(staff_id, PASSWORD)
    return door


async def entered(client, staff_id=ADMIN, post_id=ADMIN_POST):
    opened = await sign_in(client, staff_id=staff_id, post_id=post_id)
    client.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
    return client


async def act(client, staff_id, kind, **more):
    return await client.post(f"/v1/admin/users/{staff_id}/actions", json={"action": {"type": kind, **more}})


async def test_an_administrator_admits_somebody_who_can_then_sign_in(door):
    async with door.client() as client, door.client() as theirs:
        await entered(client)
        admitted = await client.post("/v1/admin/users", json={"staff_id": "b-town-clerk"})
        assert admitted.status_code == 201
        told = admitted.json()
        assert (told["is_suspended"], told["is_linked"]) == (False, False)
        assert (await sign_in(theirs, "b-town-clerk", told["password"])).status_code == 201
        listed = (await client.get("/v1/admin/users")).json()["users"]
    assert [user["staff_id"] for user in listed] == sorted((CLERK, "b-town-clerk", ADMIN))
    assert all("password" not in user for user in listed)
    by = [event.envelope.actor for event in door.log.events if event.topic == "user.admitted.v1"]
    assert [(actor.staff_id, actor.post_id) for actor in by[-2:]] == [("operator", None), (ADMIN, ADMIN_POST)]


async def test_who_has_an_account_is_not_admitted_over_their_password(door):
    async with door.client() as client, door.client() as theirs:
        await entered(client)
        await sign_in(theirs)
        before = len(door.told("user.password_set.v1"))
        for said in ({}, {"password": "另择一句与旧句无关的话-77"}):
            refused = await client.post("/v1/admin/users", json={"staff_id": CLERK, **said})
            assert (refused.status_code, code(refused)) == (409, "admitted-already")
            assert "reset_password" in refused.json()["wanted_en"]
            assert "reset_password" in refused.json()["wanted"]
        assert len(door.told("user.password_set.v1")) == before
        assert (await theirs.get("/v1/sessions/current")).status_code == 200
        assert (await sign_in(theirs)).status_code == 201


async def test_the_same_admission_again_is_answered_as_the_first_and_changes_nothing(door):
    asked = {"staff_id": "b-town-clerk", "password": PASSWORD}
    async with door.client() as client, door.client() as theirs:
        await entered(client)
        first = await client.post("/v1/admin/users", json=asked)
        await sign_in(theirs, "b-town-clerk")
        told = [event.position for event in door.log.events]
        again = [await client.post("/v1/admin/users", json=asked) for _ in range(7)]
        assert {(each.status_code, each.content) for each in (first, *again)} == {(201, first.content)}
        assert [event.position for event in door.log.events] == told
        assert (await theirs.get("/v1/sessions/current")).status_code == 200


async def test_an_admission_that_broke_off_before_its_password_is_finished_by_the_next(door):
    await door.accounts.user(AdmitUser(staff_id="b-town-clerk"))
    async with door.client() as client, door.client() as theirs:
        await entered(client)
        admitted = await client.post("/v1/admin/users", json={"staff_id": "b-town-clerk"})
        assert (await sign_in(theirs, "b-town-clerk", admitted.json()["password"])).status_code == 201


async def test_nobody_guesses_a_password_by_admitting(door):
    async with door.client() as client:
        await entered(client)
        tried = [
            await client.post("/v1/admin/users", json={"staff_id": CLERK, "password": f"{PASSWORD}-{n}"})
            for n in range(6)
        ]
    assert [each.status_code for each in tried] == [409] * 5 + [429]


async def test_an_administrator_suspends_restores_resets_and_links(door):
    async with door.client() as client, door.client() as theirs:
        await entered(client)
        await sign_in(theirs)
        assert (await act(client, CLERK, "suspend_user", reason="调离")).json()["is_suspended"]
        assert (await theirs.get("/v1/sessions/current")).status_code == 401
        assert not (await act(client, CLERK, "restore_user")).json()["is_suspended"]
        made = (await act(client, CLERK, "reset_password")).json()["password"]
        assert (await sign_in(theirs, password=made)).status_code == 201
        assert (await act(client, CLERK, "end_sessions")).status_code == 200
        assert (await theirs.get("/v1/sessions/current")).status_code == 401
        assert (await act(client, CLERK, "link_subject", subject="8f2c")).json()["is_linked"]
        assert not (await act(client, CLERK, "unlink_subject")).json()["is_linked"]


@pytest.mark.parametrize(
    ("kind", "more", "refusal"),
    [
        ("reset_password", {"password": "short"}, (422, "password-weak")),
        ("link_subject", {"subject": "13800005678"}, (409, "subject-is-personal")),
        ("promote", {}, (422, "content-invalid")),
        ("suspend_user", {}, (422, "content-invalid")),
    ],
    ids=["weak", "personal", "no such act", "no reason"],
)
async def test_what_the_rules_refuse_is_refused_over_http(door, kind, more, refusal):
    async with door.client() as client:
        refused = await act(await entered(client), CLERK, kind, **more)
    assert (refused.status_code, code(refused)) == refusal


async def test_an_account_that_is_not_there_is_unknown_and_ones_own_is_anothers_affair(door):
    async with door.client() as client:
        await entered(client)
        for nobody in ("nobody", "%00", "a b"):
            assert code(await act(client, nobody, "restore_user")) == "user-unknown"
        for kind in ("reset_password", "end_sessions", "unlink_subject"):
            refused = await act(client, ADMIN, kind)
            assert (refused.status_code, code(refused)) == (403, NotTheirOwnAccount.code())


async def test_an_administrator_issues_a_key_that_works_until_it_is_revoked(door):
    wanted = {
        "programme": "approvals",
        "title": "对接",
        "role": "importer",
        "division_code": COUNTY_DIVISION,
        "actions": ["catalogue.read"],
    }
    async with door.client() as client:
        await entered(client)
        issued = (await client.post("/v1/admin/keys", json=wanted)).json()
        assert not issued["speaks_for_posts"]
        async with door.client(Authorization=f"Bearer {issued['key']}") as programme:
            assert (await programme.get("/v1/catalogue/units")).status_code == 200
            revoked = await client.post(
                f"/v1/admin/keys/{issued['key_id']}/revocation", json={"reason": "停用"}
            )
            assert revoked.json()["is_revoked"]
            assert (await programme.get("/v1/catalogue/units")).status_code == 401
        listed = (await client.get("/v1/admin/keys")).json()["keys"]
        assert [(key["key_id"], key["is_revoked"], "key" in key) for key in listed] == [
            (issued["key_id"], True, False)
        ]
        unknown = await client.post("/v1/admin/keys/0000/revocation", json={"reason": "停用"})
        assert (unknown.status_code, code(unknown)) == (404, "key-unknown")


async def test_a_key_that_speaks_for_posts_is_not_issued_over_http(door):
    wanted = {"programme": "p", "title": "x", "role": "importer", "division_code": COUNTY_DIVISION}
    async with door.client() as client:
        await entered(client)
        refused = await client.post("/v1/admin/keys", json=wanted | {"speaks_for_posts": True})
    assert (refused.status_code, code(refused)) == (422, "content-invalid")


async def test_nobody_else_keeps_accounts_and_the_attempt_is_recorded(door):
    async with door.client() as client:
        await entered(client, CLERK, TOWN_CLERK_POST)
        for refused in (
            await client.get("/v1/admin/users"),
            await act(client, CLERK, "reset_password"),
            await client.post("/v1/admin/keys", json={}),
        ):
            assert (refused.status_code, code(refused)) == (403, "not-permitted")
    assert {fact.action for fact in door.told("access.action_denied.v1")} == {"user.manage", "key.manage"}


async def on_post(client, post_id, kind, **said):
    return await client.post(f"/v1/admin/posts/{post_id}/actions", json={"action": {"type": kind, **said}})


async def test_who_is_assigned_a_post_acts_at_it_and_who_is_relieved_does_not(door):
    await a_post(door, DESK, Role.reviewer, CLERK)
    for staff_id in ("a-catalogue", "a-agent"):
        await door.accounts.admit(staff_id, PASSWORD)
    held = {"staff_id": "a-agent", "duty": "A", "valid_from": today(door).isoformat()}
    last = (today(door) - timedelta(days=1)).isoformat()
    async with door.client() as client, door.client() as theirs:
        await entered(client, "a-catalogue", CATALOGUE_POST)
        assert (await sign_in(theirs, "a-agent", post_id=DESK)).status_code == 403
        taken = await on_post(client, DESK, "assign_post", **held)
        assert (taken.status_code, code(taken)) == (409, "duty-already-held")
        relieved = await on_post(client, DESK, "relieve_post", staff_id=CLERK, duty="A", last_day=last)
        assert relieved.json()["assignments"][0]["valid_to"] == last
        assert (await sign_in(theirs, post_id=DESK)).status_code == 403
        assert (await on_post(client, DESK, "assign_post", **held)).is_success
        assert (await sign_in(theirs, "a-agent", post_id=DESK)).status_code == 201
    (assigned,) = [event for event in door.log.events if event.topic == "post.assigned.v1"][-1:]
    assert assigned.envelope.actor.staff_id == "a-catalogue"


def today(door):
    return door.now.astimezone(CHINA).date()


async def test_nobody_assigns_a_post_to_themselves_and_only_posts_that_are_there(door):
    own = {"staff_id": "a-catalogue", "duty": "B", "valid_from": "2026-03-02"}
    await door.accounts.admit("a-catalogue", PASSWORD)
    async with door.client() as client:
        await entered(client, "a-catalogue", CATALOGUE_POST)
        for post_id, said, refusal in (
            (TOWN_CLERK_POST, own, (403, "own-post")),
            ("P-NO", own, (404, "entry-unknown")),
            (TOWN_CLERK_POST, own | {"staff_id": CLERK, "valid_to": "2026-03-01"}, (422, "content-invalid")),
        ):
            refused = await on_post(client, post_id, "assign_post", **said)
            assert (refused.status_code, code(refused)) == refusal
        assert code(await client.get("/v1/admin/users")) == "not-permitted"
    async with door.client() as client:
        await entered(client)
        assert code(await on_post(client, TOWN_CLERK_POST, "assign_post", **own)) == "not-permitted"


async def test_no_password_and_no_key_stands_in_the_log(door):
    async with door.client() as client:
        await entered(client)
        made = (await act(client, CLERK, "reset_password")).json()["password"]
    states = b"".join(event.state for event in door.log.events)
    assert made.encode() not in states
