"""The door as it is served: people sign in, programmes show a key, and nobody else comes in."""

from datetime import timedelta

import pytest

from api.authentication import COOKIE
from domain.access.permissions import Action
from domain.grammar import Duty, local_day
from domain.staff.events import StaffLeft
from domain.window.events import PostRelieved
from tests.county import (
    APPROVER_POST,
    HOMESTEAD,
    TOWN_CLERK_POST,
    TOWN_DIVISION,
    person_ref,
)
from tests.served_door import PASSWORD, ServedDoor, code, sign_in

RECEIPT = {"action": {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": person_ref("v")}}


@pytest.fixture
async def door():
    door = ServedDoor()
    await door.accounts.admit("a-town-clerk", PASSWORD)
    return door


async def test_a_session_records_as_the_person_at_the_post(door):
    async with door.client() as client:
        opened = (await sign_in(client)).json()
        assert (opened["post_id"], opened["role"], opened["duty"]) == (TOWN_CLERK_POST, "window_clerk", "A")
        client.headers["X-CSRF-Token"] = opened["csrf_token"]
        assert (await client.post("/v1/cases", json=RECEIPT)).status_code == 201
    actor = door.log.events[-1].envelope.actor
    assert (actor.staff_id, actor.post_id, actor.via) == ("a-town-clerk", TOWN_CLERK_POST, None)
    assert [fact.session for fact in door.told("access.signed_in.v1")] == [opened["session"]]


async def test_the_cookie_is_for_this_server_over_tls_and_for_no_script(door):
    async with door.client() as client:
        said = (await sign_in(client)).headers["set-cookie"]
    assert said.startswith(f"{COOKIE}=")
    assert COOKIE.startswith("__Host-")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {part.strip() for part in said.split(";")}
    assert "domain" not in said.lower()


async def test_the_token_stands_nowhere_but_in_the_cookie(door):
    async with door.client() as client:
        await sign_in(client)
        token = client.cookies[COOKIE]
    assert not any(
        token.encode() in event.state or PASSWORD.encode() in event.state for event in door.log.events
    )
    assert token not in str(door.secrets.__dict__)
    assert PASSWORD not in str(door.secrets.__dict__)


async def test_who_says_nothing_or_a_name_alone_is_not_let_in(door):
    for headers in (
        {},
        {"X-Jiandu-Speaks-For": f"a-town-clerk@{TOWN_CLERK_POST}"},
        {"Authorization": "Basic YTpi"},
    ):
        async with door.client(**headers) as client:
            refused = await client.get("/v1/events")
        assert (refused.status_code, code(refused)) == (401, "identity-missing")
        assert refused.headers["www-authenticate"] == 'Bearer realm="jiandu"'


async def test_a_session_that_nobody_opened_is_not_known(door):
    async with door.client(Cookie=f"{COOKIE}=made-up") as client:
        refused = await client.get("/v1/events")
    assert (refused.status_code, code(refused)) == (401, "identity-unknown")


async def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(door):
    async with door.client() as client:
        wrong = await sign_in(client, password="wrong-password")
        unknown = await sign_in(client, staff_id="nobody-here")
    assert (wrong.status_code, code(wrong)) == (401, "sign-in-refused")
    assert wrong.json() == unknown.json()
    assert [fact.why for fact in door.told("access.sign_in_failed.v1")] == ["credentials", "credentials"]


async def test_after_five_failures_nothing_is_looked_at_for_a_quarter_of_an_hour(door):
    async with door.client() as client:
        for _ in range(5):
            assert (await sign_in(client, password="wrong-password")).status_code == 401
        blocked = await sign_in(client)
        assert (blocked.status_code, code(blocked)) == (429, "sign-in-blocked")
        door.now += timedelta(minutes=15)
        assert (await sign_in(client)).status_code == 201


async def test_nobody_fills_the_log_by_knocking(door):
    async with door.client() as client:
        for n in range(40):
            await sign_in(client, staff_id=f"nobody-{n}")
        before = len(door.log.events)
        for _ in range(40):
            await sign_in(client, password="wrong-password")
    assert len(door.told("access.sign_in_failed.v1")) <= 8
    assert len(door.log.events) - before <= 7


async def test_who_holds_several_posts_says_at_which_they_act(door):
    await door.accounts.admit("a-approver", PASSWORD)
    post = door.keeper.catalogue.post(APPROVER_POST)
    doubled = post.model_copy(
        update={
            "assignments": tuple(a.model_copy(update={"staff_id": "a-town-clerk"}) for a in post.assignments)
        }
    )
    door.keeper.catalogue._states["post"][APPROVER_POST] = doubled
    async with door.client() as client:
        unsaid = await sign_in(client)
        assert (unsaid.status_code, code(unsaid)) == (422, "post-to-choose")
        assert unsaid.json()["details"]["posts"] == [APPROVER_POST, TOWN_CLERK_POST]
        said = await sign_in(client, post_id=TOWN_CLERK_POST)
        assert said.json()["post_id"] == TOWN_CLERK_POST
        elsewhere = await sign_in(client, post_id="P-C01")
        assert (elsewhere.status_code, code(elsewhere)) == (403, "post-not-held")


async def test_what_another_site_sends_is_not_taken(door):
    async with door.client() as client:
        token = (await sign_in(client)).json()["csrf_token"]
        for headers in (
            {},
            {"X-CSRF-Token": "0" * 64},
            {"X-CSRF-Token": token, "Sec-Fetch-Site": "cross-site"},
            {"X-CSRF-Token": token, "Sec-Fetch-Site": "same-site"},
            {"X-CSRF-Token": token, "Origin": "https://elsewhere"},
            {"X-CSRF-Token": token, "Origin": "null"},
        ):
            refused = await client.post("/v1/cases", json=RECEIPT, headers=headers)
            assert (refused.status_code, code(refused)) == (403, "cross-site"), headers
        ours = {"X-CSRF-Token": token, "Origin": "https://door", "Sec-Fetch-Site": "same-origin"}
        assert (await client.post("/v1/cases", json=RECEIPT, headers=ours)).status_code == 201


async def test_who_signs_out_is_out(door):
    async with door.client() as client:
        opened = (await sign_in(client)).json()
        cookie = client.cookies[COOKIE]
        assert (await client.get("/v1/sessions/current")).json() == opened
        left = await client.delete("/v1/sessions/current", headers={"X-CSRF-Token": opened["csrf_token"]})
        assert left.status_code == 204
    async with door.client(Cookie=f"{COOKIE}={cookie}") as client:
        assert (await client.get("/v1/sessions/current")).status_code == 401
    assert [fact.session for fact in door.told("access.signed_out.v1")] == [opened["session"]]


async def test_a_session_ends_by_itself_and_with_the_account(door):
    async with door.client() as client:
        await sign_in(client)
        assert (await client.get("/v1/events")).status_code == 200
        door.now += timedelta(hours=10)
        assert (await client.get("/v1/events")).status_code == 401
        await sign_in(client)
        await door.accounts.suspend("a-town-clerk", "调离")
        assert (await client.get("/v1/events")).status_code == 401
        assert (await sign_in(client)).status_code == 401
        await door.accounts.restore("a-town-clerk")
        await sign_in(client)
        await door.accounts.set_password("a-town-clerk", PASSWORD + "x")
        assert (await client.get("/v1/events")).status_code == 401


async def test_a_key_acts_under_its_programmes_name(door):
    async with door.client(Authorization=f"Bearer {await door.keyed()}") as client:
        legacy = RECEIPT | {"circumstances": {"imported_from": "old-system"}}
        assert (await client.post("/v1/cases", json=legacy)).status_code == 201
    actor = door.log.events[-1].envelope.actor
    assert (actor.staff_id, actor.role, actor.post_id) == ("approvals", "importer", None)
    assert actor.via == door.told("access.key_used.v1")[0].key_id


async def test_a_key_that_may_speaks_for_a_post_and_the_event_says_so(door):
    key = await door.keyed(speaks_for_posts=True)
    async with door.client(
        Authorization=f"Bearer {key}", **{"X-Jiandu-Speaks-For": f"b-town-clerk@{TOWN_CLERK_POST}"}
    ) as client:
        taking = {"action": {"type": "take_over_post", "post_id": TOWN_CLERK_POST, "absence": "leave"}}
        assert (await client.post("/v1/takeovers", json=taking)).status_code == 201
        assert (await client.post("/v1/cases", json=RECEIPT)).status_code == 201
    actor = door.log.events[-1].envelope.actor
    assert (actor.staff_id, actor.duty, actor.on_behalf_of) == ("b-town-clerk", "B", "a-town-clerk")
    assert f"jdk_{actor.via}_" in key


@pytest.mark.parametrize(
    ("said", "speaker", "refusal"),
    [
        ({}, f"a-town-clerk@{TOWN_CLERK_POST}", (403, "key-may-not-speak")),
        (
            {"speaks_for_posts": True, "division_code": TOWN_DIVISION},
            "a-county-clerk@P-C01",
            (403, "key-may-not-speak"),
        ),
        ({"speaks_for_posts": True}, f"a-approver@{TOWN_CLERK_POST}", (403, "post-not-held")),
        ({"speaks_for_posts": True}, "a-town-clerk@P-NO", (401, "identity-unknown")),
        ({"speaks_for_posts": True}, "a-town-clerk", (401, "identity-missing")),
    ],
    ids=["may not speak", "another division", "does not hold it", "no such post", "no post"],
)
async def test_a_key_speaks_for_nobody_else(door, said, speaker, refusal):
    key = await door.keyed(**said)
    async with door.client(Authorization=f"Bearer {key}", **{"X-Jiandu-Speaks-For": speaker}) as client:
        refused = await client.post("/v1/cases", json=RECEIPT)
    assert (refused.status_code, code(refused)) == refusal


async def test_a_key_does_what_it_is_for_and_nothing_else(door):
    key = await door.keyed(actions=(Action.read_catalogue,))
    async with door.client(Authorization=f"Bearer {key}") as client:
        assert (await client.get("/v1/catalogue/units")).status_code == 200
        refused = await client.get("/v1/events")
    assert (refused.status_code, code(refused)) == (403, "not-permitted")
    assert [(fact.action, fact.reason) for fact in door.told("access.action_denied.v1")] == [
        ("log.read", "key")
    ]


async def test_a_key_that_is_over_revoked_or_made_up_opens_nothing(door):
    key = await door.keyed(days=2)
    async with door.client(Authorization=f"Bearer {key}") as client:
        assert (await client.get("/v1/catalogue/units")).status_code == 200
        door.now += timedelta(days=2)
        assert (await client.get("/v1/catalogue/units")).status_code == 401
        door.now -= timedelta(days=2)
        await door.accounts.revoke(key.split("_")[1], "停用")
        assert (await client.get("/v1/catalogue/units")).status_code == 401
    forged = key[:-1] + ("A" if key[-1] != "A" else "B")
    async with door.client(Authorization=f"Bearer {forged}") as client:
        assert (await client.get("/v1/catalogue/units")).status_code == 401


def relieve_the_clerk(door, last_day):
    """As it is heard from the log."""
    relieved = PostRelieved(post_id=TOWN_CLERK_POST, staff_id="a-town-clerk", duty=Duty.a, last_day=last_day)
    door.keeper.catalogue.apply(f"post:{TOWN_CLERK_POST}", relieved)


async def speaking_for_the_clerk(door):
    key = await door.keyed(speaks_for_posts=True)
    speaker = {"X-Jiandu-Speaks-For": f"a-town-clerk@{TOWN_CLERK_POST}"}
    return door.client(Authorization=f"Bearer {key}", **speaker)


async def test_a_key_speaks_for_nobody_whose_account_is_suspended(door):
    await door.accounts.suspend("a-town-clerk", "停职")
    async with await speaking_for_the_clerk(door) as by_key:
        told = len(door.log.events)
        refused = await by_key.post("/v1/cases", json=RECEIPT)
        assert (refused.status_code, code(refused)) == (403, "account-suspended")
        assert len(door.log.events) == told
        await door.accounts.restore("a-town-clerk")
        assert (await by_key.post("/v1/cases", json=RECEIPT)).status_code == 201
        await door.accounts.suspend("a-town-clerk", "停职")
        assert code(await by_key.post("/v1/cases", json=RECEIPT)) == "account-suspended"


async def test_who_acted_at_a_post_is_refused_as_soon_as_its_loss_is_heard(door):
    async with await speaking_for_the_clerk(door) as by_key, door.client() as by_session:
        await sign_in(by_session)
        for client in (by_key, by_session):
            assert code(await client.get("/v1/cases/none")) == "case-unknown"
        relieve_the_clerk(door, local_day(door.now - timedelta(days=1)))
        for client in (by_key, by_session):
            assert code(await client.get("/v1/cases/none")) == "post-not-held"


async def test_a_post_is_held_to_the_end_of_its_last_day(door):
    relieve_the_clerk(door, local_day(door.now))
    async with await speaking_for_the_clerk(door) as client:
        assert code(await client.get("/v1/cases/none")) == "case-unknown"
        door.now += timedelta(days=1)
        assert code(await client.get("/v1/cases/none")) == "post-not-held"


async def test_who_has_left_acts_at_no_post_though_nobody_relieved_them(door):
    async with await speaking_for_the_clerk(door) as by_key, door.client() as by_session:
        await sign_in(by_session)
        left = StaffLeft(staff_id="a-town-clerk", last_day=local_day(door.now))
        door.keeper.catalogue.apply("staff:a-town-clerk", left)
        for client in (by_key, by_session):
            assert code(await client.get("/v1/cases/none")) == "case-unknown"
        door.now += timedelta(days=1)
        assert code(await by_key.get("/v1/cases/none")) == "post-not-held"
        assert (await by_session.get("/v1/cases/none")).status_code == 401
        assert code(await sign_in(by_session)) == "post-not-held"


async def test_a_key_leaves_one_trace_a_day(door):
    key = await door.keyed()
    async with door.client(Authorization=f"Bearer {key}") as client:
        for _ in range(3):
            await client.get("/v1/catalogue/units")
        door.now += timedelta(days=1)
        await client.get("/v1/catalogue/units")
    assert len(door.told("access.key_used.v1")) == 2
