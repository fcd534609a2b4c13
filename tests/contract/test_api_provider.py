"""Signing in through an identity provider: who is let in, and everything that is not."""

import base64
import hmac
import logging
import re
import time
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.provider import errand
from tests.at_provider import CLERK, Met, a_met_provider, come_in, is_refused, sent
from tests.identity_provider import RSA, IdentityProvider, none_signed, reached
from tests.served_door import ServedDoor, code, sign_in


@pytest.fixture
async def met():
    return await a_met_provider()


async def test_who_is_linked_comes_in_by_the_provider(met):
    async with met.browser() as browser:
        entered = await come_in(browser)
        assert (entered.status_code, entered.headers["location"]) == (303, "/sign-in")
        session = (await browser.get("/v1/sessions/current")).json()
        assert session["staff_id"] == CLERK
        assert errand.COOKIE not in browser.cookies
    assert [(fact.means, fact.session) for fact in met.door.told("access.signed_in.v1")] == [
        ("provider", session["session"])
    ]


async def test_the_provider_is_asked_with_pkce_state_and_nonce_and_learns_none_from_another(met):
    async with met.browser() as browser:
        begun = await browser.get("/v1/sessions/provider")
        asked = {
            name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()
        }
        cookie = begun.headers["set-cookie"]
    assert asked["redirect_uri"] == "https://door/v1/sessions/provider/return"
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert cookie.startswith("__Host-jiandu-errand=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Max-Age=600"} <= {
        part.strip() for part in cookie.split(";")
    }
    assert not any(value in cookie for value in asked.values() if len(value) > 20)


A_DAY_AHEAD = int(time.time()) + 86_400
"""So far, because the tests are collected some minutes before they run."""


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["jiandu", "somebody-else"]},
        {"azp": "somebody-else"},
        {"iss": "https://elsewhere"},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"iat": A_DAY_AHEAD},
        {"sub": None},
        {"sub": "名"},
        {"sub": ""},
    ],
    ids=", ".join,
)
async def test_a_token_that_says_otherwise_opens_nothing(met, lie):
    met.identity_provider.claims = lie
    async with met.browser() as browser:
        assert is_refused(await come_in(browser))
    assert met.failures() == [("provider", "answer")]


def signed_with_public_key(claims):
    """HS256, by the key that everybody may read: the oldest confusion."""
    key = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [{"alg": "HS256", "typ": "JWT", "kid": "rsa-1"}, claims]
    said = b".".join(base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(key, said, sha256)).rstrip(b"=")
    return (said + b"." + signature).decode()


def tampered(claims):
    token = IdentityProvider()._token({"client_id": "jiandu", "nonce": claims["nonce"]})
    head, _, signature = token.split(".")
    other = base64.urlsafe_b64encode(orjson.dumps(claims | {"sub": "0000"})).rstrip(b"=").decode()
    return f"{head}.{other}.{signature}"


@pytest.mark.parametrize(
    "forge", [none_signed, signed_with_public_key, tampered, lambda _: "no.token", lambda _: "a.b.c"]
)
async def test_a_forged_token_opens_nothing(met, forge):
    met.identity_provider.forge = forge
    async with met.browser() as browser:
        assert is_refused(await come_in(browser))


async def test_another_browsers_answer_opens_nothing(met):
    async with met.browser() as mine, met.browser() as theirs:
        answer = await sent(theirs)
        await mine.get("/v1/sessions/provider")
        assert is_refused(await mine.get(answer))
    async with met.browser() as nobody:
        assert is_refused(await nobody.get(answer))
    assert met.identity_provider.count("token") == 0, "nothing was asked of the provider"


async def test_a_code_is_used_once(met):
    async with met.browser() as browser:
        begun = await browser.get("/v1/sessions/provider")
        kept = begun.cookies[errand.COOKIE]
        answer = (await browser.get(begun.headers["location"])).headers["location"]
        assert (await browser.get(answer)).status_code == 303
        assert is_refused(await browser.get(answer)), "the cookie is gone"
    async with met.browser(Cookie=f"{errand.COOKIE}={kept}") as replaying:
        assert is_refused(await replaying.get(answer)), "and the provider takes it no more"


async def test_an_errand_lasts_ten_minutes(met):
    async with met.browser() as browser:
        answer = await sent(browser)
        met.door.now += timedelta(minutes=10)
        assert is_refused(await browser.get(answer))


async def test_a_cookie_that_was_written_by_hand_is_none(met):
    kept = errand.Errand.begun(met.door.now, None, "/")
    wrong = [
        kept.cookie.replace("~/", "~//evil.example"),
        kept.cookie.replace("~/", "~https://evil.example"),
        kept.cookie + "x",
        kept.cookie[1:],
        "~~~",
        "",
    ]
    for cookie in wrong:
        async with met.browser(Cookie=f"{errand.COOKIE}={cookie}") as browser:
            assert is_refused(
                await browser.get("/v1/sessions/provider/return", params={"state": kept.state, "code": "c"})
            )


@pytest.mark.parametrize(
    "then",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/a//b", "evil", "/?to=//evil", "/%2f"],
)
async def test_nobody_is_led_elsewhere_after_signing_in(met, then):
    async with met.browser() as browser:
        refused = await browser.get("/v1/sessions/provider", params={"then": then})
    assert (refused.status_code, code(refused)) == (422, "parameter-invalid")


async def test_who_wanted_to_be_somewhere_is_there(met):
    async with met.browser() as browser:
        assert (await come_in(browser, then="/docs")).headers["location"] == "/docs"


async def test_an_answer_of_another_provider_is_not_taken(met):
    async with met.browser() as browser:
        answer = httpx.URL(await sent(browser)).copy_merge_params({"iss": "https://elsewhere"})
        assert is_refused(await browser.get(answer))


async def test_who_declines_at_the_provider_is_not_let_in(met):
    async with met.browser() as browser:
        answer = httpx.URL(await sent(browser))
        declined = {"state": answer.params["state"], "error": "access_denied"}
        assert is_refused(await browser.get("/v1/sessions/provider/return", params=declined))


async def test_a_rotated_key_is_fetched_and_an_unknown_one_once_a_minute(met):
    async with met.browser() as browser:
        await come_in(browser)
        met.identity_provider.rotate("ec-2")
        assert (await come_in(browser)).status_code == 303
        assert met.identity_provider.count("keys") == 2
        _, unpublished = met.identity_provider.keys["ec-2"]
        met.identity_provider.forge = lambda claims: jwt.encode(claims, unpublished, "ES256", {"kid": "ec-3"})
        for _ in range(3):
            assert is_refused(await come_in(browser))
        assert met.identity_provider.count("keys") == 2
        met.provider.clock.now += 60
        for _ in range(3):
            assert is_refused(await come_in(browser))
        assert met.identity_provider.count("keys") == 3
        assert met.identity_provider.count("openid-configuration") == 1


async def test_a_key_that_the_provider_withdrew_signs_for_an_hour_at_most(met):
    async with met.browser() as browser:
        await come_in(browser)
        met.identity_provider.rotate("ec-2")
        met.identity_provider.forge = lambda claims: jwt.encode(claims, RSA, "RS256", {"kid": "rsa-1"})
        assert (await come_in(browser)).status_code == 303
        met.provider.clock.now += 3600
        assert is_refused(await come_in(browser))


async def test_a_subject_that_nobody_linked_is_not_let_in_and_told_so(met):
    met.identity_provider.subject = "somebody-else"
    async with met.browser() as browser:
        assert is_refused(await come_in(browser), "subject-not-linked")
    await met.door.accounts.unlink(CLERK)
    met.identity_provider.subject = "8f2c-7a41"
    async with met.browser() as browser:
        assert is_refused(await come_in(browser), "subject-not-linked")
    assert set(met.failures()) == {("provider", "unlinked")}


async def test_who_is_suspended_is_not_let_in(met):
    await met.door.accounts.suspend(CLERK, "调离")
    async with met.browser() as browser:
        assert is_refused(await come_in(browser), "subject-not-linked")
    assert met.failures() == [("provider", "suspended")]


async def test_failures_at_the_provider_are_counted_with_those_of_passwords(met):
    met.identity_provider.subject = "somebody-else"
    async with met.browser() as browser:
        for _ in range(50):
            await come_in(browser)
        assert is_refused(await come_in(browser), "sign-in-blocked", 429)
        assert (await sign_in(browser)).status_code == 429
    assert len(met.failures()) <= 3, "nobody fills the log by knocking"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_provider_that_is_down_is_said_in_both_languages(met, when):
    async with met.browser() as browser:
        answer = await sent(browser) if when == "after" else "/v1/sessions/provider"
        met.identity_provider.is_down = True
        down = await browser.get(answer)
        assert is_refused(down, "provider-unreachable", 503)
        assert re.search(r"[\u4e00-\u9fff]", down.json()["title"])
        assert down.json()["title_en"].startswith("The identity provider does not answer")
        assert down.headers["retry-after"] == "30"
        assert (await sign_in(browser)).status_code == 201, "passwords open the door all the same"
    assert met.failures() == []


@pytest.mark.parametrize(
    "published",
    [
        {"issuer": "https://elsewhere"},
        {"token_endpoint": "http://id.example.gov.cn/token"},
        {"jwks_uri": None},
    ],
    ids=str,
)
async def test_a_provider_that_publishes_otherwise_is_not_spoken_to(met, published):
    met.identity_provider.published = published
    async with met.browser() as browser:
        assert is_refused(await browser.get("/v1/sessions/provider"), "provider-unreachable", 503)


async def test_a_registration_that_the_provider_refuses_is_nobodys_failure():
    met = Met()
    met.door = ServedDoor(provider=reached(met.identity_provider, client_secret="wrong"))
    async with met.browser() as browser:
        assert is_refused(await come_in(browser), "provider-unreachable", 503)
    assert met.failures() == []


async def test_a_county_without_a_provider_says_so():
    async with ServedDoor().client() as client:
        for way in ("", "/return?code=c&state=s", "/end"):
            refused = await client.get(f"/v1/sessions/provider{way}")
            assert (refused.status_code, code(refused)) == (404, "provider-absent")
        page = (await client.get("/sign-in")).text
        assert not re.search("v1/sessions/provider|leave-provider", page)


async def test_no_token_no_code_and_no_claim_is_logged_or_recorded(met, caplog):
    caplog.set_level(logging.DEBUG)
    tokens = []

    def told(claims):
        tokens.append(jwt.encode(claims, RSA, "RS256", {"kid": "rsa-1"}))
        return tokens[-1]

    met.identity_provider.forge = told
    async with met.browser() as browser:
        answer = await sent(browser)
        assert (await browser.get(answer)).status_code == 303
        met.identity_provider.claims = {"aud": "somebody-else"}
        assert is_refused(await come_in(browser))
    secrets = [httpx.URL(answer).params["code"], *tokens, met.identity_provider.subject]
    assert len(tokens) == 2
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    states = b"".join(event.state for event in met.door.log.events).decode()
    assert not any(secret in text for secret in secrets for text in (*ours, states))
