"""Whom somebody is told of: the persons with whom their part of the county has to do. Another division's person is nobody."""

from collections.abc import Callable, Sequence
from typing import Final

from starlette.requests import Request

from api.door import Door, door_of
from api.identity import hands
from api.permitted import PERMITTED
from api.refusals.record import PersonUnknown
from domain.access.decision import Reason
from domain.case import CASE
from domain.dealings import Dealing

MOST_CASES: Final = 20
"""Cases of other divisions that are asked whether the unit has had a hand in them; the latest named first."""


def theirs(door: Door) -> Callable[[Dealing], bool] | None:
    """Whether a record that names a person lies in what is seen from here; None: all of the county is."""
    return None if door.sight == "" else lambda dealing: _is_seen(door, dealing)


def _is_seen(door: Door, dealing: Dealing) -> bool:
    kind, _, identity = dealing.stream.partition(":")
    lies_here = kind == CASE.name and door.shows(identity)
    return lies_here or door.shows(door.catalogue.division_of(dealing.unit_code))


async def expect_shown_person(request: Request, person_ref: str) -> None:
    """Raises PersonUnknown where only others have to do with the person; that somebody asked stands in the log."""
    door = door_of(request)
    is_theirs = theirs(door)
    if is_theirs is None:
        return
    dealings = await door.people.dealings(person_ref)
    if any(map(is_theirs, dealings)) or await _had_a_hand(
        door, request.state.principal.actor.unit_code, dealings
    ):
        return
    if dealings:
        route: str = request.scope["route"].told
        await door.journal.denied(request.state.principal, PERMITTED[route], Reason.foreign, route, None)
    raise PersonUnknown


async def _had_a_hand(door: Door, unit_code: str | None, dealings: Sequence[Dealing]) -> bool:
    """A unit to which a case of another division was sent knows whose case it is."""
    streams = dict.fromkeys(each.stream for each in reversed(dealings) if each.stream.startswith("case:"))
    for stream in list(streams)[:MOST_CASES]:
        if unit_code in await hands(door, stream.removeprefix("case:")):
            return True
    return False
