"""What the rules of acting for another look up. The catalogue answers."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Protocol

from domain.admission import Staff
from domain.grammar import Actor, Duty
from domain.policy.values import Policy
from domain.register import Tenure
from domain.stand_in.state import DelegationState
from domain.stand_in.values import Takeover
from domain.unit.values import Unit
from domain.window.values import Post, Role

HEADS: Final = frozenset({Role.hall_director, Role.organ_head, Role.government_head})
"""Who approves that somebody acts for another."""


class Registers(Staff, Protocol):
    def post(self, post_id: str, /) -> Post | None: ...
    def unit(self, unit_code: str, /) -> Unit | None: ...
    def duty(self, staff_id: str, post_id: str, on: date, /) -> Duty | None: ...
    def posts_of(self, staff_id: str, on: date, /) -> Sequence[Post]: ...
    def policy(self, on: date, /) -> Policy: ...
    def takeovers(self, post_id: str, /) -> Sequence[Takeover]: ...
    def delegation(self, delegation_no: str, /) -> DelegationState | None: ...


def serves(member: Tenure | None, on: date) -> bool:
    """Whether the person is in service on the day; of whom no register tells, nothing else is known."""
    return member is None or member.holds(on)


def is_in_force(state: DelegationState, on: date, registers: Registers) -> bool:
    """It counts on the day, who gave it holds the post then, and who was given it serves."""
    given = state.delegation
    holds_it = registers.duty(given.grantor, given.post_id, on) is Duty.a
    return state.counts(on) and holds_it and serves(registers.staff(given.delegate), on)


def is_head_above(actor: Actor, post_id: str, registers: Registers) -> bool:
    """A head of the post's unit, or of one above it."""
    post = registers.post(post_id)
    above = post.unit_code if post and actor.role in HEADS else None
    seen: set[str] = set()
    while above is not None and above not in seen:
        if above == actor.unit_code:
            return True
        seen.add(above)
        unit = registers.unit(above)
        above = unit.parent_code if unit else None
    return False
