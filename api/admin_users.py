"""Users 用户, kept by the administrator over HTTP: by the same commands as `jiandu admin`."""

from datetime import date
from typing import Annotated, Any, Final, Literal, assert_never

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from api.accounts import AccountsBy, a_password
from api.answers import Shown, json_answer
from api.bodies import Reader
from api.door import Door, Entrance, door_of
from api.edge import read_document
from api.identity import IDENTIFIED, Identified
from api.openapi import BODY, asked, problems
from api.passwords import LONGEST
from api.provider_sessions import provider_of
from api.sessions import address_of, sign_ins_of
from api.shown import shown
from domain.access.accounts import Subject, User
from domain.access.rejections import NotTheirOwnAccount, UserUnknown
from domain.catalogue import Catalogue
from domain.grammar import Actor, Code, Label, Value, local_day

router = APIRouter(tags=["access"], route_class=Entrance)

Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class AdmittedUser(Value):
    """开通账户。Without a password one is made by chance and shown once."""

    staff_id: Code
    password: Password | None = Field(default=None, repr=False)


class ResetPassword(Value):
    type: Literal["reset_password"]
    password: Password | None = Field(default=None, repr=False)


class Suspend(Value):
    type: Literal["suspend_user"]
    reason: Label


class Restore(Value):
    type: Literal["restore_user"]


class EndTheirSessions(Value):
    type: Literal["end_sessions"]


class Link(Value):
    type: Literal["link_subject"]
    subject: Subject


class Unlink(Value):
    type: Literal["unlink_subject"]


UserAct = ResetPassword | Suspend | Restore | EndTheirSessions | Link | Unlink


class RecordUserAct(Value):
    """What is done about an account 账户动作."""

    action: Annotated[UserAct, Field(discriminator="type")]


class HeldPost(Shown):
    post_id: str
    role: str


class ShownUser(Shown):
    """An account. 账户。"""

    staff_id: str
    is_suspended: bool
    is_linked: bool = Field(description="已绑定统一身份 / linked to the identity provider")
    posts: list[HeldPost] = Field(description="今日任职的岗位 / held today")
    password: str | None = Field(
        default=None, description="随机生成的口令，仅此一次 / made by chance, shown this once"
    )


class ShownUsers(Shown):
    users: list[ShownUser]


ADMIT: Final = Reader(AdmittedUser, frozenset())
ACT: Final = Reader(
    RecordUserAct,
    frozenset(
        {"reset_password", "suspend_user", "restore_user", "end_sessions", "link_subject", "unlink_subject"}
    ),
)
ADMIT_EXAMPLES: Final[dict[str, Any]] = {
    "admit": {"summary": "开通，口令随机 / admit, a password by chance", "value": {"staff_id": "G0001"}}
}
ACT_EXAMPLES: Final[dict[str, Any]] = {
    "reset": {"summary": "重设口令 / another password", "value": {"action": {"type": "reset_password"}}},
    "suspend": {
        "summary": "停用 / suspend",
        "value": {"action": {"type": "suspend_user", "reason": "调离"}},
    },
    "restore": {"summary": "恢复 / restore", "value": {"action": {"type": "restore_user"}}},
    "end": {"summary": "强制退出 / end their sessions", "value": {"action": {"type": "end_sessions"}}},
    "link": {
        "summary": "绑定统一身份 / link to the identity provider",
        "value": {"action": {"type": "link_subject", "subject": "8f2c7a41-55d0-4c1e-9d5e-0f6b7c8d9e10"}},
    },
    "unlink": {"summary": "解除绑定 / unlink", "value": {"action": {"type": "unlink_subject"}}},
}


@router.get(
    "/v1/admin/users",
    summary="用户 / users",
    responses={**shown(ShownUsers, "users"), **problems(401, 403, 503)},
    dependencies=IDENTIFIED,
)
async def list_users(request: Request) -> Response:
    """全部账户及其今日岗位。 Every account, and the posts that it holds today."""
    door = door_of(request)
    users = sorted(door.catalogue.users(), key=lambda user: user.staff_id)
    return json_answer({"users": [_shown(user, door) for user in users]})


@router.post(
    "/v1/admin/users",
    status_code=201,
    summary="开通账户 / admit a user",
    responses={201: {"model": ShownUser}, **problems(401, 403, 404, 409, 422, 429, *BODY)},
    openapi_extra=asked(AdmittedUser, ADMIT_EXAMPLES),
)
async def admit_user(request: Request, actor: Identified) -> Response:
    """为在职工作人员开通账户；未给口令的随机生成，仅在答复中出现一次。已有账户的，口令不变：重设口令另有动作。

    Opens an account for a member of staff; a password that is not given is made by chance and told once. The password of an account that
    is open already stays: giving another is an act on the account.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    given = ADMIT.read(document.raw)
    made = given.password or a_password()
    await sign_ins_of(door).admit(actor, given.staff_id, made, address_of(request))
    return _answered(door, given.staff_id, None if given.password else made, status=201)


@router.post(
    "/v1/admin/users/{staff_id}/actions",
    summary="账户动作 / act on an account",
    responses={200: {"model": ShownUser}, **problems(401, 403, 404, 409, 422, *BODY)},
    openapi_extra=asked(RecordUserAct, ACT_EXAMPLES),
)
async def act_on_user(
    request: Request,
    actor: Identified,
    staff_id: Annotated[str, Path(description="人员编号 / staff number", examples=["G0001"])],
) -> Response:
    """重设口令、停用、恢复、强制退出、绑定或解除统一身份；本人账户须由其他管理人员办理。

    Resets a password, suspends, restores, ends sessions, links or unlinks. One's own account is another administrator's affair.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    given = ACT.read(document.raw).action
    if door.catalogue.user(staff_id) is None:
        raise UserUnknown
    if actor.staff_id == staff_id:
        raise NotTheirOwnAccount  # a new password, too: /v1/password asks for the old one
    made = await _act(accounts_of(door, actor), door, staff_id, given)
    return _answered(door, staff_id, made)


def accounts_of(door: Door, actor: Actor) -> AccountsBy:
    return sign_ins_of(door).accounts_by(actor)


async def _act(accounts: AccountsBy, door: Door, staff_id: str, act: UserAct) -> str | None:
    """A password that was made for it."""
    made: str | None = None
    match act:
        case ResetPassword():
            made = None if act.password else a_password()
            await accounts.set_password(staff_id, act.password or made or "")
        case Suspend():
            await accounts.suspend(staff_id, act.reason)
        case Restore():
            await accounts.restore(staff_id)
        case EndTheirSessions():
            await accounts.end_sessions(staff_id)
        case Link():
            await accounts.link(staff_id, provider_of(door).provider.registration.issuer, act.subject)
        case Unlink():
            await accounts.unlink(staff_id)
        case _:
            assert_never(act)
    return made


def _answered(door: Door, staff_id: str, password: str | None, *, status: int = 200) -> Response:
    user = door.catalogue.user(staff_id)
    if user is None:
        raise UserUnknown
    told = {"password": password} if password else {}
    return json_answer(_shown(user, door) | told, status=status)


def _shown(user: User, door: Door) -> dict[str, object]:
    return {
        "staff_id": user.staff_id,
        "is_suspended": user.is_suspended,
        "is_linked": user.subject_sha256 is not None,
        "posts": _posts(user.staff_id, door.catalogue, local_day(door.clock())),
    }


def _posts(staff_id: str, catalogue: Catalogue, today: date) -> list[dict[str, str]]:
    held = sorted(catalogue.posts_of(staff_id, today), key=lambda post: post.post_id)
    return [{"post_id": post.post_id, "role": post.role} for post in held]
