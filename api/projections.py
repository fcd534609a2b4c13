"""How the views stand: for whoever asks why a figure is not there yet."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import JSON, Shown, json_answer
from api.door import Entrance, door_of
from api.identity import IDENTIFIED
from api.openapi import BASE, problems
from api.refusals.views import ViewNotBuilt, ViewsUnreachable
from api.shown import example_rows
from projections import view_readers
from projections.health import Condition, ViewHealth, health

router = APIRouter(tags=["health"], route_class=Entrance)


class ViewState(Shown):
    """One view. 一个视图。"""

    health: ViewHealth
    label: str = Field(description="现状", examples=["在用"])
    label_en: str = Field(examples=["live"])


class ViewStates(Shown):
    """How the views stand. 视图现状。"""

    views: list[ViewState]
    is_well: bool = Field(description="无一失败 / none is failing")


LABELS = {
    Condition.live: "在用",
    Condition.building: "重建中",
    Condition.to_be_rebuilt: "待重建，暂用原表",
    Condition.not_built: "未建",
    Condition.failing: "因错误停止",
}


@router.get(
    "/v1/projections",
    summary="视图现状 / how the views stand",
    responses={
        200: {"model": ViewStates, "content": {JSON: {"example": example_rows("projections")}}},
        **problems(*BASE, 503),
    },
    dependencies=IDENTIFIED,
)
async def read_projections(request: Request) -> Response:
    """各视图到达的位置、落后多少、按哪一定义、重建进度；失败的，停在哪一事件、何种错误。

    How far each view is, how far behind, by which definition, how far a rebuild has come; of a failing one, over
    which event and which error it stopped.
    """
    views = door_of(request).views
    if views is None:
        raise ViewNotBuilt
    try:
        told = await health(views)
    except view_readers.ViewsUnreachable as lost:
        raise ViewsUnreachable from lost
    shown = [
        {"health": asdict(each), "label": LABELS[each.condition], "label_en": each.condition.value}
        for each in told
    ]
    return json_answer({"views": shown, "is_well": all(each.failure is None for each in told)})
