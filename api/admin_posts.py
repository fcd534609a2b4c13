"""Who holds which post 定岗, kept by the catalogue's administrators over HTTP: by the same commands as `jiandu admin`."""

from secrets import token_hex
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import Shown, json_answer
from api.bodies import Reader
from api.door import Entrance, door_of
from api.edge import read_document
from api.identity import Identified
from api.openapi import BODY, asked, problems
from api.refusals.access import OwnPost
from api.refusals.record import EntryUnknown
from domain.grammar import Code, Day, Duty, Occasion, Value
from domain.window import POST
from domain.window.posts import AssignPost, RelievePost
from domain.window.values import Assignment

router = APIRouter(tags=["access"], route_class=Entrance)


class Assign(Assignment):
    """定岗。"""

    type: Literal["assign_post"]


class Relieve(Value):
    """离岗：任职至该日终了。"""

    type: Literal["relieve_post"]
    staff_id: Code
    duty: Duty
    last_day: Day


class RecordPostAct(Value):
    """Who holds a post, or no longer does 定岗与离岗。"""

    action: Annotated[Assign | Relieve, Field(discriminator="type")]


class ShownHolder(Shown):
    staff_id: str
    duty: Duty
    valid_from: str
    valid_to: str | None


class ShownPost(Shown):
    """A post, and everyone who ever held it. 岗位。"""

    post_id: str
    role: str
    assignments: list[ShownHolder]


ACT: Final = Reader(RecordPostAct, frozenset({"assign_post", "relieve_post"}))
EXAMPLES: Final[dict[str, Any]] = {
    "assign": {
        "summary": "定岗 / assign",
        "value": {
            "action": {
                "type": "assign_post",
                "staff_id": "G0001",
                "duty": "A",
                "valid_from": "2026-03-02",
            }
        },
    },
    "relieve": {
        "summary": "离岗 / relieve",
        "value": {
            "action": {"type": "relieve_post", "staff_id": "G0001", "duty": "A", "last_day": "2026-06-30"}
        },
    },
}


@router.post(
    "/v1/admin/posts/{post_id}/actions",
    summary="定岗、离岗 / who holds a post",
    responses={200: {"model": ShownPost}, **problems(401, 403, 404, 409, 422, *BODY)},
    openapi_extra=asked(RecordPostAct, EXAMPLES),
)
async def act_on_post(
    request: Request,
    actor: Identified,
    post_id: Annotated[str, Path(description="岗位编号 / the post", examples=["P-T03"])],
) -> Response:
    """定岗或离岗，立即生效于登录与权限；不得为本人定岗。

    Assigns a post to somebody, or relieves them of it, and with it of what it may. Nobody assigns one to themselves.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    given = ACT.read(document.raw).action
    if door.catalogue.post(post_id) is None:
        raise EntryUnknown
    if given.staff_id == actor.staff_id:
        raise OwnPost
    occasion = Occasion(actor, door.clock(), correlation=token_hex(12))
    await door.keeper.handle(POST, post_id, _command(post_id, given), occasion, key=None, digest=b"")
    post = door.catalogue.post(post_id)
    shown = post.model_dump(mode="json") if post else {}
    return json_answer({name: shown[name] for name in ShownPost.model_fields})


def _command(post_id: str, act: Assign | Relieve) -> AssignPost | RelievePost:
    if isinstance(act, Relieve):
        return RelievePost(post_id=post_id, staff_id=act.staff_id, duty=act.duty, last_day=act.last_day)
    tenure = Assignment(**{name: getattr(act, name) for name in Assignment.model_fields})
    return AssignPost(post_id=post_id, assignment=tenure)
