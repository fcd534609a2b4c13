"""Coming in to a server as it is run: by the provider, by a password, and not at all; the administrator beside it."""

import asyncio
import re
import socket
import threading
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from api.authentication import COOKIE
from api.provider import errand
from tests import asking
from tests.identity_provider import CLIENT, SECRET, IdentityProvider
from tests.serving import jiandu, serving, settle_county
from tests.waiting import wait_until

CLERK = "a-town-clerk"


@contextmanager
def provider_on_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        identity_provider = IdentityProvider(f"http://127.0.0.1:{listener.getsockname()[1]}/realm")
        server = uvicorn.Server(uvicorn.Config(identity_provider, log_config=None, lifespan="off"))
        thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listener]),))
        thread.start()
        try:
            yield identity_provider
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def run(database18, tmp_path):
    """Settings of a county with a provider; its clerk has a password."""
    asyncio.run(settle_county(database18))
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    with provider_on_this_machine() as identity_provider:
        settings = {
            "JIANDU_DATABASE_URL": database18,
            "JIANDU_PUBLIC_URL": "http://127.0.0.1",
            "JIANDU_OIDC_ISSUER": identity_provider.issuer,
            "JIANDU_OIDC_CLIENT_ID": CLIENT,
            "JIANDU_OIDC_CLIENT_SECRET_FILE": str(secret),
            "JIANDU_ACCESS_LOG": "true",
            "JIANDU_LOG_LEVEL": "debug",
        }
        yield identity_provider, settings


def come_in(address):
    """What the door answers to a browser that was at the provider, and the code that it brought. A cookie for TLS alone is
    carried by hand: httpx knows no machine of its own."""
    begun = asking.get(f"{address}/v1/sessions/provider")
    answer = httpx.URL(asking.get(begun.headers["location"]).headers["location"])
    cookie = {"Cookie": f"{errand.COOKIE}={begun.cookies[errand.COOKIE]}"}
    return asking.get(f"{address}{answer.raw_path.decode()}", headers=cookie), answer.params["code"]


def until_over(address, session):
    """The server hears of it from the log, a moment after the command that recorded it has ended."""
    current = f"{address}/v1/sessions/current"
    wait_until(lambda: asking.get(current, headers=session).status_code == 401)


def test_who_is_linked_comes_in_and_what_failed_is_known_after_a_restart(run):
    identity_provider, settings = run
    told = jiandu("admin", "admit", CLERK, settings=settings).stdout
    password = told.split()[1]
    again = jiandu("admin", "admit", CLERK, settings=settings)
    assert (again.returncode, again.stdout) == (1, "")
    assert "jiandu admin password" in again.stderr
    assert "该工作人员已有账户" in again.stderr
    with serving(settings) as server:
        refused, _ = come_in(server.address)
        assert refused.json()["type"].endswith("subject-not-linked")

        assert jiandu("admin", "link", CLERK, identity_provider.subject, settings=settings).returncode == 0
        assert "已绑定 linked" in jiandu("admin", "users", settings=settings).stdout
        entered, code = come_in(server.address)
        assert (entered.status_code, entered.headers["location"]) == (303, "/sign-in")
        session = {"Cookie": f"{COOKIE}={entered.cookies[COOKIE]}"}
        current = asking.get(f"{server.address}/v1/sessions/current", headers=session)
        assert (current.status_code, current.json()["staff_id"]) == (200, CLERK)

        jiandu("admin", "sign-out", CLERK, settings=settings)
        until_over(server.address, session)

        wrong = {"staff_id": CLERK, "password": "not this one"}
        for _ in range(5):
            assert asking.post(f"{server.address}/v1/sessions", json=wrong).status_code == 401
    assert code not in server.said
    assert "/v1/sessions/provider/return" in server.said
    assert identity_provider.subject not in server.said

    with serving(settings) as restarted:
        right = {"staff_id": CLERK, "password": password}
        assert asking.post(f"{restarted.address}/v1/sessions", json=right).status_code == 429
        identity_provider.is_down = True
        down = asking.get(f"{restarted.address}/v1/sessions/provider")
        assert (down.status_code, down.json()["type"].rpartition(":")[2]) == (503, "provider-unreachable")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"JIANDU_OIDC_CLIENT_ID": ""}, "JIANDU_OIDC_CLIENT_ID"),
        ({"JIANDU_OIDC_ISSUER": "http://id.example.gov.cn"}, "JIANDU_OIDC_ISSUER .* https"),
        ({"JIANDU_OIDC_CLIENT_SECRET_FILE": "/nowhere"}, "cannot be read"),
        ({"JIANDU_OIDC_ISSUER": ""}, "no identity provider"),
    ],
    ids=["no client", "no TLS", "no secret", "no provider"],
)
def test_a_provider_that_is_half_set_up_is_told_in_a_sentence(changed, said):
    settings = {
        "JIANDU_PUBLIC_URL": "https://hall.example.gov.cn",
        "JIANDU_OIDC_ISSUER": "https://id.example.gov.cn",
        "JIANDU_OIDC_CLIENT_ID": "jiandu",
    }
    stopped = jiandu("admin", "link", CLERK, "8f2c", settings=settings | changed)
    assert stopped.returncode == 1
    assert re.search(said, stopped.stderr), stopped.stderr
    assert "Traceback" not in stopped.stderr
