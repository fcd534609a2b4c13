"""Accounts and keys, as an operator at this machine makes them: through the keeper, under a name of its own."""

from datetime import UTC, date, datetime, timedelta
from secrets import token_hex, token_urlsafe
from typing import Final

from api.accounts import AccountsBy
from api.authentication import Secrets
from api.passwords import Passwords
from domain.access.keys import ApiKey
from domain.access.permissions import TABLE, Action
from domain.application import Keeper
from domain.grammar import CHINA, Actor
from domain.window.values import Role

OPERATOR: Final = Actor(staff_id="operator", role=Role.system_admin)
"""Whoever may open the database on this machine; nobody can sign in under this name."""
KEY_DAYS: Final = 365


class Accounts(AccountsBy):
    """Of one county, as its operator keeps them."""

    def __init__(self, keeper: Keeper, secrets: Secrets, passwords: Passwords | None = None) -> None:
        super().__init__(keeper, secrets, passwords or Passwords(), _now, OPERATOR)


def _now() -> datetime:
    return datetime.now(UTC)


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
