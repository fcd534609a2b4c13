"""Whom somebody is told of: the persons with whom their part of the county has to do. Another division's person is nobody."""

from starlette.requests import Request

from api.door import Door, door_of
from api.identity import hands
from api.permitted import PERMITTED
from api.refusals.record import PersonUnknown
from domain.access.decision import Reason
from domain.dealings import Place


def seen_from(door: Door) -> Place | None:
    """What is seen from here; None: all of the county is."""
    if door.sight == "":
        return None
    return Place(door.sight, door.catalogue.units_in(door.sight) if door.sight else ())


async def expect_shown_person(request: Request, person_ref: str) -> None:
    """Raises PersonUnknown where only others have to do with the person; that somebody asked stands in the log."""
    door = door_of(request)
    place = seen_from(door)
    if place is None:
        return
    is_known = await door.people.is_known(person_ref, place)
    if is_known or await _had_a_hand(door, request.state.principal.actor.unit_code, person_ref):
        return
    if is_known is not None:
        route: str = request.scope["route"].told
        await door.journal.denied(request.state.principal, PERMITTED[route], Reason.foreign, route, None)
    raise PersonUnknown


async def _had_a_hand(door: Door, unit_code: str | None, person_ref: str) -> bool:
    """A unit to which a case of another division was sent knows whose case it is."""
    if unit_code is None:
        return False
    for case_no in await door.people.cases_in_hand_of(person_ref, unit_code):
        if unit_code in await hands(door, case_no):
            return True
    return False
