"""代行: a B person takes a post over; the holder of a post delegates; what stands just now."""

from collections.abc import Iterator
from datetime import date
from secrets import token_hex
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import JSON, DelegationReceipt, Shown, TakeoverReceipt
from api.bodies import (
    GRANT_DELEGATION,
    RECORD_DELEGATION_ACT,
    RECORD_TAKEOVER,
    GrantOfDelegation,
    RecordDelegationAct,
    RecordTakeover,
)
from api.conditional import idempotency_key
from api.door import Door, Entrance, door_of
from api.edge import read_document
from api.examples import DELEGATION_EXAMPLES, GRANTING_EXAMPLES, TAKEOVER_EXAMPLES
from api.history import OnDay
from api.identity import IDENTIFIED, Identified
from api.known_catalogue import catalogue_known
from api.openapi import BASE, BODY, IDEMPOTENCY_KEY, asked, problems
from api.recording import Asked, digest_of, record
from api.refusals.record import DelegationNotFound, PostUnknown
from api.shown import shown
from domain.catalogue import Catalogue
from domain.grammar import Code, Day, local_day
from domain.staff import STAFF
from domain.stand_in import DELEGATION, TAKEOVER
from domain.stand_in.delegating import NumberedGrant
from domain.stand_in.registers import is_in_force
from domain.stand_in.state import DelegationState, standing
from domain.stand_in.values import Delegation
from domain.window import POST

router = APIRouter(tags=["access"], route_class=Entrance)


def _recorded(receipt: type[Shown]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"model": receipt, "description": "无需登记 / nothing to record"},
        201: {"model": receipt, "description": "已登记 / recorded"},
    }


@router.post(
    "/v1/takeovers",
    status_code=201,
    summary="B岗顶岗、结束 / take a post over, give it back",
    responses={**_recorded(TakeoverReceipt), **problems(404, 409, *BASE, *BODY)},
    openapi_extra=asked(RecordTakeover, TAKEOVER_EXAMPLES, IDEMPOTENCY_KEY),
)
async def record_takeover(request: Request, actor: Identified) -> Response:
    """B岗人员本人登记顶岗，写明A岗缺位原因；到期自行结束。未顶岗的B岗不得以该岗办理。

    By the B person at the post, with the reason why the A person is away; it ends by itself. Without it the B person records
    nothing at the post.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    key = idempotency_key(request, actor.staff_id)
    body = RECORD_TAKEOVER.read(document.raw)
    post_id = body.action.post_id
    if not _is_shown(door, post_id):
        raise PostUnknown
    digest = digest_of(TAKEOVER.name, post_id, document.value)
    asked_for = Asked(TAKEOVER, post_id, body.action, body.circumstances, digest, key)
    return (await record(door, actor, asked_for)).response()


@router.post(
    "/v1/delegations",
    status_code=201,
    summary="委托 / delegate",
    responses={**_recorded(DelegationReceipt), **problems(409, *BASE, *BODY)},
    openapi_extra=asked(GrantOfDelegation, GRANTING_EXAMPLES, IDEMPOTENCY_KEY),
)
async def grant(request: Request, actor: Identified) -> Response:
    """A岗人员将本岗事项在一定期间委托他人，经负责人批准后有效。

    The A person of a post lets another act at it, for some matters and days. It counts once a head has approved it.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    key = idempotency_key(request, actor.staff_id)
    body = GRANT_DELEGATION.read(document.raw)
    digest = digest_of(DELEGATION.name, body.delegation_no, document.value)
    number = body.delegation_no or f"WT-{local_day(door.clock()):%Y%m%d}-{token_hex(4)}"
    command = NumberedGrant(delegation_no=number, grant=body.action)
    asked_for = Asked(DELEGATION, number, command, body.circumstances, digest, key)
    return (await record(door, actor, asked_for)).response()


DelegationNoInPath = Annotated[
    str,
    Path(description="委托编号 / the delegation's number", json_schema_extra={"examples": ["WT-2026-3"]}),
]


@router.post(
    "/v1/delegations/{delegation_no}/actions",
    status_code=201,
    summary="批准、撤销委托 / approve, revoke a delegation",
    responses={**_recorded(DelegationReceipt), **problems(404, 409, *BASE, *BODY)},
    openapi_extra=asked(RecordDelegationAct, DELEGATION_EXAMPLES, IDEMPOTENCY_KEY),
)
async def act_on_delegation(
    request: Request, actor: Identified, delegation_no: DelegationNoInPath
) -> Response:
    """由岗位所在单位或上级单位负责人批准，委托人、受托人不得自批；双方或负责人均可撤销。

    Approved by a head of the post's unit or above it, by neither side; revoked by either side or a head.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    key = idempotency_key(request, actor.staff_id)
    body = RECORD_DELEGATION_ACT.read(document.raw)
    state = door.catalogue.delegation(delegation_no)
    parties = (state.delegation.grantor, state.delegation.delegate) if state else ()
    if state is None or not (actor.staff_id in parties or _is_shown(door, state.delegation.post_id)):
        raise DelegationNotFound
    digest = digest_of(DELEGATION.name, delegation_no, document.value)
    asked_for = Asked(DELEGATION, delegation_no, body.action, body.circumstances, digest, key)
    return (await record(door, actor, asked_for)).response()


class ShownTakeover(Shown):
    """A takeover that counts on the day. 进行中的顶岗。"""

    post_id: Code
    staff_id: Code
    valid_from: Day
    valid_to: Day | None


class ShownDelegation(Delegation):
    """A delegation that has not run out; of a day that has passed, one that had begun. 未到期的委托。"""

    approved_on: Day | None
    revoked_on: Day | None
    counts_today: bool = Field(description="当日有效 / it counts on the day that is asked for, else today")


class StandIns(Shown):
    """Who acts for whom in one's part of the county. 本区划的顶岗与委托。"""

    takeovers: list[ShownTakeover]
    delegations: list[ShownDelegation] = Field(
        description="未到期的；所问之日已过的，只列当日已开始的"
        " / those that have not run out; of a day that has passed, those that had begun"
    )


@router.get(
    "/v1/stand-ins",
    summary="顶岗与委托 / who acts for whom",
    responses={**shown(StandIns, "stand_ins"), **problems(*BASE, 503)},
    dependencies=IDENTIFIED,
)
async def list_stand_ins(request: Request, asked_for: Annotated[OnDay, Query()]) -> Response:
    """本区划当日有效的顶岗与未到期的委托；所问之日已过的，只列当日已开始的委托。`known_at` 只含此刻之前登记的；`happened_by` 只定所问之日，
    此后的批准、撤销仍照其日期列出。

    Takeovers that count on the day, and delegations that have not run out; of a day that has passed, those that had begun.
    With `known_at` what had been recorded by then. `happened_by` says which day is asked and leaves nothing else out: what
    was approved or revoked later is told with its date.
    """
    door = door_of(request)
    catalogue = await catalogue_known(request, asked_for, (TAKEOVER, DELEGATION, POST, STAFF))
    day, today = asked_for.day_at(door.clock()), local_day(asked_for.known_at or door.clock())
    told = {
        "takeovers": list(_takeovers(door, catalogue, day)),
        "delegations": [
            _told(each, catalogue, day)
            for each in catalogue.delegations()
            if _is_told(each.delegation, day, today) and _is_shown(door, each.delegation.post_id)
        ],
    }
    return Response(orjson.dumps(told), media_type=JSON)


def _takeovers(door: Door, catalogue: Catalogue, day: date) -> Iterator[dict[str, object]]:
    for post_id in catalogue.entries(POST):
        if _is_shown(door, post_id):
            for each in standing(catalogue.takeovers(post_id), day):
                yield {"post_id": post_id, **each.model_dump(mode="json", exclude={"released_on"})}


def _is_told(delegation: Delegation, day: date, today: date) -> bool:
    """Those to come as well, seen from today or later. `today` is that of whoever knew no more than what is asked."""
    is_to_come = today <= day < delegation.valid_from
    return is_to_come or delegation.holds(day)


def _told(state: DelegationState, catalogue: Catalogue, day: date) -> dict[str, object]:
    return {
        **state.delegation.model_dump(mode="json"),
        "approved_on": state.approved_on,
        "revoked_on": state.revoked_on,
        "counts_today": is_in_force(state, day, catalogue),
    }


def _is_shown(door: Door, post_id: str) -> bool:
    post = door.catalogue.post(post_id)
    return post is not None and door.shows(door.catalogue.division_of(post.unit_code))
