"""Passwords: argon2id, hashed and compared in threads of which there are few, so that nobody fills the memory."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST: Final = 10
LONGEST: Final = 128
AT_ONCE: Final = 2
"""One takes 64 MiB for some 50 ms."""

_HASHER: Final = PasswordHasher()
_NOBODYS: Final = _HASHER.hash("nobody has this password")
"""Compared where there is no account: an answer takes as long as where there is one."""


class Passwords:
    """Hashes and compares, a few at a time."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def fits(self, password: str, password_hash: str | None) -> bool:
        async with self._turns:
            fits = await asyncio.to_thread(_fits, password, password_hash or _NOBODYS)
        return fits and password_hash is not None


def hashed(password: str) -> str:
    """Takes some 50 ms."""
    return _HASHER.hash(password)


def _fits(password: str, password_hash: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
