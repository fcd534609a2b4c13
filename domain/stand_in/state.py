"""What the rules must remember: who took a post over and until when; a delegation, and whether it stands."""

from dataclasses import dataclass, replace
from datetime import date

from domain.grammar import Envelope, Fact
from domain.stand_in.events import (
    BPostReleased,
    BPostTookOver,
    DelegationApproved,
    DelegationGranted,
    DelegationRevoked,
)
from domain.stand_in.values import Delegation, Takeover


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


def evolve_takeovers(takeovers: tuple[Takeover, ...], fact: Fact, _: Envelope) -> tuple[Takeover, ...]:
    match fact:
        case BPostTookOver(staff_id=staff_id, valid_from=first, valid_to=last):
            return (*takeovers, Takeover(staff_id=staff_id, valid_from=first, valid_to=last))
        case BPostReleased(staff_id=staff_id, released_on=day):
            return tuple(
                each.model_copy(update={"released_on": day})
                if each.staff_id == staff_id and each.counts(day)
                else each
                for each in takeovers
            )
        case _:
            return takeovers


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
