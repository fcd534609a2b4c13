"""Contacts 首问、咨询: registered with whoever is asked first, handed over, answered."""

import re
from secrets import token_hex
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import JSON, ContactReceipt, Shown
from api.bodies import CONTACT_NO, OPEN_CONTACT, RECORD_CONTACT_ACTION, OpenContact, RecordContactAction
from api.conditional import etag, expected_version, idempotency_key
from api.door import Door, Entrance, door_of
from api.edge import read_document
from api.examples import CONTACT_EXAMPLES, FIRST_ASK_EXAMPLES
from api.history import AsOf, known, standing
from api.identity import IDENTIFIED, Identified
from api.openapi import BASE, BODY, IDEMPOTENCY_KEY, IF_MATCH, asked, problems
from api.recording import Asked, digest_of, expect_known, record, record_on
from api.refusals.record import ContactNumberTaken, ContactUnknown
from api.shown import shown
from domain import amendment
from domain.contact import CONTACT, Contact
from domain.contact.commands import RegisterFirstAsk
from domain.log import VersionConflict

router = APIRouter(tags=["contacts"], route_class=Entrance)

ContactNoInPath = Annotated[
    str,
    Path(
        description="首问编号 / the contact's number",
        json_schema_extra={"pattern": CONTACT_NO, "examples": ["SW-2026-0042"]},
    ),
]


class ContactState(Shown):
    """A contact as its history tells it. 首问、咨询现状。"""

    contact_no: str
    version: int = Field(ge=1)
    state: Contact


RECORDED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ContactReceipt, "description": "无需登记 / nothing to record"},
    201: {"model": ContactReceipt, "description": "已登记 / recorded"},
}


@router.post(
    "/v1/contacts",
    status_code=201,
    summary="首问登记 / register a first ask",
    responses={**RECORDED, **problems(409, *BASE, *BODY)},
    openapi_extra=asked(OpenContact, FIRST_ASK_EXAMPLES, IDEMPOTENCY_KEY),
)
async def open_contact(request: Request, actor: Identified) -> Response:
    """首问登记；登记人为首问责任人。 Whoever registers it answers for it until it is handed over."""
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    key = idempotency_key(request, actor.staff_id)
    opening = OPEN_CONTACT.read(document.raw)
    digest = digest_of(CONTACT.name, opening.contact_no, document.value)
    contact_no = opening.contact_no or f"c-{token_hex(16)}"
    asked_for = Asked(CONTACT, contact_no, opening.action, opening.circumstances, digest, key, 0)
    try:
        return (await record(door, actor, asked_for)).response()
    except VersionConflict:
        raise ContactNumberTaken from None


@router.post(
    "/v1/contacts/{contact_no}/actions",
    status_code=201,
    summary="首问动作 / record an action on a contact",
    responses={**RECORDED, **problems(404, 409, 412, 428, *BASE, *BODY)},
    openapi_extra=asked(RecordContactAction, CONTACT_EXAMPLES, IF_MATCH, IDEMPOTENCY_KEY),
)
async def record_contact_action(request: Request, actor: Identified, contact_no: ContactNoInPath) -> Response:
    """移交或答复。 Hand it over, or answer it."""
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    _expect_number(contact_no)
    loaded = await door.keeper.load(CONTACT, contact_no)
    if loaded.version:
        _expect_shown(door, loaded.state)
    version = expected_version(request)
    key = idempotency_key(request, actor.staff_id)
    body = RECORD_CONTACT_ACTION.read(document.raw)
    digest = digest_of(CONTACT.name, contact_no, document.value)
    asked_for = Asked(CONTACT, contact_no, body.action, body.circumstances, digest, key, version)
    if version is None and isinstance(body.action, RegisterFirstAsk):
        await expect_known(door, asked_for, unknown=ContactUnknown)
    return (await record_on(door, actor, asked_for, unknown=ContactUnknown)).response()


@router.get(
    "/v1/contacts/{contact_no}",
    summary="首问现状 / a contact as it stands",
    responses={**shown(ContactState, "contact"), **problems(404, *BASE, 503)},
    dependencies=IDENTIFIED,
)
async def read_contact(
    request: Request, contact_no: ContactNoInPath, as_of: Annotated[AsOf, Query()]
) -> Response:
    """更正后的现状；`known_at`、`happened_by` 给出任一时点的状态。

    With corrections applied; `known_at` and `happened_by` tell how it stood, and how it was known, at any time.
    """
    door = door_of(request)
    as_of.expect_past(door.clock())
    _expect_number(contact_no)
    history = await door.keeper.history(CONTACT, contact_no)
    if not history:
        raise ContactUnknown
    _expect_shown(door, CONTACT.fold(amendment.effective(history)))
    told = known(history, as_of)
    state = CONTACT.fold(list(standing(told, as_of).values()))
    document = {"contact_no": contact_no, "version": len(told), "state": state}
    headers = {"etag": etag(len(told))} if as_of == AsOf() else {}
    content = orjson.dumps(document, option=orjson.OPT_UTC_Z)
    return Response(content, headers=headers, media_type=JSON)


def _expect_shown(door: Door, now: Contact) -> None:
    """Raises ContactUnknown where a unit of another division answers for it now."""
    if not door.shows(door.catalogue.division_of(now.responsible_unit)):
        raise ContactUnknown


def _expect_number(contact_no: str) -> None:
    """What is not a contact's number names no contact. Raises ContactUnknown."""
    if re.fullmatch(CONTACT_NO, contact_no) is None:
        raise ContactUnknown
