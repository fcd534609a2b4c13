"""What the door records of those who knock: sign-ins, failures, refusals, key use.

Nobody can fill the log by knocking: what comes too thick is counted and told with the next one.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final

from domain.access.decision import Principal, Reason
from domain.access.journal import (
    ACCESS,
    ActionDenied,
    KeyUsed,
    Means,
    Note,
    Noted,
    SignedIn,
    SignedOut,
    SignInFailed,
    WhyNot,
)
from domain.access.permissions import Action
from domain.application import Keeper
from domain.grammar import Actor, Occasion
from domain.numbers import CaseNumber

DENIALS_APART: Final = timedelta(minutes=1)
"""One refusal in a minute is told of each person, action and reason."""
REMEMBERED: Final = 10_000
UNKNOWN: Final = "unknown"
"""The stream of those whose account nobody knows."""


@dataclass(slots=True)
class _Thick:
    told_at: datetime
    untold: int = 0


class Journal:
    """Writes through the keeper. Raises what Keeper.handle raises: what cannot be recorded does not happen."""

    def __init__(self, keeper: Keeper, clock: Callable[[], datetime]) -> None:
        self._keeper = keeper
        self._clock = clock
        self._thick: OrderedDict[tuple[str, ...], _Thick] = OrderedDict()

    async def signed_in(self, actor: Actor, means: Means, session: str) -> None:
        await self._note(actor.staff_id, actor, SignedIn(means=means, session=session))

    async def signed_out(self, actor: Actor, session: str) -> None:
        await self._note(actor.staff_id, actor, SignedOut(session=session))

    async def sign_in_failed(self, staff_id: str | None, means: Means, why: WhyNot) -> None:
        """`staff_id`: of an account that exists; None: of none."""
        who = staff_id or UNKNOWN
        untold = self._untold(who, "sign_in") if staff_id is None or why is WhyNot.blocked else 0
        if untold is not None:
            nobody = Actor(staff_id=who, role="nobody")
            await self._note(who, nobody, SignInFailed(means=means, why=why, unrecorded=untold))

    async def denied(
        self, principal: Principal, action: Action, reason: Reason, route: str, case_no: str | None
    ) -> None:
        actor = principal.actor
        untold = self._untold(actor.staff_id, action, reason)
        if untold is not None:
            told = ActionDenied(
                action=action, reason=reason, route=route, case_no=_numbered(case_no), unrecorded=untold
            )
            await self._note(actor.staff_id, actor, told)

    async def key_used(self, actor: Actor, key_id: str) -> None:
        await self._note(key_id, actor, KeyUsed(key_id=key_id))

    def _untold(self, *about: str) -> int | None:
        """How many were not told since the last one; None: this one is not told either."""
        now = self._clock()
        known = self._thick.get(about)
        if known is not None and now - known.told_at < DENIALS_APART:
            known.untold += 1
            return None
        self._thick[about] = _Thick(now)
        self._thick.move_to_end(about)
        if len(self._thick) > REMEMBERED:
            self._thick.popitem(last=False)
        return min(known.untold, 100_000) if known else 0

    async def _note(self, who: str, actor: Actor, fact: Noted) -> None:
        occasion = Occasion(actor, self._clock(), correlation=token_hex(12))
        await self._keeper.handle(ACCESS, who, Note(fact=fact), occasion, key=None, digest=b"")


def _numbered(case_no: str | None) -> str | None:
    """Only what is a case number is repeated."""
    try:
        return None if case_no is None else str(CaseNumber.parse(case_no))
    except ValueError:
        return None
