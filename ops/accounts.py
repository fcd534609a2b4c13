"""Accounts and keys, as an operator at this machine makes them: through the keeper, under a name of its own."""

from datetime import UTC, datetime
from typing import Final

from api.accounts import KEY_DAYS, AccountsBy, a_key, a_password
from api.authentication import Secrets
from api.passwords import Passwords
from domain.application import Keeper
from domain.grammar import Actor
from domain.window.values import Role
from ops.at_machine import by_command

__all__ = ["KEY_DAYS", "OPERATOR", "Accounts", "a_key", "a_password"]

OPERATOR: Final = Actor(staff_id="operator", role=Role.system_admin)
"""Whoever may open the database on this machine; nobody can sign in under this name."""


class Accounts(AccountsBy):
    """Of one county, as its operator keeps them."""

    def __init__(self, keeper: Keeper, secrets: Secrets, passwords: Passwords | None = None) -> None:
        super().__init__(keeper, secrets, passwords or Passwords(), _now, by_command(OPERATOR))


def _now() -> datetime:
    return datetime.now(UTC)
