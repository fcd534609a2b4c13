"""Sessions 会话: people sign in and out."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import Shown, json_answer
from api.authentication import COOKIE, csrf_token, token_of
from api.bodies import Reader
from api.door import Door, Entrance, door_of
from api.edge import read_document
from api.identity import IDENTIFIED
from api.openapi import BODY, PUBLIC, asked, problems
from api.passwords import LONGEST
from api.refusals.access import IdentityMissing
from api.refusals.head import NothingHere
from api.shown import shown
from api.sign_in import Opened, SignIns
from domain.grammar import Code, Duty, Value

router = APIRouter(tags=["access"], route_class=Entrance)


class SignIn(Value):
    """工号与口令；任职多个岗位的，另填岗位。"""

    staff_id: Code
    password: Annotated[str, Field(min_length=1, max_length=LONGEST, repr=False)]
    post_id: Code | None = None
    """May be left out where the person holds one post."""


class ChangePassword(Value):
    """原口令与新口令。"""

    old_password: Annotated[str, Field(min_length=1, max_length=LONGEST, repr=False)]
    new_password: Annotated[str, Field(min_length=1, max_length=LONGEST, repr=False)]


class SignedInSession(Shown):
    """A session. 会话。"""

    session: str = Field(
        description="会话在日志中的名称 / its name in the record", examples=["s-0011223344556677"]
    )
    staff_id: str
    post_id: str
    role: str
    duty: Duty | None
    division_code: str
    csrf_token: str = Field(
        description="登记类请求填入 `X-CSRF-Token` / goes into X-CSRF-Token", pattern="^[0-9a-f]{64}$"
    )
    expires_at: datetime
    idle_minutes: int = Field(
        description="闲置满此分钟数，会话提前结束 / over earlier where it is not used for so long", ge=1
    )


SIGN_IN: Final = Reader(SignIn, frozenset())
CHANGE_PASSWORD: Final = Reader(ChangePassword, frozenset())
EXAMPLES: Final[dict[str, Any]] = {
    "clerk": {
        "summary": "窗口人员 / a clerk",
        "value": {"staff_id": "G0001", "password": "a long sentence of one's own"},
    },
    "two_posts": {
        "summary": "任职两个岗位 / somebody with two posts",
        "value": {"staff_id": "G0002", "password": "a long sentence of one's own", "post_id": "CX-W1-P"},
    },
}
CHANGE_EXAMPLES: Final[dict[str, Any]] = {
    "change": {
        "summary": "变更口令 / another password",
        "value": {
            "old_password": "a long sentence of one's own",
            "new_password": "another sentence of one's own",
        },
    }
}


@router.post(
    "/v1/sessions",
    status_code=201,
    summary="登录 / sign in",
    responses={
        201: {"model": SignedInSession, "description": "已登录，会话在 Cookie 中 / signed in, by a cookie"},
        **problems(401, 403, 404, 422, 429, *BODY),
    },
    openapi_extra=asked(SignIn, EXAMPLES) | PUBLIC,
)
async def sign_in(request: Request) -> Response:
    """以工号与口令登录。失败过多的，一段时间内不再核对。

    Opens a session by staff number and password. After too many failures nothing is looked at for a while.
    """
    door = door_of(request)
    sign_ins = sign_ins_of(door)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    given = SIGN_IN.read(document.raw)
    opened = await sign_ins.by_password(given.staff_id, given.password, given.post_id, address_of(request))
    return signed_in(door, opened)


@router.get(
    "/v1/sessions/current",
    summary="本人会话 / one's own session",
    responses={**shown(SignedInSession, "session"), **problems(401, 403, 404, 503)},
    dependencies=IDENTIFIED,
)
async def read_session(request: Request) -> Response:
    """以何人、何岗登录，何时到期。 Who is signed in, at which post, until when."""
    door = door_of(request)
    return json_answer(_shown(door, await _current(door, request)))


@router.delete(
    "/v1/sessions/current",
    status_code=204,
    response_class=Response,
    summary="退出 / sign out",
    responses=problems(401, 403, 404, 503),
    dependencies=IDENTIFIED,
)
async def sign_out(request: Request) -> Response:
    """会话立即失效。 The session is over at once."""
    door = door_of(request)
    await sign_ins_of(door).end(await _current(door, request))
    return _signed_out()


@router.delete(
    "/v1/sessions",
    status_code=204,
    response_class=Response,
    summary="全部退出 / sign out everywhere",
    responses=problems(401, 403, 404, 503),
    dependencies=IDENTIFIED,
)
async def sign_out_everywhere(request: Request) -> Response:
    """本人的全部会话立即失效，含本会话。 Every session of one's own is over at once, this one with them."""
    door = door_of(request)
    await sign_ins_of(door).end_everywhere(await _current(door, request))
    return _signed_out()


@router.post(
    "/v1/password",
    status_code=201,
    summary="变更本人口令 / change one's own password",
    responses={
        201: {"model": SignedInSession, "description": "口令已变更，另开会话 / changed; a new session"},
        **problems(401, 403, 404, 422, 429, *BODY),
    },
    openapi_extra=asked(ChangePassword, CHANGE_EXAMPLES),
    dependencies=IDENTIFIED,
)
async def change_password(request: Request) -> Response:
    """核对原口令后设置新口令；本人其余会话随即失效，本会话换发。

    Sets a new password by showing the old one. Every other session of one's own is over, and this one is given anew.
    """
    door = door_of(request)
    current = await _current(door, request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    given = CHANGE_PASSWORD.read(document.raw)
    opened = await sign_ins_of(door).change_password(
        current, given.old_password, given.new_password, address_of(request)
    )
    return signed_in(door, opened)


def signed_in(door: Door, opened: Opened) -> Response:
    answer = json_answer(_shown(door, opened), status=201)
    give_cookie(answer, opened)
    return answer


def give_cookie(answer: Response, opened: Opened) -> None:
    """Only over TLS or on this machine, only to this server, never to a script."""
    seconds = round((opened.session.expires_at - opened.session.opened_at).total_seconds())
    answer.set_cookie(
        COOKIE, opened.token, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


def address_of(request: Request) -> str:
    return request.client.host if request.client else "-"


def _signed_out() -> Response:
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def sign_ins_of(door: Door) -> SignIns:
    """Raises NothingHere where nobody signs in."""
    if door.sign_ins is None:
        raise NothingHere
    return door.sign_ins


async def _current(door: Door, request: Request) -> Opened:
    """Raises IdentityMissing where a programme asks: a key is no session."""
    token = token_of(request)
    if token is None:
        raise IdentityMissing
    return await sign_ins_of(door).opened(token)


def _shown(door: Door, opened: Opened) -> dict[str, object]:
    session, principal = opened.session, opened.principal
    return {
        "session": session.session,
        "staff_id": session.staff_id,
        "post_id": session.post_id,
        "role": principal.actor.role,
        "duty": principal.actor.duty,
        "division_code": principal.division_code,
        "csrf_token": csrf_token(opened.token),
        "expires_at": session.expires_at,
        "idle_minutes": sign_ins_of(door).lifetimes.idle // timedelta(minutes=1),
    }
