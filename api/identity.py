"""Who acts, and whether they may: the one place through which every room is entered.

Every room of the door takes `Identified`. Who it is, the door's `Identification` says; whether they may, the permission
table (`domain/access/permissions.py`) by way of `decide`; what they are shown, the sight that `decide` allows.
"""

from datetime import date
from functools import lru_cache
from typing import Annotated, Final

from fastapi import Depends, Request

from api.door import SEEN, Door, door_of
from api.permitted import OWN, PERMITTED
from api.refusals.access import AccountSuspended, IdentityUnknown, NotPermitted, PostNotHeld
from api.refusals.record import CaseUnknown
from domain.access.decision import A_LIST, Allow, Deny, Principal, Reason, Resource, decide
from domain.access.permissions import SENSITIVE
from domain.case import CASE
from domain.case.involved import units_of
from domain.catalogue import Catalogue
from domain.grammar import Actor, Duty
from domain.numbers import CaseNumber
from domain.window.values import Post, Role

DIVISION_DIGITS: Final = 12


async def actor(request: Request) -> Actor:
    """Raises what the identification raises, NotPermitted (403), and CaseUnknown (404) for another division's case."""
    principal = await door_of(request).identification.principal(request)
    await _enter(request, principal)
    return principal.actor


async def expect_still_allowed(request: Request) -> None:
    """Of a request whose answer goes on. Raises what `actor` raises, where the session, the key or the post is over."""
    await _enter(request, await door_of(request).identification.still(request))


async def _enter(request: Request, principal: Principal) -> None:
    """Raises NotPermitted, CaseUnknown."""
    door: Door = request.app.state.door
    scope = request.scope
    request.state.principal = principal  # for what is done beside the endpoint
    route: str = scope["route"].told
    if route not in OWN:
        allowed = await _allowed(door, principal, route, request.path_params.get("case_no"))
        scope[SEEN] = door.seen_by(allowed.sight)


Identified = Annotated[Actor, Depends(actor)]
"""For routes that record: who acts."""
IDENTIFIED: Final = (Depends(actor),)
"""For routes that only read: somebody who says who they are."""


async def _allowed(door: Door, principal: Principal, route: str, case_no: str | None) -> Allow:
    """Raises NotPermitted, CaseUnknown. A route without an action is nobody's."""
    action = PERMITTED.get(route)
    if action is None:
        raise NotPermitted
    verdict = decide(principal, action, Resource(case_no[:DIVISION_DIGITS]) if case_no else A_LIST)
    if case_no and isinstance(verdict, Deny) and verdict.reason is Reason.foreign:
        expect_number(case_no)
        verdict = decide(principal, action, Resource(case_no[:DIVISION_DIGITS], await hands(door, case_no)))
    if isinstance(verdict, Allow):
        return verdict
    if action in SENSITIVE or verdict.reason is Reason.foreign:
        await door.journal.denied(principal, action, verdict.reason, route, case_no)
    if verdict.reason is Reason.foreign:
        raise CaseUnknown
    raise NotPermitted(action=action.value, role=principal.actor.role)


def expect_number(case_no: str) -> None:
    """What is not a case number names no case. Raises CaseUnknown."""
    try:
        CaseNumber.parse(case_no)
    except ValueError:
        raise CaseUnknown from None


async def expect_shown(door: Door, actor: Actor, case_no: str) -> None:
    """For a case that the body names. Raises CaseUnknown where it lies elsewhere and the unit has no part in it."""
    if not door.shows(case_no) and actor.unit_code not in await hands(door, case_no):
        raise CaseUnknown


async def hands(door: Door, case_no: str) -> frozenset[str]:
    """The units that have, had or are to have the case in hand."""
    history = await door.keeper.history(CASE, case_no)
    return frozenset(units_of([(event.fact, event.envelope) for event in history]))


def member_of_staff(
    staff_id: str, post_id: str, catalogue: Catalogue, today: date, *, via: str | None = None
) -> Principal:
    """The person at the post, with the post's role, window and unit, and on whose behalf where duty is B
    or a delegation lets them act there.

    Raises IdentityUnknown (401), AccountSuspended, PostNotHeld (403).
    """
    post = catalogue.post(post_id)
    division_code = catalogue.division_of(post.unit_code) if post else None
    if post is None or division_code is None or catalogue.staff(staff_id) is None:
        raise IdentityUnknown
    if (user := catalogue.user(staff_id)) is not None and user.is_suspended:
        raise AccountSuspended
    duty = catalogue.duty(staff_id, post_id, today)
    delegation = None if duty else catalogue.delegated(staff_id, post_id, today)
    if duty is None and delegation is None:
        raise PostNotHeld
    on_behalf_of = _first_holder(post, today) if duty is Duty.b else None
    who = _actor(staff_id, post_id, post.window_id, post.unit_code, post.role, duty, on_behalf_of, via)
    if delegation is not None:
        given = {"on_behalf_of": delegation.grantor, "delegation_no": delegation.delegation_no}
        who = who.model_copy(update=given)
    return Principal(who, division_code)


@lru_cache(maxsize=4096)
def _actor(
    staff_id: str,
    post_id: str,
    window_id: str | None,
    unit_code: str,
    role: Role,
    duty: Duty | None,
    on_behalf_of: str | None,
    via: str | None,
) -> Actor:
    """One object for one actor: it is validated once, and found again quickly wherever it is looked up."""
    return Actor(
        staff_id=staff_id,
        post_id=post_id,
        window_id=window_id,
        unit_code=unit_code,
        role=role,
        duty=duty,
        on_behalf_of=on_behalf_of,
        via=via,
    )


def _first_holder(post: Post, today: date) -> str | None:
    for tenure in post.assignments:
        if tenure.duty is Duty.a and tenure.valid_from <= today <= (tenure.valid_to or today):
            return tenure.staff_id
    return None
