"""What the rules must remember: who took a post over and until when; a delegation, and whether it stands."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from domain.grammar import Envelope, Fact
from domain.stand_in.events import (
    BPostReleased,
    BPostTookOver,
    DelegationApproved,
    DelegationGranted,
    DelegationRevoked,
)
from domain.stand_in.values import AT_MOST_DAYS, Delegation, Takeover


@dataclass(frozen=True, slots=True)
class DelegationState:
    delegation: Delegation
    approved_on: date | None = None
    revoked_on: date | None = None

    def counts(self, on: date) -> bool:
        """Approved by then, not revoked, within its days."""
        is_approved = self.approved_on is not None and self.approved_on <= on
        is_revoked = self.revoked_on is not None and self.revoked_on <= on
        return is_approved and not is_revoked and self.delegation.holds(on)


def standing(takeovers: Sequence[Takeover], on: date) -> list[Takeover]:
    """Those that count on the day. Of ten years of them, those of the month before it are looked at: none is longer."""
    return [each for each in takeovers[_around(takeovers, on)] if each.counts(on)]


def _around(takeovers: Sequence[Takeover], on: date) -> slice:
    """`takeovers` in the order of their first days."""
    first = bisect_left(takeovers, on - timedelta(days=AT_MOST_DAYS), key=_first_day)
    return slice(first, bisect_right(takeovers, on, key=_first_day))


def _first_day(takeover: Takeover) -> date:
    return takeover.valid_from


def evolve_takeovers(takeovers: tuple[Takeover, ...], fact: Fact, _: Envelope) -> tuple[Takeover, ...]:
    """By their first days, whatever a clock said meanwhile."""
    match fact:
        case BPostTookOver(staff_id=staff_id, valid_from=first, valid_to=last):
            place = bisect_right(takeovers, first, key=_first_day)
            taken = Takeover(staff_id=staff_id, valid_from=first, valid_to=last)
            return (*takeovers[:place], taken, *takeovers[place:])
        case BPostReleased(staff_id=staff_id, released_on=day):
            around = _around(takeovers, day)
            left = (_released(each, staff_id, day) for each in takeovers[around])
            return (*takeovers[: around.start], *left, *takeovers[around.stop :])
        case _:
            return takeovers


def _released(takeover: Takeover, staff_id: str, day: date) -> Takeover:
    if takeover.staff_id != staff_id or not takeover.counts(day):
        return takeover
    return takeover.model_copy(update={"released_on": day})


def evolve_delegation(state: DelegationState | None, fact: Fact, _: Envelope) -> DelegationState | None:
    match fact:
        case DelegationGranted(delegation=delegation):
            return DelegationState(delegation)
        case DelegationApproved(approved_on=day) if state is not None:
            return replace(state, approved_on=day)
        case DelegationRevoked(revoked_on=day) if state is not None:
            return replace(state, revoked_on=day)
        case _:
            return state
