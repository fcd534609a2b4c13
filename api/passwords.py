"""Passwords: argon2id, hashed and compared in threads of which there are few, so that nobody fills the memory."""

import asyncio
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from pydantic import TypeAdapter, ValidationError

from api.guessing import is_guessed
from api.refusals.access import PasswordGuessed, PasswordWeak
from domain.catalogue import Catalogue
from domain.grammar import Line

SHORTEST: Final = 10
LONGEST: Final = 128
TELLING: Final = 4
"""A staff number so long is not in a password by chance."""
AT_ONCE: Final = 2
"""One takes 64 MiB for some 50 ms."""

_HASHER: Final = PasswordHasher()
_LINE: Final[TypeAdapter[str]] = TypeAdapter(Line)
"""What can be typed again elsewhere: NFC, nothing invisible."""


class Passwords:
    """Hashes and compares, a few at a time."""

    def __init__(self, hasher: PasswordHasher = _HASHER) -> None:
        self._hasher = hasher
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Without a hash never, and it takes as long: nobody learns who has an account."""
        async with self._turns:
            fits = await asyncio.to_thread(self._fits, password, password_hash)
        return fits and password_hash is not None

    async def hashed(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    def _fits(self, password: str, password_hash: str | None) -> bool:
        try:
            return self._hasher.verify(password_hash or _nobodys(self._hasher), password)
        except (Argon2Error, InvalidHashError):
            return False


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")


def expect_strong(staff_id: str, password: str, catalogue: Catalogue, old_password: str = "") -> None:
    """Raises PasswordWeak, PasswordGuessed."""
    try:
        _LINE.validate_python(password)
    except ValidationError:
        raise PasswordWeak from None
    is_long = SHORTEST <= len(password) <= LONGEST
    is_varied = len(set(password)) >= SHORTEST // 2
    is_told = len(staff_id) >= TELLING and staff_id.lower() in password.lower()
    if not is_long or not is_varied or is_told or password == old_password:
        raise PasswordWeak
    if is_guessed(password, staff_id, catalogue):
        raise PasswordGuessed
