"""Opening a case: an action without a case, which is given its number or brings one along."""

from typing import Final

from api.door import Door
from api.numbering import expect_rightful, next_case_no
from api.recording import Answered, Asked, record
from api.refusals.record import CaseNumberTaken
from domain.case import CASE
from domain.grammar import Actor, Circumstances, Command, local_day
from domain.log import VersionConflict
from domain.loss import EventLost

TRIES: Final = 8
"""Numbers tried where others that were given out elsewhere, by hand or offline, stand in the way."""


async def open_numbered(
    door: Door,
    actor: Actor,
    case_no: str,
    action: Command,
    circumstances: Circumstances,
    *,
    key: str | None,
    digest: bytes,
) -> Answered:
    """Opens the case under the number it brings, again where nothing of it is left but lost events.

    Raises CaseNumberTaken and what expect_rightful raises.
    """
    await expect_rightful(door, action, case_no)
    asked = Asked(CASE, case_no, action, circumstances, digest, key, expected_version=0)
    try:
        return await record(door, actor, asked)
    except VersionConflict:
        lost = await _lost(door, case_no)
    try:
        return await record(door, actor, asked._replace(expected_version=lost))
    except VersionConflict:
        raise CaseNumberTaken from None


async def _lost(door: Door, case_no: str) -> int:
    """How many events of the case are lost; 0 where any is left."""
    history = await door.keeper.history(CASE, case_no)
    return len(history) if all(isinstance(event.fact, EventLost) for event in history) else 0


async def open_unnumbered(
    door: Door,
    actor: Actor,
    action: Command,
    circumstances: Circumstances,
    *,
    key: str | None,
    digest: bytes,
) -> Answered:
    """Opens the case under the next number of its division and day.

    A repeat answers the first number: the log knows the key before it looks at the stream. The number that was
    given out in vain stays unused. Raises CaseNumberUnassignable, CaseNumberTaken.
    """
    moment = circumstances.occurred_at or door.clock()
    for _ in range(TRIES):
        case_no = await next_case_no(door, actor, action, local_day(moment))
        asked = Asked(CASE, case_no, action, circumstances, digest, key, expected_version=0)
        try:
            return await record(door, actor, asked)
        except VersionConflict:
            continue
    raise CaseNumberTaken
