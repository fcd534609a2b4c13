"""委托: the A person of a post lets another act at it, for some matters and days; a head approves, either side ends it."""

from collections.abc import Generator
from datetime import date, timedelta
from typing import Annotated, Final, Literal, assert_never

from pydantic import Field

from domain.admission import happened_already, staff_known
from domain.grammar import (
    Code,
    Command,
    Day,
    Decision,
    Duty,
    Objection,
    Occasion,
    Prose,
    Ruling,
    local_day,
    settle,
)
from domain.stand_in.events import DelegationApproved, DelegationGranted, DelegationRevoked
from domain.stand_in.registers import HEADS, Registers, is_head_above
from domain.stand_in.rejections import (
    AgentsNeverDecide,
    DelegatedByAnother,
    DelegatedToOneself,
    DelegateNotServing,
    DelegationApprovedByParty,
    DelegationInThePast,
    DelegationNumberUsed,
    DelegationOver,
    DelegationUnknown,
    NotAboveThePost,
    RevokedByStranger,
)
from domain.stand_in.state import DelegationState
from domain.stand_in.values import Delegation
from domain.window.values import Role

AT_MOST_DAYS: Final = 366
DECIDING: Final = frozenset({Role.reviewer, Role.approver}) | HEADS


class GrantDelegation(Command):
    """委托."""

    type: Literal["grant_delegation"] = "grant_delegation"
    delegate: Code
    item_codes: Annotated[tuple[Code, ...], Field(max_length=200)] = ()
    """The matters: these items; none named, all that comes to the post."""
    valid_from: Day
    valid_to: Day
    reason: Prose


class _Numbered(Command):
    """What the door asks, with the number it is recorded under."""

    delegation_no: Code


class NumberedGrant(_Numbered):
    type: Literal["numbered_grant"] = "numbered_grant"
    grant: GrantDelegation


def grant_delegation(
    state: DelegationState | None, command: NumberedGrant, occasion: Occasion, registers: Registers
) -> Ruling:
    actor, grant, today = occasion.actor, command.grant, local_day(occasion.received_at)
    post_id = actor.post_id or "-"
    if state is not None:
        yield DelegationNumberUsed()
    if actor.delegation_no or registers.duty(actor.staff_id, post_id, today) is not Duty.a:
        yield DelegatedByAnother()
    if registers.is_same_person(actor.staff_id, grant.delegate):
        yield DelegatedToOneself()
    yield from staff_known(grant.delegate, today, registers)
    if not today <= grant.valid_from <= grant.valid_to <= grant.valid_from + timedelta(days=AT_MOST_DAYS):
        yield DelegationInThePast()
        return
    said = grant.model_dump(exclude={"type", "reason"})
    delegation = Delegation(
        delegation_no=command.delegation_no, post_id=post_id, grantor=actor.staff_id, **said
    )
    member = registers.staff(grant.delegate)
    if member is not None and not member.covers(delegation):
        yield DelegateNotServing()
    if actor.role in DECIDING and any(
        post.role is Role.agent for post in registers.posts_of(grant.delegate, grant.valid_from)
    ):
        yield AgentsNeverDecide()
    yield DelegationGranted(delegation=delegation, reason=grant.reason)


class ApproveDelegation(Command):
    """委托批准, by a third person."""

    type: Literal["approve_delegation"] = "approve_delegation"


def approve_delegation(state: DelegationState | None, occasion: Occasion, registers: Registers) -> Ruling:
    standing = yield from _not_over(state, occasion)
    if standing is None:
        return
    delegation, actor = standing.delegation, occasion.actor
    parties = (delegation.grantor, delegation.delegate)
    own = (actor.staff_id, actor.on_behalf_of)
    if any(registers.is_same_person(one, other) for one in parties for other in own):
        yield DelegationApprovedByParty()
    if not is_head_above(actor, delegation.post_id, registers):
        yield NotAboveThePost()
    if standing.approved_on is None:
        today = local_day(occasion.received_at)
        yield DelegationApproved(delegation_no=delegation.delegation_no, approved_on=today)


class RevokeDelegation(Command):
    """撤销委托."""

    type: Literal["revoke_delegation"] = "revoke_delegation"
    reason: Prose


def revoke_delegation(
    state: DelegationState | None, command: RevokeDelegation, occasion: Occasion, registers: Registers
) -> Ruling:
    if state is not None and state.revoked_on is not None:
        return
    standing = yield from _not_over(state, occasion)
    if standing is None:
        return
    delegation, actor = standing.delegation, occasion.actor
    is_theirs = actor.staff_id in (delegation.grantor, delegation.delegate)
    if not (is_theirs or is_head_above(actor, delegation.post_id, registers)):
        yield RevokedByStranger()
    today = local_day(occasion.received_at)
    yield DelegationRevoked(delegation_no=delegation.delegation_no, revoked_on=today, reason=command.reason)


def _not_over(
    state: DelegationState | None, occasion: Occasion
) -> Generator[Objection, None, DelegationState | None]:
    if state is None:
        yield DelegationUnknown()
        return None
    if state.revoked_on is not None or not local_day(occasion.received_at) <= (
        state.delegation.valid_to or date.max
    ):
        yield DelegationOver()
    return state


Further = ApproveDelegation | RevokeDelegation
DelegationAct = Annotated[Further, Field(discriminator="type")]
"""What can be recorded of a delegation that was granted."""
Action = NumberedGrant | Further


def decide(
    state: DelegationState | None, command: Action, occasion: Occasion, registers: Registers
) -> Decision:
    """Raises Rejected."""
    return Decision(*settle(_ruling(state, command, occasion, registers), occasion))


def _ruling(
    state: DelegationState | None, command: Action, occasion: Occasion, registers: Registers
) -> Ruling:
    yield from happened_already(occasion, registers.policy(occasion.day))
    match command:
        case NumberedGrant():
            yield from grant_delegation(state, command, occasion, registers)
        case ApproveDelegation():
            yield from approve_delegation(state, occasion, registers)
        case RevokeDelegation():
            yield from revoke_delegation(state, command, occasion, registers)
        case _:
            assert_never(command)
