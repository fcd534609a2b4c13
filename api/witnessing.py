"""见证状况: how the log stands with its witnesses, asked for, and said on every answer when it is not well."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import Shown, json_answer
from api.door import Entrance, door_of
from api.identity import IDENTIFIED
from api.openapi import BASE, problems
from api.shown import shown
from api.silence import Witnesses, told
from domain.proof.witnessing import Alarm

router = APIRouter(tags=["log"], route_class=Entrance)

HEADER: Final = b"jiandu-unwitnessed-since"


class WitnessesShown(Shown):
    """How the log stands with its witnesses. 日志的见证状况。"""

    alarm: Alarm = Field(
        description="none 正常；unwitnessed 见证中断；refusing 停止作出决定 / none; a quorum is wanting; decisions are refused"
    )
    unwitnessed_since: datetime | None = Field(
        description="自何时起缺少见证；为空表示未设见证人 / since when a quorum is wanting; null: nobody is asked"
    )
    cosigned_size: int = Field(
        ge=0, description="已获见证的树的大小 / so much of the log a quorum has cosigned"
    )
    troubles: dict[str, str] = Field(
        description="各见证人的异常：unreachable 联系不上，refusing 拒绝，lying 所答不实，forgetful 记忆曾被回退，"
        "contradicting 所见与本日志不符，ahead 见过更大的树 / what is wrong, by witness"
    )


@router.get(
    "/v1/log/witnesses",
    summary="见证状况 / how the log stands with its witnesses",
    responses={**shown(WitnessesShown, "witnesses"), **problems(*BASE)},
    dependencies=IDENTIFIED,
)
async def witnesses(request: Request) -> Response:
    """见证人是否在见证本日志，缺少见证自何时起。 Whether the witnesses cosign the log, and since when they are wanting."""
    door = door_of(request)
    standing = door.witnesses.standing()
    return json_answer(
        {
            "alarm": door.witnesses.alarm(door.clock()),
            "unwitnessed_since": standing.unwitnessed_since,
            "cosigned_size": standing.size,
            "troubles": dict(standing.trouble_by_witness or {}),
        }
    )


class Warned:
    """Wraps an application: every answer says since when the log is unwitnessed, once that is an alarm."""

    def __init__(self, app: ASGIApp, witnesses: Witnesses, clock: Callable[[], datetime]) -> None:
        self._app, self._witnesses, self._clock = app, witnesses, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._witnesses.alarm(self._clock()) is Alarm.none:
            await self._app(scope, receive, send)
            return
        since = told(self._witnesses.standing().unwitnessed_since).encode()

        async def warning_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (HEADER, since)]
            await send(message)

        await self._app(scope, receive, warning_send)
