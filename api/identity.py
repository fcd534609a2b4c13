"""Who acts. A development identity, believed as it is given: access control replaces this file and nothing else.

Every room of the door takes `Identified`; the catalogue says what the post named in the header means today.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Annotated, Final

from fastapi import Depends, Request

from api.door import door_of
from api.refusals import IdentityMissing, IdentityUnknown, PostNotHeld
from domain.catalogue import Catalogue
from domain.grammar import Actor, Duty, local_day
from domain.window.values import Post, Role

HEADER: Final = "X-Jiandu-Actor"
NAMED: Final = re.compile(r"([0-9A-Za-z][0-9A-Za-z._/-]{0,63})@([0-9A-Za-z][0-9A-Za-z._/-]{0,63})")
PROGRAMMES: Final = {
    "importer@import": Actor(staff_id="importer", role=Role.importer),
    "clock@clock": Actor(staff_id="clock", role=Role.clock),
}
"""Programmes act under names of their own and hold no post."""

SCHEME: Final = {
    "type": "apiKey",
    "in": "header",
    "name": HEADER,
    "description": "开发用身份 / development identity: `<staff_id>@<post_id>`, or `importer@import`, `clock@clock`.",
}
"""The security scheme of the OpenAPI page."""


async def actor(request: Request) -> Actor:
    """Also `request.state.actor`, for what is done beside the endpoint.

    Raises IdentityMissing, IdentityUnknown (401) and PostNotHeld (403).
    """
    found: Actor = _identified(request)
    request.state.actor = found
    return found


def _identified(request: Request) -> Actor:
    given = request.headers.getlist(HEADER)
    if len(given) != 1:
        raise IdentityMissing
    if programme := PROGRAMMES.get(given[0]):
        return programme
    named = NAMED.fullmatch(given[0])
    if named is None:
        raise IdentityMissing
    door = door_of(request)
    return member_of_staff(named[1], named[2], door.catalogue, local_day(door.clock()))


Identified = Annotated[Actor, Depends(actor)]
"""For routes that record: who acts."""
IDENTIFIED: Final = (Depends(actor),)
"""For routes that only read: somebody who says who they are."""


def member_of_staff(staff_id: str, post_id: str, catalogue: Catalogue, today: date) -> Actor:
    """The person at the post, with the post's role, window and unit, and on whose behalf where duty is B."""
    post = catalogue.post(post_id)
    if post is None or catalogue.staff(staff_id) is None:
        raise IdentityUnknown
    duty = catalogue.duty(staff_id, post_id, today)
    if duty is None:
        raise PostNotHeld
    on_behalf_of = _first_holder(post, today) if duty is Duty.b else None
    return _actor(staff_id, post_id, post.window_id, post.unit_code, post.role, duty, on_behalf_of)


@lru_cache(maxsize=4096)
def _actor(
    staff_id: str,
    post_id: str,
    window_id: str | None,
    unit_code: str,
    role: Role,
    duty: Duty,
    on_behalf_of: str | None,
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
    )


def _first_holder(post: Post, today: date) -> str | None:
    for tenure in post.assignments:
        if tenure.duty is Duty.a and tenure.valid_from <= today <= (tenure.valid_to or today):
            return tenure.staff_id
    return None
