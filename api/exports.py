"""Exports for process mining: cases as XES and OCEL 2.0, of now or as of any day, of all or of some."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.door import Entrance, door_of
from api.exporting import EXPORT_SECONDS, UNDER_WAY, SentFile
from api.identity import IDENTIFIED
from api.openapi import BASE, problems
from api.reading import ReadQuery, reading
from domain.grammar import Code, Day
from projections.exports.activity import Language
from projections.exports.dossiers import NEEDS, Dossiers, Wanted
from projections.exports.xes import MEDIA_TYPE as XES_TYPE
from projections.exports.xes import xes
from projections.reading import Reading

router = APIRouter(tags=["exports"], route_class=Entrance)


class ExportQuery(ReadQuery):
    """Which cases, as of when."""

    since: Day | None = Field(
        None, description="此日及之后开始的办件 / cases that began on this day or later"
    )
    until: Day | None = Field(
        None, description="此日及之前开始的办件 / cases that began on this day or earlier"
    )
    item_code: Code | None = Field(None, description="只要此事项 / of this item only")
    unit_code: Code | None = Field(None, description="只要此单位持有过的办件 / that this unit has held only")
    language: Language = Field(
        Language.zh,
        description="活动与类型的名称用何种语言 / in which language activities and types are called",
    )

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.since, self.until, self.item_code, self.unit_code)


def file_of(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of a read that answers with a file."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        200: {"description": "文件 / the file", "content": dict.fromkeys(media_types, binary)},
        **problems(*BASE, 503),
    }


@router.get(
    "/v1/exports/xes",
    summary="导出 XES / cases as XES",
    responses=file_of(XES_TYPE),
    response_class=Response,
    dependencies=IDENTIFIED,
)
async def export_xes(request: Request, query: Annotated[ExportQuery, Query()]) -> Response:
    """IEEE 1849-2016 事件日志，流式输出，不限大小：每办件一条 trace，每事件一个 event，附工作日计数、持件与时限；
    自由文本与人员引用不导出。没有 `</log>` 结尾的文件是中断的。

    An event log of IEEE 1849-2016, streamed, of any size: a trace for each case, an event for each that stands, with
    working days, custody and limits. Free text and references to persons stay at home. A file without its `</log>`
    was cut off.
    """
    closing = AsyncExitStack()
    try:
        closing.enter_context(UNDER_WAY)
        found = await closing.enter_async_context(
            reading(door_of(request), query, NEEDS, within_seconds=EXPORT_SECONDS)
        )
    except BaseException:
        await closing.aclose()
        raise
    return SentFile(_xes(found, query), XES_TYPE, name="cases.xes", title="办件.xes", closing=closing)


async def _xes(found: Reading, query: ExportQuery) -> AsyncGenerator[bytes, None]:
    dossiers = Dossiers(found.connection, day=found.day, position=found.position)
    async with aclosing(xes(dossiers.read(query.wanted), about(found), query.language)) as pieces:
        async for piece in pieces:
            yield piece


UNTOLD: Final = frozenset({"rows_sha256", "behind", "failing"})


def about(found: Reading) -> dict[str, Any]:
    """The basis of the file in words: what is a list stands in one line."""
    return {
        name: _in_a_line(value)
        for name, value in found.basis(()).items()
        if name not in UNTOLD and value is not None
    }


def _in_a_line(value: Any) -> Any:
    match value:
        case dict():
            return " ".join(f"{key}={each}" for key, each in value.items())
        case list():
            return " ".join(value)
        case _:
            return value
