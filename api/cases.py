"""Cases 办件: opened, acted on, and read."""

from collections.abc import Sequence
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.answers import JSON, Receipt, Shown
from api.bodies import OPEN_CASE, OPENING_ACTIONS, RECORD_ACTION, OpenCase, RecordAction
from api.conditional import etag, expected_version, idempotency_key
from api.door import Entrance, door_of
from api.edge import read_document
from api.examples import opening_examples, recording_examples
from api.history import AsOf, History, HistoryQuery, history_bytes, known, standing
from api.identity import IDENTIFIED, Identified, expect_number
from api.openapi import BASE, BODY, IDEMPOTENCY_KEY, IF_MATCH, asked, problems
from api.opening import open_numbered, open_unnumbered
from api.recording import Asked, digest_of, expect_known, record_on
from api.refusals.record import CaseUnknown
from api.shown import shown
from domain.case import CASE
from domain.case.state import Case
from domain.log import Recorded

router = APIRouter(tags=["cases"], route_class=Entrance)

CaseNoInPath = Annotated[
    str,
    Path(
        description="办件编号 / case number",
        json_schema_extra={"pattern": "^[0-9]{25}[0-9A-Z]$", "examples": ["61099910100020260521000171"]},
    ),
]


class CaseState(Shown):
    """A case as its history tells it. 办件现状。"""

    case_no: str
    version: int = Field(ge=1)
    state: Case


@router.post(
    "/v1/cases",
    status_code=201,
    summary="开立办件 / open a case",
    responses={
        200: {"model": Receipt, "description": "无需登记 / nothing to record"},
        201: {"model": Receipt, "description": "已登记 / recorded"},
        **problems(409, *BASE, *BODY),
    },
    openapi_extra=asked(OpenCase, opening_examples(), IDEMPOTENCY_KEY),
)
async def open_case(request: Request, actor: Identified) -> Response:
    """收件登记，或代办员受托；不填 `case_no` 时由系统编号。

    A receipt, or an agent's mandate; without `case_no` the case is given its number.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    key = idempotency_key(request, actor.staff_id)
    opening = OPEN_CASE.read(document.raw)
    digest = digest_of(CASE.name, opening.case_no, document.value)
    if opening.case_no is None:
        answered = await open_unnumbered(
            door, actor, opening.action, opening.circumstances, key=key, digest=digest
        )
    else:
        answered = await open_numbered(
            door, actor, opening.case_no, opening.action, opening.circumstances, key=key, digest=digest
        )
    return answered.response()


@router.post(
    "/v1/cases/{case_no}/actions",
    status_code=201,
    summary="登记动作 / record an action",
    responses={
        200: {"model": Receipt, "description": "无需登记 / nothing to record"},
        201: {"model": Receipt, "description": "已登记 / recorded"},
        **problems(404, 409, 412, 428, *BASE, *BODY),
    },
    openapi_extra=asked(RecordAction, recording_examples(), IF_MATCH, IDEMPOTENCY_KEY),
)
async def record_action(request: Request, actor: Identified, case_no: CaseNoInPath) -> Response:
    """在办件上登记一个动作;`If-Match` 说明依据的版本。

    Records an action on a case; `If-Match` says which version it was decided on.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    expect_number(case_no)
    version = expected_version(request)
    key = idempotency_key(request, actor.staff_id)
    body = RECORD_ACTION.read(document.raw)
    digest = digest_of(CASE.name, case_no, document.value)
    asked_for = Asked(CASE, case_no, body.action, body.circumstances, digest, key, version)
    if version is None and isinstance(body.action, OPENING_ACTIONS):
        await expect_known(door, asked_for, unknown=CaseUnknown)
    return (await record_on(door, actor, asked_for, unknown=CaseUnknown)).response()


@router.get(
    "/v1/cases/{case_no}",
    summary="办件现状 / a case as it stands",
    responses={**shown(CaseState, "case_state"), **problems(404, *BASE, 503)},
    dependencies=IDENTIFIED,
)
async def read_case(request: Request, case_no: CaseNoInPath, as_of: Annotated[AsOf, Query()]) -> Response:
    """更正后的现状;`known_at`、`happened_by` 给出任一时点的状态。

    With corrections applied; `known_at` and `happened_by` tell how it stood, and how it was known, at any time.
    """
    history = known(await _history(request, case_no, as_of), as_of)
    state = CASE.fold(list(standing(history, as_of).values()))
    document = {"case_no": case_no, "version": len(history), "state": state}
    headers = {"etag": etag(len(history))} if as_of == NOW else {}
    content = orjson.dumps(document, default=_plain, option=orjson.OPT_UTC_Z)
    return Response(content, headers=headers, media_type=JSON)


@router.get(
    "/v1/cases/{case_no}/history",
    summary="办件历史 / the history of a case",
    responses={**shown(History, "history"), **problems(404, *BASE, 503)},
    dependencies=IDENTIFIED,
)
async def read_history(
    request: Request, case_no: CaseNoInPath, query: Annotated[HistoryQuery, Query()]
) -> Response:
    """原始记录(`raw`)或更正后的记录(`effective`)。

    As recorded (`raw`), or as it should be read (`effective`).
    """
    history = await _history(request, case_no, query)
    return Response(history_bytes(case_no, history, query), media_type=JSON)


NOW: Final = AsOf()


async def _history(request: Request, case_no: str, as_of: AsOf) -> Sequence[Recorded]:
    """All of it. Raises AsOfInFuture, CaseUnknown."""
    door = door_of(request)
    as_of.expect_past(door.clock())
    expect_number(case_no)
    history = await door.keeper.history(CASE, case_no)
    if not history:
        raise CaseUnknown
    return history


def _plain(value: object) -> object:
    match value:
        case BaseModel():
            return value.model_dump(mode="json")
        case frozenset():
            return sorted(value)
        case _:
            raise TypeError(type(value).__name__)
