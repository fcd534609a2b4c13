"""An OpenID provider of our own, small and real: it publishes itself, sends browsers back with a code, and signs tokens.

A test may tell it to lie: `claims` are said instead of its own, `forge` makes the token, `is_down` answers nothing.
"""

import base64
import time
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import parse_qs, unquote, urlencode

import httpx
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from api.provider import Registration
from api.provider.speaking import Provider

ISSUER = "https://id.example.gov.cn/realm"
CLIENT, SECRET = "jiandu", "a secret of the client's / with ünusual signs"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
"""Made once: it takes a moment."""


class IdentityProvider:
    """Whoever asks is signed in as `subject` at once."""

    def __init__(self, issuer=ISSUER):
        self.issuer, self.subject = issuer, "8f2c-7a41"
        self.keys = {"rsa-1": ("RS256", RSA)}
        self.signs_with = "rsa-1"
        self.claims, self.published = {}, {}
        self.forge = None
        self.is_down = False
        self.asked = []
        self._codes = {}
        self.app = Starlette(
            routes=[
                Route("/realm/.well-known/openid-configuration", self._publish),
                Route("/realm/authorize", self._authorize),
                Route("/realm/token", self._redeem, methods=["POST"]),
                Route("/realm/keys", self._publish_keys),
                Route("/realm/logout", self._sign_out),
            ]
        )

    async def __call__(self, scope, receive, send):
        self.asked.append(scope["path"].rpartition("/")[2])
        if self.is_down:
            await Response("gone", 502)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def count(self, place):
        return self.asked.count(place)

    def rotate(self, kid):
        """From now on another key, and the old one is gone."""
        self.keys = {kid: ("ES256", ec.generate_private_key(ec.SECP256R1()))}
        self.signs_with = kid

    async def _publish(self, _):
        places = {
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
        }
        return JSONResponse({"issuer": self.issuer} | places | self.published)

    async def _publish_keys(self, _):
        shown = []
        for kid, (algorithm, key) in self.keys.items():
            public = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
            shown.append(public | {"kid": kid, "alg": algorithm, "use": "sig"})
        return JSONResponse({"keys": shown})

    async def _authorize(self, request):
        asked = dict(request.query_params)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert "openid" in asked["scope"].split()
        code = token_urlsafe(24)
        self._codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer, "session_state": "s.1"}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)

    async def _sign_out(self, request):
        asked = dict(request.query_params)
        if asked.get("client_id") != CLIENT:
            return Response("who asks?", 400)
        return RedirectResponse(asked["post_logout_redirect_uri"], 302)

    async def _redeem(self, request):
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if not self._knows(request.headers.get("authorization")):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self._codes.pop(form["code"], None)  # once
        challenge = base64.urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if asked is None or challenge.decode() != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"id_token": self._token(asked), "access_token": "x", "token_type": "Bearer"})

    def _knows(self, said):
        user, _, secret = base64.b64decode((said or "").removeprefix("Basic ")).decode().partition(":")
        return (unquote(user), unquote(secret)) == (CLIENT, SECRET)

    def _token(self, asked):
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        claims |= self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.forge:
            return self.forge(claims)
        algorithm, key = self.keys[self.signs_with]
        return jwt.encode(claims, key, algorithm, {"kid": self.signs_with})


def reached(identity_provider, **changed):
    """The door's side of the conversation, without a network; `seconds` of it is its clock."""
    said = {"issuer": identity_provider.issuer, "client_id": CLIENT, "client_secret": SECRET}
    registration = Registration(**(said | {"public_url": "https://door"} | changed))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(identity_provider))
    clock = Seconds()
    provider = Provider(registration, client, clock)
    provider.clock = clock
    return provider


class Seconds:
    """A clock that a test puts on."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def none_signed(claims):
    """A token that says it needs no signature."""
    head, body = (
        base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode()
        for part in ({"alg": "none", "typ": "JWT", "kid": "rsa-1"}, claims)
    )
    return f"{head}.{body}."
