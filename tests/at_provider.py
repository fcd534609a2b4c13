"""A door with an identity provider, and a browser between them."""

from urllib.parse import urlsplit

import httpx

from api.authentication import COOKIE
from tests.identity_provider import ISSUER, IdentityProvider, reached
from tests.served_door import PASSWORD, ServedDoor, code

CLERK = "a-town-clerk"


class Met:
    """A door, its provider, and a clerk who is linked."""

    def __init__(self):
        self.identity_provider = IdentityProvider()
        self.provider = reached(self.identity_provider)
        self.door = ServedDoor(provider=self.provider)

    def browser(self, **headers):
        transport = httpx.ASGITransport(Both(self.door.app, self.identity_provider))
        return httpx.AsyncClient(transport=transport, base_url="https://door", headers=headers)

    def failures(self):
        return [(fact.means, fact.why) for fact in self.door.told("access.sign_in_failed.v1")]


class Both:
    """The browser's network: the door and the provider."""

    def __init__(self, door, identity_provider):
        self._by_host = {b"door": door, urlsplit(ISSUER).netloc.encode(): identity_provider}

    async def __call__(self, scope, receive, send):
        await self._by_host[dict(scope["headers"])[b"host"]](scope, receive, send)


async def a_met_provider():
    met = Met()
    await met.door.accounts.admit(CLERK, PASSWORD)
    await met.door.accounts.link(CLERK, ISSUER, met.identity_provider.subject)
    return met


async def sent(browser, **asked):
    """What the provider answers to the browser that was sent there."""
    begun = await browser.get("/v1/sessions/provider", params=asked)
    assert begun.status_code == 303, begun.text
    return (await browser.get(begun.headers["location"])).headers["location"]


async def come_in(browser, **asked):
    return await browser.get(await sent(browser, **asked))


def is_refused(answer, why="provider-refused", status=401):
    assert (answer.status_code, code(answer)) == (status, why), answer.text
    assert COOKIE not in answer.cookies
    return True
