"""Whether an ID token stands: its signature, and every claim that OpenID Connect Core 1.0, section 3.1.3.7, asks for."""

import re
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any, Final

import jwt

from api.provider import Registration
from api.refusals.access import ProviderRefused

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the provider can make; never `none`, nor a shared secret."""
ASKED: Final = ("iss", "sub", "aud", "exp", "iat", "nonce")
LEEWAY_SECONDS: Final = 60
SUBJECT: Final = re.compile(r"[!-~]{1,255}")


def usable(document: Mapping[str, Any]) -> jwt.PyJWK | None:
    """A public key of the provider's, with the one algorithm it is for; None for any other."""
    if document.get("kty") not in ("RSA", "EC", "OKP") or document.get("use", "sig") != "sig":
        return None
    try:
        key = jwt.PyJWK(dict(document))
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return key if key.algorithm_name in ALGORITHMS else None


def key_id(id_token: str) -> str | None:
    """Raises ProviderRefused. Nothing of the token is believed yet."""
    try:
        named = jwt.get_unverified_header(id_token).get("kid")
    except jwt.PyJWTError:
        raise ProviderRefused from None
    return named if isinstance(named, str) else None


def subject_of(id_token: str, key: jwt.PyJWK, asked: Registration, nonce: str) -> str:
    """By what name the provider knows the person. Raises ProviderRefused, without a word of the token."""
    try:
        claims = jwt.decode(
            id_token,
            key,
            algorithms=ALGORITHMS,
            audience=asked.client_id,
            issuer=asked.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(ASKED), "enforce_minimum_key_length": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError):
        raise ProviderRefused from None
    said, subject = claims["nonce"], claims.get(asked.claim)
    is_ours = isinstance(said, str) and compare_digest(said.encode(), nonce.encode())
    if not is_ours or not _is_for(claims, asked.client_id):
        raise ProviderRefused
    if not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
        raise ProviderRefused
    return subject


def _is_for(claims: Mapping[str, Any], client_id: str) -> bool:
    """A token for several says which of them asked for it."""
    is_for_several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    return bool(claims.get("azp", None if is_for_several else client_id) == client_id)
