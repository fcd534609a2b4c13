"""Exports for process mining: cases as XES and OCEL 2.0, of now or as of any day, of all or of some."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, closing, contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import JSON
from api.door import Entrance, door_of
from api.exporting import EXPORT_SECONDS, UNDER_WAY, SentFile
from api.identity import IDENTIFIED
from api.openapi import BASE, problems
from api.reading import ReadQuery, reading
from api.refusals.views import FileLacksRoom
from api.shown import example_rows
from domain.grammar import Code, Day, canonical
from projections.exports.activity import Language
from projections.exports.dossiers import NEEDS, Dossiers, Wanted
from projections.exports.ocel import registers as ocel_registers
from projections.exports.ocel.building import build
from projections.exports.ocel.document import document
from projections.exports.ocel.telling import Teller
from projections.exports.room import lacks_room
from projections.exports.xes import MEDIA_TYPE as XES_TYPE
from projections.exports.xes import xes
from projections.reading import Reading

router = APIRouter(tags=["exports"], route_class=Entrance)

_log = structlog.get_logger(__name__)


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


def file_of(*media_types: str, example: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of a read that answers with a file; the first of its media types is shown by example."""
    text = {"schema": {"type": "string", "format": "binary"}}
    content = {kind: {"schema": {"type": "object"}} if kind == JSON else text for kind in media_types}
    content[media_types[0]] = {**content[media_types[0]], "example": example_rows("files")[example]}
    return {
        200: {"description": "文件 / the file", "content": content},
        **problems(*BASE, 503),
    }


@router.get(
    "/v1/exports/xes",
    summary="导出 XES / cases as XES",
    responses=file_of(XES_TYPE, example="xes"),
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
    stack = AsyncExitStack()
    try:
        stack.enter_context(UNDER_WAY)
        found = await stack.enter_async_context(
            reading(door_of(request), query, NEEDS, within_seconds=EXPORT_SECONDS)
        )
    except BaseException:
        await stack.aclose()
        raise
    return SentFile(
        xes_of(found, query),
        XES_TYPE,
        name="cases.xes",
        title="办件.xes",
        closing=stack,
        headers=basis_header(found),
    )


async def xes_of(found: Reading, query: ExportQuery) -> AsyncGenerator[bytes, None]:
    """The document in pieces."""
    dossiers = Dossiers(found.connection, day=found.day, position=found.position)
    async with aclosing(xes(dossiers.read(query.wanted), about(found), query.language)) as pieces:
        async for piece in pieces:
            yield piece


UNTOLD: Final = frozenset({"rows_sha256", "behind", "failing"})


def about(found: Reading) -> dict[str, Any]:
    """The basis of the file in words: what is a list stands in one line."""
    return {name: _in_a_line(value) for name, value in _basis(found).items() if value is not None}


def basis_header(found: Reading) -> Mapping[str, str]:
    """The basis as canonical JSON: a format without room for it says it in the header `Jiandu-Basis`."""
    return {"jiandu-basis": canonical(_basis(found)).decode()}


def _basis(found: Reading) -> dict[str, Any]:
    return {name: value for name, value in found.basis(()).items() if name not in UNTOLD}


def _in_a_line(value: Any) -> Any:
    match value:
        case dict():
            return " ".join(f"{key}={each}" for key, each in value.items())
        case list():
            return " ".join(value)
        case _:
            return value


# ── OCEL 2.0 ────────────────────────────────────────────────────────────────────────────────────────────────


class OcelFormat(StrEnum):
    json = "json"
    sqlite = "sqlite"


OCEL_TYPES: Final = {OcelFormat.json: "application/json", OcelFormat.sqlite: "application/vnd.sqlite3"}
OCEL_NEEDS: Final = (*NEEDS, *ocel_registers.NEEDS)
CHUNK_BYTES: Final = 256 * 1024


class OcelQuery(ExportQuery):
    format: OcelFormat = Field(OcelFormat.json, description="json 或 sqlite / json or sqlite")


@router.get(
    "/v1/exports/ocel",
    summary="导出 OCEL 2.0 / cases as OCEL 2.0",
    responses=file_of(*OCEL_TYPES.values(), example="ocel"),
    response_class=Response,
    dependencies=IDENTIFIED,
)
async def export_ocel(request: Request, query: Annotated[OcelQuery, Query()]) -> Response:
    """OCEL 2.0 对象中心事件日志（JSON 或 SQLite）：办件、当事人（仅引用号）、事项、单位、窗口、岗位、工作人员、代办点、
    告知书、特别程序、证照、缴款单，关系带限定词；持件人与到期日随时间变化。先在服务器上成文件，再送出。

    An object-centric event log of OCEL 2.0 (JSON or SQLite): cases, parties (by reference only), items, units,
    windows, posts, staff, agent points, notices, special procedures, certificates and fees, with qualified
    relations; who holds a case and its days due change over time. The file is made first, then sent.
    """
    stack = AsyncExitStack()
    try:
        stack.enter_context(UNDER_WAY)
        with _room():
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="jiandu-ocel-")))
            path = folder / "cases.sqlite"
            headers = await _build(request, query, path)
    except BaseException:
        await stack.aclose()
        raise
    pieces = document(path) if query.format is OcelFormat.json else _bytes_of(path)
    return SentFile(
        _beside(pieces),
        OCEL_TYPES[query.format],
        name=f"cases.{query.format}",
        title=f"办件.{query.format}",
        closing=stack,
        headers=headers,
    )


@contextmanager
def _room() -> Iterator[None]:
    """Raises FileLacksRoom."""
    try:
        yield
    except Exception as error:
        if not lacks_room(error):
            raise
        _log.error("file_lacks_room", reason=str(error))
        raise FileLacksRoom from error


async def _build(request: Request, query: OcelQuery, path: Path) -> Mapping[str, str]:
    """The snapshot is given back before anything is sent. The header that tells the basis."""
    async with reading(door_of(request), query, OCEL_NEEDS, within_seconds=EXPORT_SECONDS) as found:
        await build_ocel(found, query, path)
        return basis_header(found)


async def build_ocel(found: Reading, query: OcelQuery, path: Path) -> None:
    """Makes the SQLite form at `path`."""
    dossiers = Dossiers(found.connection, day=found.day, position=found.position)
    teller = Teller(await ocel_registers.registers(found.connection), query.language)
    await build(path, dossiers.read(query.wanted), teller)


def _bytes_of(path: Path) -> Generator[bytes, None, None]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


async def _beside(pieces: Generator[bytes, None, None]) -> AsyncGenerator[bytes, None]:
    """Read in another thread, so that a large file keeps nobody waiting."""
    with closing(pieces):
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece
