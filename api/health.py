"""Is it alive, can it work, how is it doing."""

import asyncio

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from starlette.responses import Response

from api.answers import Shown, json_answer
from api.door import Entrance, door_of
from api.openapi import PUBLIC, problems
from api.problems import CATALOGUE_STOPPED, UNREACHABLE
from api.shown import shown

router = APIRouter(tags=["health"], route_class=Entrance)


class Alive(Shown):
    status: str = Field(examples=["ok"])


class Ready(Alive):
    last_position: int = Field(ge=0, description="日志末位 / where the log ends")


@router.get("/healthz", summary="存活 / alive", responses=shown(Alive, "alive"), openapi_extra=PUBLIC)
async def healthz() -> Response:
    return json_answer({"status": "ok"})


@router.get(
    "/readyz",
    summary="就绪 / ready",
    responses={**shown(Ready, "ready"), **problems(503)},
    openapi_extra=PUBLIC,
)
async def readyz(request: Request) -> Response:
    """数据库不可达，或目录已停止更新时答 503。 Answers 503 while the database cannot be reached, or the catalogue has stopped."""
    door = door_of(request)
    try:
        async with asyncio.timeout(door.limits.ready_seconds):
            last_position = await door.reader.last_position()
    except Exception:  # noqa: BLE001  — whatever keeps the log from answering, the answer is the same
        return UNREACHABLE.response()
    if not door.is_fed():
        return CATALOGUE_STOPPED.response()
    return json_answer({"status": "ok", "last_position": last_position})


@router.get(
    "/metrics",
    summary="指标 / metrics",
    responses={200: {"description": "Prometheus", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    response_class=Response,
    openapi_extra=PUBLIC,
)
async def metrics(request: Request) -> Response:
    return Response(generate_latest(door_of(request).registry), media_type=CONTENT_TYPE_LATEST)
