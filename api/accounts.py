"""Accounts, posts and keys as an administrator keeps them, at this machine or over HTTP: by the same commands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from secrets import token_hex, token_urlsafe
from typing import Any, Final

from api.authentication import Secrets
from api.passwords import Passwords, expect_strong
from api.refusals.access import AdmittedAlready
from domain.access.accounts import (
    USER,
    AdmitUser,
    EndSessions,
    LinkSubject,
    NotePassword,
    RestoreUser,
    SuspendUser,
    UnlinkSubject,
    UserCommand,
)
from domain.access.keys import API_KEY, ApiKey, IssueApiKey, KeyCommand, RevokeApiKey
from domain.access.permissions import TABLE, Action
from domain.application import Keeper, Outcome
from domain.grammar import CHINA, Actor, Aggregate, Occasion
from domain.window.values import Role

KEY_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class AccountsBy:
    """Of one county, as `actor` keeps them. Everything raises what the rules refuse, and what Keeper.handle raises."""

    keeper: Keeper
    secrets: Secrets
    passwords: Passwords
    clock: Callable[[], datetime]
    actor: Actor

    async def admit(self, staff_id: str, password: str) -> None:
        """Opens the account and sets its password; the same again changes nothing.

        Raises PasswordWeak, PasswordGuessed, AdmittedAlready where the account has another password.
        """
        expect_strong(staff_id, password, self.keeper.catalogue)
        admitted = await self.user(AdmitUser(staff_id=staff_id))
        kept = await self.secrets.password_hash(staff_id)
        if kept is None or (admitted.decision and admitted.decision.facts):
            await self.set_password(staff_id, password)
        elif not await self.passwords.fits(password, kept):
            raise AdmittedAlready

    async def set_password(self, staff_id: str, password: str) -> None:
        """Every open session of theirs ends. Raises PasswordWeak, PasswordGuessed."""
        expect_strong(staff_id, password, self.keeper.catalogue)
        kept = await self.passwords.hashed(password)
        await self.user(NotePassword(staff_id=staff_id))
        await self.secrets.keep_password(staff_id, kept)

    async def suspend(self, staff_id: str, reason: str) -> None:
        await self.user(SuspendUser(staff_id=staff_id, reason=reason))

    async def restore(self, staff_id: str) -> None:
        await self.user(RestoreUser(staff_id=staff_id))

    async def end_sessions(self, staff_id: str) -> None:
        await self.user(EndSessions(staff_id=staff_id))

    async def link(self, staff_id: str, issuer: str, subject: str) -> None:
        await self.user(LinkSubject(staff_id=staff_id, issuer=issuer, subject=subject))

    async def unlink(self, staff_id: str) -> None:
        await self.user(UnlinkSubject(staff_id=staff_id))

    async def issue(self, key: ApiKey, secret: str | None = None) -> str:
        """The key as its programme sends it; it is nowhere else, and never shown again."""
        told = secret or token_urlsafe(32)
        await self.key(IssueApiKey(key=key))
        await self.secrets.keep_api_key(key.key_id, told)
        return f"jdk_{key.key_id}_{told}"

    async def revoke(self, key_id: str, reason: str) -> None:
        await self.key(RevokeApiKey(key_id=key_id, reason=reason))

    async def user(self, command: UserCommand) -> Outcome:
        return await self._handle(USER, command)

    async def key(self, command: KeyCommand) -> Outcome:
        return await self._handle(API_KEY, command)

    async def _handle(self, aggregate: Aggregate[Any], command: UserCommand | KeyCommand) -> Outcome:
        occasion = Occasion(self.actor, self.clock(), correlation=token_hex(12))
        return await self.keeper.handle(aggregate, command.identity, command, occasion, key=None, digest=b"")


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
