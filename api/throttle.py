"""How often somebody may fail to sign in before nothing is looked at any more. All processes of a county count together,
and counting goes on where it was after a restart."""

from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Final, Protocol

from api.refusals.access import SignInBlocked

FAILURES: Final = 5
WITHIN: Final = timedelta(minutes=15)
FAILURES_OF_AN_ADDRESS: Final = 10 * FAILURES
"""A whole hall may stand behind one address."""
ONE_HOUSEHOLD: Final = 64
"""An IPv6 address is counted by its first 64 bits: whoever has one of them has all."""


class Attempts(Protocol):
    """Where they are counted: `domain/store/secrets.py`."""

    async def attempt(self, kind: str, drawer: int, at: datetime, within: timedelta, most: int) -> int: ...
    async def forgive(self, name_drawer: int | None, address_drawer: int) -> None: ...


class Throttle:
    """Counts by name and by address, before anything is looked at: who tries many at once gains nothing."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    async def expect_few(self, name: str | None, address: str, now: datetime) -> None:
        """Counts an attempt; `name`: None where nobody is named. Raises SignInBlocked, LogBusy."""
        # an address that is blocked fills no names' drawers
        await self._expect("address", _address_drawer(address), FAILURES_OF_AN_ADDRESS, now)
        if name is not None:
            await self._expect("name", _drawer("name", name), FAILURES, now)

    async def forgive(self, name: str | None, address: str) -> None:
        """The attempt succeeded."""
        drawer = None if name is None else _drawer("name", name)
        await self._attempts.forgive(drawer, _address_drawer(address))

    async def _expect(self, kind: str, drawer: int, most: int, now: datetime) -> None:
        if await self._attempts.attempt(kind, drawer, now, WITHIN, most) > most:
            raise SignInBlocked(retry_after_seconds=int(WITHIN.total_seconds()))


def _address_drawer(address: str) -> int:
    return _drawer("address", _household(address))


def _drawer(kind: str, who: str) -> int:
    """0 to 65,535. Two may share one: then one's failures count for the other, too."""
    return int.from_bytes(sha256(f"{kind}\0{who}".encode()).digest()[:2])


def _household(address: str) -> str:
    try:
        told = ip_address(address)
    except ValueError:
        return address
    return str(int(told) >> ONE_HOUSEHOLD) if isinstance(told, IPv6Address) else address
