"""What keeps a browser from being turned against those who use it: headers on every answer, cookies, and CSRF."""

import re

import pytest

from api.authentication import COOKIE
from api.permitted import OWN, PERMITTED
from tests.doors import Doorway
from tests.served_door import PASSWORD, ServedDoor, sign_in

PAGES = ("/", "/docs")
FILES = ("/landing.css", "/docs/start.js", "/docs/files/swagger-ui.css", "/docs/files/swagger-ui-bundle.js")
ANSWERS = {
    "/openapi.json": 200,
    "/healthz": 200,
    "/metrics": 200,
    "/v1/catalogue/items": 200,
    "/v1/cases/x": 404,
    "/v1/events?limit=-1": 422,
    "/nowhere": 404,
    "/v1/receipts/x/slip": 404,
}
CHANGING = sorted(
    name
    for name in {*PERMITTED, *OWN}
    if not name.startswith(("GET ", "HEAD ")) and name.split(" ")[1] != "/"
)


def expect_guarded(answer):
    headers = answer.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert all(policy[name] == "'none'" for name in ("frame-ancestors", "base-uri", "form-action"))
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    return policy


async def test_every_answer_is_guarded_and_only_pages_may_load_anything():
    async with Doorway().entered() as client:
        for path, status in ANSWERS.items():
            answer = await client.get(path)
            assert answer.status_code == status, path
            assert set(expect_guarded(answer)) == {
                "default-src",
                "frame-ancestors",
                "base-uri",
                "form-action",
            }
            assert answer.headers["cache-control"] == "no-store"
        for path in (*PAGES, *FILES):
            answer = await client.get(path)
            assert answer.status_code == 200, path
            expect_guarded(answer)
        expect_guarded(await client.request("TRACE", "/v1/cases"))
        expect_guarded(await client.get("/docs/files/nowhere"))
        expect_guarded(await client.get("/v1/cases/x/13800005678"))


async def test_the_pages_hold_nothing_that_their_policy_forbids():
    async with Doorway().entered() as client:
        for path in PAGES:
            page = (await client.get(path)).text
            assert (
                re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://", page)
                == []
            )


async def test_even_an_answer_that_something_broke_is_guarded():
    class Broken:
        async def last_position(self):
            raise ZeroDivisionError("6109291980")

    async with Doorway(reader=Broken()).entered(raise_app_exceptions=False) as client:
        broken = await client.get("/v1/events")
    assert broken.status_code == 500
    expect_guarded(broken)
    assert broken.headers["cache-control"] == "no-store"
    assert "6109291980" not in broken.text


@pytest.fixture
async def signed_in():
    door = ServedDoor()
    await door.accounts.admit("a-town-clerk", PASSWORD)
    async with door.client() as client:
        token = (await sign_in(client)).json()["csrf_token"]
        yield door, client, token


FORGED = {
    "without the session's token": {},
    "with another's token": {"X-CSRF-Token": "0" * 64},
    "from another site": {"Sec-Fetch-Site": "cross-site", "X-CSRF-Token": None},
    "from a site beside": {"Sec-Fetch-Site": "same-site", "X-CSRF-Token": None},
    "from another origin": {"Origin": "https://door.example", "X-CSRF-Token": None},
    "from nowhere": {"Origin": "null", "X-CSRF-Token": None},
}


async def test_nothing_is_changed_by_a_session_that_another_site_uses(signed_in):
    """Every route that changes something, as the permission table knows it: a new one is tried as soon as it is there."""
    door, client, token = signed_in
    before = len(door.log.events)
    for route in CHANGING:
        method, path = route.split(" ")
        for how, forged in FORGED.items():
            headers = {name: token if value is None else value for name, value in forged.items()}
            answer = await client.request(method, re.sub(r"{\w+}", "x", path), json={}, headers=headers)
            assert answer.status_code == 403, (route, how)
            assert answer.json()["type"] == "urn:jiandu:problem:cross-site", (route, how)
            expect_guarded(answer)
    assert len(door.log.events) == before
    assert len(CHANGING) > 12


async def test_the_sessions_own_page_may(signed_in):
    _, client, token = signed_in
    headers = {"X-CSRF-Token": token, "Origin": "https://door", "Sec-Fetch-Site": "same-origin"}
    assert (await client.delete("/v1/sessions/current", headers=headers)).status_code == 204


async def test_whatever_cookie_is_given_is_for_this_server_alone_and_for_no_script(signed_in):
    _, client, _ = signed_in
    opened = await sign_in(client)
    token = {"X-CSRF-Token": opened.json()["csrf_token"]}
    closed = await client.delete("/v1/sessions/current", headers=token)
    for answer in (opened, closed):
        said = answer.headers["set-cookie"]
        name, _, rest = said.partition("=")
        assert name == COOKIE
        assert name.startswith("__Host-")
        parts = {part.strip().lower() for part in rest.split(";")[1:]}
        assert {"httponly", "secure", "path=/"} <= parts
        assert parts & {"samesite=lax", "samesite=strict"}
        assert not any(part.startswith("domain") for part in parts)
