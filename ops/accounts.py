"""Accounts and keys, as an operator at this machine makes them: through the keeper, under a name of its own."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from secrets import token_hex, token_urlsafe
from typing import Any, Final

from api.authentication import Secrets
from api.passwords import LONGEST, SHORTEST, hashed
from domain.access.accounts import USER, AdmitUser, NotePassword, RestoreUser, SuspendUser
from domain.access.keys import API_KEY, ApiKey, IssueApiKey, RevokeApiKey
from domain.access.permissions import TABLE, Action
from domain.application import Keeper
from domain.grammar import CHINA, Actor, Aggregate, Occasion
from domain.register import RegisterCommand
from domain.window.values import Role
from ops.failures import CannotDo

OPERATOR: Final = Actor(staff_id="operator", role=Role.system_admin)
"""Whoever may open the database on this machine; nobody can sign in under this name."""
KEY_DAYS: Final = 365


class PasswordWeak(CannotDo):
    """A password nobody should have."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Of one county."""

    keeper: Keeper
    secrets: Secrets

    async def admit(self, staff_id: str, password: str, subject_sha256: str | None = None) -> None:
        """Opens the account and sets its password. Raises PasswordWeak, Rejected."""
        await self._handle(USER, AdmitUser(staff_id=staff_id, subject_sha256=subject_sha256))
        await self.set_password(staff_id, password)

    async def set_password(self, staff_id: str, password: str) -> None:
        """Every open session of theirs ends. Raises PasswordWeak, Rejected where there is no account."""
        _expect_strong(staff_id, password)
        await self._handle(USER, NotePassword(staff_id=staff_id))
        await self.secrets.keep_password(staff_id, hashed(password))

    async def suspend(self, staff_id: str, reason: str) -> None:
        await self._handle(USER, SuspendUser(staff_id=staff_id, reason=reason))

    async def restore(self, staff_id: str) -> None:
        await self._handle(USER, RestoreUser(staff_id=staff_id))

    async def issue(self, key: ApiKey, secret: str | None = None) -> str:
        """The key as its programme sends it; it is nowhere else, and never shown again."""
        told = secret or token_urlsafe(32)
        await self._handle(API_KEY, IssueApiKey(key=key))
        await self.secrets.keep_api_key(key.key_id, told)
        return f"jdk_{key.key_id}_{told}"

    async def revoke(self, key_id: str, reason: str) -> None:
        await self._handle(API_KEY, RevokeApiKey(key_id=key_id, reason=reason))

    async def _handle(self, aggregate: Aggregate[Any], command: RegisterCommand) -> None:
        occasion = Occasion(OPERATOR, datetime.now(UTC), correlation=token_hex(12))
        await self.keeper.handle(aggregate, command.identity, command, occasion, key=None, digest=b"")


def a_key(
    programme: str,
    title: str,
    role: Role,
    division_code: str,
    *,
    actions: tuple[Action, ...] = (),
    speaks_for_posts: bool = False,
    days: int = KEY_DAYS,
    today: date | None = None,
) -> ApiKey:
    """Without actions: whatever the role may; of one that speaks for posts, whatever any post may."""
    begins = today or datetime.now(CHINA).date()
    usual = tuple(Action) if speaks_for_posts else tuple(TABLE[role])
    return ApiKey(
        key_id=token_hex(6),
        title=title,
        programme=programme,
        role=role,
        division_code=division_code,
        actions=actions or usual,
        speaks_for_posts=speaks_for_posts,
        valid_from=begins,
        valid_to=begins + timedelta(days=days),
    )


def a_password() -> str:
    """Nobody chose it, nobody guesses it: 96 bits."""
    return token_urlsafe(12)


def _expect_strong(staff_id: str, password: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST or password == staff_id or len(set(password)) < SHORTEST // 2:
        raise PasswordWeak(
            f"A password has {SHORTEST} to {LONGEST} characters and is not the staff number."
            f" 口令应为 {SHORTEST} 至 {LONGEST} 个字符，且不得为工号。"
        )
