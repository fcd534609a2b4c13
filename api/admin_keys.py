"""API keys 接口密钥, issued and revoked by the administrator over HTTP: by the same commands as `jiandu admin`."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from api.accounts import KEY_DAYS, a_key
from api.admin_users import accounts_of
from api.answers import Shown, json_answer
from api.bodies import Reader
from api.door import Entrance, door_of
from api.edge import read_document
from api.identity import IDENTIFIED, Identified
from api.openapi import BODY, asked, problems
from api.shown import shown
from domain.access.keys import IssuedKey
from domain.access.permissions import Action
from domain.access.rejections import KeyUnknown
from domain.grammar import Code, Label, Value, local_day
from domain.numbers import DivisionCode
from domain.window.values import Role

router = APIRouter(tags=["access"], route_class=Entrance)


class WantedKey(Value):
    """签发密钥。Without actions: whatever the role may. One that speaks for posts is issued at the machine alone."""

    programme: Code
    title: Label
    role: Role
    division_code: DivisionCode = Field(
        description="区划代码：省市县 6 位，乡镇 3 位，村 3 位 / GB/T 2260, GB/T 10114"
    )
    actions: Annotated[tuple[Action, ...], Field(max_length=len(Action))] = ()
    days: Annotated[int, Field(ge=1, le=3660)] = KEY_DAYS


class RevokedKey(Value):
    """吊销密钥。"""

    reason: Label


class ShownKey(Shown):
    """What stands about a key. 密钥。"""

    key_id: str
    programme: str
    title: str
    role: str
    division_code: str
    actions: list[str]
    speaks_for_posts: bool
    valid_from: str
    valid_to: str
    is_revoked: bool
    key: str | None = Field(default=None, description="密钥全文，仅此一次 / the key, shown this once")


class ShownKeys(Shown):
    keys: list[ShownKey]


ISSUE: Final = Reader(WantedKey, frozenset())
REVOKE: Final = Reader(RevokedKey, frozenset())
ISSUE_EXAMPLES: Final[dict[str, Any]] = {
    "issue": {
        "summary": "对接程序 / a programme that records",
        "value": {
            "programme": "approvals",
            "title": "县审批系统对接",
            "role": "importer",
            "division_code": "610999000000",
            "actions": ["case.read", "case.list"],
            "days": 90,
        },
    }
}
REVOKE_EXAMPLES: Final[dict[str, Any]] = {
    "revoke": {"summary": "吊销 / revoke", "value": {"reason": "系统停用"}}
}


@router.get(
    "/v1/admin/keys",
    summary="接口密钥 / API keys",
    responses={**shown(ShownKeys, "api_keys"), **problems(401, 403, 503)},
    dependencies=IDENTIFIED,
)
async def list_keys(request: Request) -> Response:
    """全部密钥，不含密钥全文。 Every key that was issued, without its secret."""
    keys = sorted(door_of(request).catalogue.api_keys(), key=lambda each: each.key.key_id)
    return json_answer({"keys": [_shown(each) for each in keys]})


@router.post(
    "/v1/admin/keys",
    status_code=201,
    summary="签发密钥 / issue a key",
    responses={201: {"model": ShownKey}, **problems(401, 403, 404, 409, 422, *BODY)},
    openapi_extra=asked(WantedKey, ISSUE_EXAMPLES),
)
async def issue_key(request: Request, actor: Identified) -> Response:
    """签发接口密钥，密钥全文仅在答复中出现一次。可代岗位登记的密钥只能在服务器上签发。

    Issues a key, which is told once. One that may speak for posts is issued at the machine alone (`jiandu admin issue-key`).
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    given = ISSUE.read(document.raw)
    key = a_key(
        given.programme,
        given.title,
        given.role,
        given.division_code,
        actions=given.actions,
        days=given.days,
        today=local_day(door.clock()),
    )
    told = await accounts_of(door, actor).issue(key)
    return json_answer(_shown(IssuedKey(key=key)) | {"key": told}, status=201)


@router.post(
    "/v1/admin/keys/{key_id}/revocation",
    summary="吊销密钥 / revoke a key",
    responses={200: {"model": ShownKey}, **problems(401, 403, 404, 409, 422, *BODY)},
    openapi_extra=asked(RevokedKey, REVOKE_EXAMPLES),
)
async def revoke_key(
    request: Request,
    actor: Identified,
    key_id: Annotated[str, Path(description="密钥编号 / the key's number", examples=["81b1e6eba8cc"])],
) -> Response:
    """吊销后任何请求不再接受该密钥，不可恢复。 No request with the key is taken any more, for good."""
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    given = REVOKE.read(document.raw)
    if door.catalogue.api_key(key_id) is None:
        raise KeyUnknown
    await accounts_of(door, actor).revoke(key_id, given.reason)
    issued = door.catalogue.api_key(key_id)
    return json_answer(_shown(issued) if issued else {})


def _shown(issued: IssuedKey) -> dict[str, object]:
    return issued.key.model_dump(mode="json") | {"is_revoked": issued.is_revoked}
