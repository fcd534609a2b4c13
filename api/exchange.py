"""Exchange 交换: rows of the national and provincial tables, whole or what changed since the last fetch."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import JSON, Shown
from api.door import Entrance, door_of
from api.events import Position
from api.exporting import EXPORT_SECONDS, MEDIA_TYPES, UNDER_WAY, Format, TableResponse
from api.exports import file_of
from api.identity import IDENTIFIED
from api.openapi import BASE, problems
from api.reading import ReadQuery, reading
from api.refusals.views import ExchangeTableUnknown, FetchedBeyondViews
from api.shown import shown
from domain.grammar import canonical
from projections.exports.exchange.catalogue import TABLES
from projections.exports.exchange.delta import Changes, needs_of
from projections.exports.exchange.table import CONTROL

router = APIRouter(tags=["exports"], route_class=Entrance)


class ExchangeFormat(StrEnum):
    jsonl = "jsonl"
    csv = "csv"
    xlsx = "xlsx"


class ExchangeQuery(ReadQuery):
    """As of when, and what the client has already."""

    format: ExchangeFormat = Field(
        ExchangeFormat.jsonl, description="jsonl 每行一个 JSON；csv；xlsx / jsonl: one JSON object a line"
    )
    after: Position = Field(
        0,
        description=(
            "只要此日志位置之后变化的行：取上次答复 basis 的 position；0 为全部"
            " / only rows that changed behind this position, that of the last answer's basis; 0: all"
        ),
    )


class ExchangeTable(Shown):
    """一张交换表。 One exchange table."""

    name: str = Field(examples=["up_pro_accept"])
    title: str = Field(examples=["受理信息"])
    source: str = Field(
        description="标准及其出处 / the standard, and where in it", examples=["国家政务服务平台"]
    )
    columns: list[str] = Field(
        description="标准的列，其后为控制列 / the standard's columns, then control columns"
    )


class ExchangeTables(Shown):
    """有哪些交换表。 Which exchange tables there are."""

    tables: list[ExchangeTable]


def _listed() -> bytes:
    tables = [
        {
            "name": table.name,
            "title": table.title,
            "source": table.source,
            "columns": [*table.columns, *CONTROL],
        }
        for table in TABLES.values()
    ]
    return canonical({"tables": tables})


LISTED: Final = _listed()


@router.get(
    "/v1/exports/exchange",
    summary="交换表目录 / the exchange tables",
    responses={**shown(ExchangeTables, "exchange_tables"), **problems(*BASE)},
    dependencies=IDENTIFIED,
)
async def list_exchange_tables(request: Request) -> Response:  # noqa: ARG001  — the door's shape of an endpoint
    """国家标准、国家平台与广东的交换表，及其列。

    The tables of the national standard, the national platform and Guangdong, with their columns.
    """
    return Response(LISTED, media_type=JSON)


TableInPath = Annotated[
    str,
    Path(
        description="交换表 / the exchange table",
        json_schema_extra={"enum": list(TABLES), "examples": ["up_pro_accept"]},
    ),
]


def _answers() -> Mapping[int | str, dict[str, Any]]:
    media_types = (MEDIA_TYPES[Format(each)].partition(";")[0] for each in ExchangeFormat)
    return {**file_of(*media_types, example="exchange_rows"), **problems(404, *BASE, 503)}


@router.get(
    "/v1/exports/exchange/{table}",
    summary="交换数据 / rows for an exchange table",
    responses=dict(_answers()),
    response_class=Response,
    dependencies=IDENTIFIED,
)
async def export_exchange(
    request: Request, table: TableInPath, query: Annotated[ExchangeQuery, Query()]
) -> Response:
    """按标准的列名逐行输出；`row_guid` 标识一行，`cd_operation` 为 I 新增、U 变更、D 不再存在。
    末行给出 `basis`，其 `position` 作为下次的 `after`。日志中没有的内容为空；姓名处为人员引用号。

    Rows in the standard's own columns; `row_guid` tells a row, `cd_operation` is I new, U changed, D no longer there.
    The last line tells the `basis`, whose `position` is the next `after`. What the log does not know is empty; where
    a name is asked for stands the reference to the person.
    """
    if table not in TABLES:
        raise ExchangeTableUnknown
    wanted = TABLES[table]
    stack = AsyncExitStack()
    try:
        stack.enter_context(UNDER_WAY)
        found = await stack.enter_async_context(
            reading(
                door_of(request),
                query,
                needs_of(wanted),
                from_definitions=query.after > 0,
                within_seconds=EXPORT_SECONDS,
            )
        )
        expect_reached(query.after, found.position)
    except BaseException:
        await stack.aclose()
        raise
    return TableResponse(
        wanted.table,
        Format(query.format),
        _pages(Changes(found, wanted, query.after)),
        found.basis(()),
        stack,
    )


def expect_reached(after: int, position: int) -> None:
    """Raises FetchedBeyondViews."""
    if after > position:
        raise FetchedBeyondViews


async def _pages(changes: Changes) -> AsyncGenerator[list[dict[str, Any]], None]:
    async with aclosing(changes.pages()) as pages:
        async for rows in pages:
            yield rows
