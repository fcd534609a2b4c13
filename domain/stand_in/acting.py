"""Whether somebody may act for another just now: asked of every record of a case, a contact and a signal, and of a person's data."""

from collections.abc import Iterable

from domain.admission import Objections
from domain.grammar import Duty, Objection, Occasion, local_day
from domain.stand_in.registers import Registers, is_in_force
from domain.stand_in.rejections import (
    ActedWithoutStanding,
    DelegationNotStanding,
    OutsideDelegation,
    StandInNotOnDuty,
)
from domain.stand_in.state import standing


def stands_in_duly(
    occasion: Occasion, registers: Registers, *, item_codes: Iterable[str] = (), in_hand_of: str | None = None
) -> Objections:
    """Refused where it happens now; where it happened and is told later, and in an import, recorded and flagged.

    `item_codes`: what it is about. `in_hand_of`: who has the case, whom nobody sends away from it half done.
    """
    objection = _objection(occasion, registers, frozenset(item_codes), in_hand_of)
    if objection is None:
        return
    happened_earlier = occasion.is_imported or occasion.day < local_day(occasion.received_at)
    yield ActedWithoutStanding() if happened_earlier else objection


def _objection(
    occasion: Occasion, registers: Registers, item_codes: frozenset[str], in_hand_of: str | None
) -> Objection | None:
    actor = occasion.actor
    if actor.delegation_no is not None:
        return _by_delegation(occasion, actor.delegation_no, registers, item_codes)
    if actor.duty is not Duty.b or actor.post_id is None or in_hand_of == actor.staff_id:
        return None
    on_duty = standing(registers.takeovers(actor.post_id), occasion.day)
    is_on_duty = any(each.staff_id == actor.staff_id for each in on_duty)
    return None if is_on_duty else StandInNotOnDuty()


def _by_delegation(
    occasion: Occasion, delegation_no: str, registers: Registers, item_codes: frozenset[str]
) -> Objection | None:
    actor, state = occasion.actor, registers.delegation(delegation_no)
    if state is None or not is_in_force(state, occasion.day, registers):
        return DelegationNotStanding()
    given = state.delegation
    if (given.delegate, given.grantor, given.post_id) != (actor.staff_id, actor.on_behalf_of, actor.post_id):
        return DelegationNotStanding()
    return OutsideDelegation() if given.item_codes and not item_codes <= set(given.item_codes) else None
