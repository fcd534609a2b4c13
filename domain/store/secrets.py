"""What opens the door, hashed: passwords, sessions, API keys, and how often somebody knocked in vain. It lies beside the
log and never in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from domain.store.connecting import Readers


def token_hash(token: str) -> bytes:
    """32 bytes. Tokens and key secrets are 256 random bits: nobody guesses them, however fast the hash."""
    return sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in."""

    session: str
    """Its name in the record; it opens nothing."""
    staff_id: str
    post_id: str
    generation: int
    """Of the account; over when the account has come further."""
    opened_at: datetime
    expires_at: datetime
    seen_at: datetime
    """When it was last used, as far as it was written down."""


class Secrets:
    """Of one county. Reads and writes raise LogBusy where the database cannot be reached."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def keep_password(self, staff_id: str, password_hash: str) -> None:
        parameters = {"staff_id": staff_id, "password_hash": password_hash}
        await self._readers.fetch("keep_password", parameters)

    async def password_hash(self, staff_id: str) -> str | None:
        rows = await self._readers.fetch("password_hash", {"staff_id": staff_id})
        return rows[0][0] if rows else None

    async def open_session(self, token: str, session: Session) -> None:
        parameters = {
            "token_hash": token_hash(token),
            "session": session.session,
            "staff_id": session.staff_id,
            "post_id": session.post_id,
            "generation": session.generation,
            "opened_at": session.opened_at,
            "expires_at": session.expires_at,
        }
        await self._readers.fetch("open_session", parameters)

    async def session(self, token: str) -> Session | None:
        rows = await self._readers.fetch("session", {"token_hash": token_hash(token)})
        return Session(*rows[0]) if rows else None

    async def see_session(self, token: str, seen_at: datetime) -> None:
        await self._readers.fetch("see_session", {"token_hash": token_hash(token), "seen_at": seen_at})

    async def end_session(self, token: str) -> None:
        await self._readers.fetch("end_session", {"token_hash": token_hash(token)})

    async def keep_api_key(self, key_id: str, secret: str) -> None:
        parameters = {"key_id": key_id, "secret_hash": token_hash(secret)}
        await self._readers.fetch("keep_api_key", parameters)

    async def api_key_hash(self, key_id: str) -> bytes | None:
        rows = await self._readers.fetch("api_key_hash", {"key_id": key_id})
        return bytes(rows[0][0]) if rows else None

    async def attempt(self, kind: str, drawer: int, at: datetime, within: timedelta, most: int) -> int:
        """Counts an attempt to sign in; answers how many there were since the first, within that time."""
        parameters = {"kind": kind, "drawer": drawer, "at": at, "within": within, "most": most}
        rows = await self._readers.fetch("attempt_sign_in", parameters)
        return int(rows[0][0])

    async def forgive(self, name_drawer: int | None, address_drawer: int) -> None:
        """Forgets the name's attempts, and takes one of the address's back."""
        parameters = {"name_drawer": name_drawer, "address_drawer": address_drawer}
        await self._readers.fetch("forgive_sign_in", parameters)
