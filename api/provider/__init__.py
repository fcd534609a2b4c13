"""Signing in through the county's identity provider: OpenID Connect, authorization code with PKCE.

Sources: OpenID Connect Core 1.0, Discovery 1.0 and RP-Initiated Logout 1.0; RFC 6749, 7636 (PKCE), 9207 (issuer in the answer), 9700 (best practice).
"""

from dataclasses import dataclass, field
from typing import Final

RETURN_PATH: Final = "/v1/sessions/provider/return"
SIGNED_OUT_PATH: Final = "/sign-in"
"""Where the provider sends those who have signed out there."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How this server is known at the provider."""

    issuer: str
    client_id: str
    public_url: str
    """At which people reach this server, without a path."""
    client_secret: str | None = field(default=None, repr=False)
    claim: str = "sub"
    """By which claim the provider names a person."""
    scope: str = "openid"

    @property
    def redirect_uri(self) -> str:
        return self.public_url.rstrip("/") + RETURN_PATH

    @property
    def signed_out_uri(self) -> str:
        return self.public_url.rstrip("/") + SIGNED_OUT_PATH
