"""The conversation with the provider: where it answers, by which keys it signs, and what a code is worth."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
import jwt
import orjson
import structlog

from api.provider import Registration
from api.provider.addresses import is_guarded
from api.provider.checking import key_id, subject_of, usable
from api.provider.errand import Errand
from api.refusals.access import ProviderKeepsSession, ProviderRefused, ProviderUnreachable

HOLDS_SECONDS: Final = 3600.0
"""So long what the provider publishes is taken as it was read."""
APART_SECONDS: Final = 60.0
"""For keys that nobody knows the provider is asked again no more often."""
ANSWER_SECONDS: Final = 10.0
MOST_BYTES: Final = 2**20
OF_OURS: Final = frozenset(
    {"invalid_client", "unauthorized_client", "invalid_request", "unsupported_grant_type"}
)
"""Errors of the registration, not of the person."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Places:
    """What the provider publishes of itself."""

    authorization: str
    token: str
    keys: str
    end_session: str | None
    """Left out by providers at which nobody signs out from elsewhere."""
    takes_basic: bool
    read_at: float


@dataclass(slots=True)
class _Keys:
    by_id: dict[str | None, jwt.PyJWK] = field(default_factory=dict)
    read_at: float | None = None
    asked_anew_at: float | None = None


class Provider:
    """One county's. `client` follows no redirects; whoever makes it closes it."""

    def __init__(
        self,
        registration: Registration,
        client: httpx.AsyncClient,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.registration = registration
        self._client = client
        self._monotonic = monotonic
        self._places: _Places | None = None
        self._keys = _Keys()
        self._turn = asyncio.Lock()

    async def address(self, errand: Errand) -> str:
        """Where the browser is sent. Raises ProviderUnreachable."""
        places = await self._published()
        asked = {
            "response_type": "code",
            "client_id": self.registration.client_id,
            "redirect_uri": self.registration.redirect_uri,
            "scope": self.registration.scope,
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": errand.challenge,
            "code_challenge_method": "S256",
        }
        return _with_query(places.authorization, asked)

    async def farewell(self) -> str:
        """Where the browser is sent to sign out there as well. Raises ProviderUnreachable, ProviderKeepsSession.

        No token is kept to name the session by: the provider asks whoever sits there. Source: OpenID Connect RP-Initiated Logout 1.0.
        """
        place = (await self._published()).end_session
        if place is None:
            raise ProviderKeepsSession
        ours = self.registration
        return _with_query(
            place, {"client_id": ours.client_id, "post_logout_redirect_uri": ours.signed_out_uri}
        )

    async def subject(self, code: str, errand: Errand) -> str:
        """Whom the code stands for. Raises ProviderRefused, ProviderUnreachable."""
        id_token = await self._redeemed(code, errand)
        key = await self._key(key_id(id_token))
        return subject_of(id_token, key, self.registration, errand.nonce)

    # ── the code ────────────────────────────────────────────────────────────────────────────────────────────

    async def _redeemed(self, code: str, errand: Errand) -> str:
        places, ours = await self._published(), self.registration
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": ours.redirect_uri,
            "code_verifier": errand.verifier,
        }
        basic = None
        if ours.client_secret is not None and places.takes_basic:
            basic = httpx.BasicAuth(quote(ours.client_id, safe=""), quote(ours.client_secret, safe=""))
        else:
            form |= {"client_id": ours.client_id}
            form |= {"client_secret": ours.client_secret} if ours.client_secret is not None else {}
        status, answer = await self._asked("POST", places.token, data=form, auth=basic)
        id_token = answer.get("id_token")
        if status == httpx.codes.OK and isinstance(id_token, str):
            return id_token
        raise _refusal(status, answer.get("error"))

    # ── what is published ───────────────────────────────────────────────────────────────────────────────────

    async def _published(self) -> _Places:
        async with self._turn:
            now = self._monotonic()
            if self._places is None or self._places.read_at + HOLDS_SECONDS <= now:
                self._places = await self._read_places(now)
            return self._places

    async def _read_places(self, now: float) -> _Places:
        issuer = self.registration.issuer
        said = await self._read(issuer.rstrip("/") + "/.well-known/openid-configuration")
        places = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if said.get("issuer") != issuer or not all(
            isinstance(each, str) and is_guarded(each) for each in places
        ):
            _log.error("provider_publishes_otherwise", hint="issuer and addresses must be as set, over https")
            raise ProviderUnreachable
        ways = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        authorization, token, keys = map(str, places)
        end = said.get("end_session_endpoint")
        end_session = end if isinstance(end, str) and is_guarded(end) else None
        return _Places(authorization, token, keys, end_session, "client_secret_basic" in ways, now)

    async def _key(self, kid: str | None) -> jwt.PyJWK:
        """Raises ProviderRefused where the provider has no such key, even when asked again."""
        places = await self._published()
        async with self._turn:
            now, keys = self._monotonic(), self._keys
            if keys.read_at is None or keys.read_at + HOLDS_SECONDS <= now:
                await self._read_keys(places, now)
            elif kid not in keys.by_id and _is_long_ago(keys.asked_anew_at, now):
                keys.asked_anew_at = now
                await self._read_keys(places, now)
            if kid not in keys.by_id:
                raise ProviderRefused
            return keys.by_id[kid]

    async def _read_keys(self, places: _Places, now: float) -> None:
        told = (await self._read(places.keys)).get("keys")
        documents = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
        known = [(document.get("kid"), key) for document in documents if (key := usable(document))]
        self._keys.by_id = {kid: key for kid, key in known if isinstance(kid, str)}
        if len(known) == 1:
            self._keys.by_id[None] = known[0][1]  # a token may leave out the name of the only key
        self._keys.read_at = now

    async def _read(self, url: str) -> Mapping[str, Any]:
        status, document = await self._asked("GET", url)
        if status != httpx.codes.OK:
            _log.warning("provider_unreachable", status=status)
            raise ProviderUnreachable
        return document

    async def _asked(self, method: str, url: str, **what: Any) -> tuple[int, Mapping[str, Any]]:
        """Status and JSON object. Raises ProviderUnreachable; nothing that was sent or answered is logged."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                async with self._client.stream(method, url, **what) as response:
                    document = orjson.loads(await _few_bytes(response))
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            _log.warning("provider_unreachable", error=type(error).__name__)
            raise ProviderUnreachable from None
        if not isinstance(document, dict):
            raise ProviderUnreachable
        return response.status_code, document


async def _few_bytes(response: httpx.Response) -> bytes:
    """Raises ValueError where there are more than anything here needs."""
    read = bytearray()
    async for part in response.aiter_bytes():
        read += part
        if len(read) > MOST_BYTES:
            raise ValueError("too large")
    return bytes(read)


def _with_query(place: str, said: Mapping[str, str]) -> str:
    return place + ("&" if "?" in place else "?") + urlencode(said)


def _is_long_ago(moment: float | None, now: float) -> bool:
    return moment is None or moment + APART_SECONDS <= now


def _refusal(status: int, error: object) -> ProviderRefused | ProviderUnreachable:
    is_ours = status >= httpx.codes.INTERNAL_SERVER_ERROR or error in OF_OURS
    if is_ours:
        _log.error("provider_refuses_us", status=status, error=error if error in OF_OURS else None)
    return ProviderUnreachable() if is_ours else ProviderRefused()
