"""What a browser is sent to the provider for. Its cookie is all that is kept of it, for ten minutes.

State, nonce and the PKCE verifier follow from the cookie: none of the three can be learnt from another, an answer to
somebody else's errand does not fit, and no process has to remember anything.
"""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import token_hex
from typing import Final, Self

from api.refusals.access import ProviderRefused

COOKIE: Final = "__Host-jiandu-errand"
LASTS: Final = timedelta(minutes=10)
THEN: Final = r"^/$|^(?:/[0-9A-Za-z._-]+)+$"
"""A place on this server: never another's, however it is written."""
_COOKIE: Final = re.compile(r"[0-9a-f]{64}~([0-9]{10})~([0-9A-Za-z._/-]{0,64})~([0-9A-Za-z._/-]{1,200})")


@dataclass(frozen=True, slots=True)
class Errand:
    """`cookie`: secret, when it began, at which post, and where the browser wants to be then."""

    cookie: str
    begun_at: datetime
    post_id: str | None
    then: str

    @classmethod
    def begun(cls, now: datetime, post_id: str | None, then: str) -> Self:
        begun_at = now.replace(microsecond=0)
        cookie = "~".join((token_hex(32), str(int(begun_at.timestamp())), post_id or "", then))
        return cls(cookie, begun_at, post_id, then)

    @classmethod
    def of(cls, cookie: str | None, state: str | None, now: datetime) -> Self:
        """The errand that an answer belongs to. Raises ProviderRefused where it is none of this browser's, or late."""
        kept = _COOKIE.fullmatch(cookie or "")
        if kept is None or not re.search(THEN, kept[3]):
            raise ProviderRefused
        errand = cls(kept[0], datetime.fromtimestamp(int(kept[1]), UTC), kept[2] or None, kept[3])
        is_ours = compare_digest((state or "").encode(), errand.state.encode())
        if not is_ours or not errand.begun_at <= now < errand.begun_at + LASTS:
            raise ProviderRefused
        return errand

    @property
    def state(self) -> str:
        return self._derived("state")

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """64 hexadecimal digits. Source: RFC 7636, section 4.1."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        digest = sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _derived(self, use: str) -> str:
        return sha256(f"{use}\0{self.cookie}".encode()).hexdigest()
