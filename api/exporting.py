"""Answers as files 导出: the rows of a read as CSV, XLSX or JSON lines instead of JSON, by `?format=csv`.

    LEDGER = Table.of("agent-ledger", "代办台账", LedgerRow)

    async def read_ledger(request: Request, query: Annotated[LedgerQuery, Query()]) -> Response:   # a TableQuery
        async with reading(door_of(request), query, NEEDS) as found:
            rows = await Ledger(found.connection).rows(found.day)
        return answer_or_table(found, query, {"rows": rows}, LEDGER)

A list that is read page by page: `api.paging.answer_page`.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import quote

import anyio
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api.door import Door
from api.reading import ReadQuery, answer, answers, reading
from api.refusals.views import ExportsBusy
from projections.exports.tables import CsvWriter, JsonLinesWriter, Table, Writer, written
from projections.exports.workbook import XlsxWriter
from projections.projection import Projection
from projections.reading import Reading

Row = TypeVar("Row")

SEND_SECONDS: Final = 30.0
"""A reader that takes nothing for so long is let go."""
EXPORT_SECONDS: Final = 3600.0
"""How long a file may take that is read page by page out of one snapshot."""
AT_ONCE: Final = 3
"""So many files are read out of snapshots at a time: the other connections answer everybody else."""


class Format(StrEnum):
    json = "json"
    csv = "csv"
    xlsx = "xlsx"
    jsonl = "jsonl"


WRITERS: Final[Mapping[Format, Callable[[Table], Writer]]] = {
    Format.csv: CsvWriter,
    Format.xlsx: XlsxWriter,
    Format.jsonl: JsonLinesWriter,
}
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.csv: "text/csv; charset=utf-8; header=present",
    Format.xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.jsonl: "application/jsonl; charset=utf-8",
}


class TableQuery(ReadQuery):
    """A read that can be taken away as a file as well."""

    format: Format = Field(
        Format.json,
        description=(
            "json 为答复；csv、xlsx（Excel）、jsonl（每行一个 JSON）为文件，含全部行，不分页"
            " / json: the answer; csv, xlsx, jsonl: a file with all rows, whatever `limit` says"
        ),
    )


UNTOLD: Final = frozenset(TableQuery.model_fields) | {"limit"}
"""What the basis tells already, or what a file does not heed."""


def answers_or_table(model: type[BaseModel], example: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """`answers`, and the files that may come instead."""
    told = answers(model, example, *statuses)
    for media_type in MEDIA_TYPES.values():
        told[200]["content"][media_type.partition(";")[0]] = {
            "schema": {"type": "string", "format": "binary"}
        }
    return told


def answer_or_table(
    found: Reading, query: TableQuery, rows: Mapping[str, Any], table: Table, *, of: str | None = None
) -> Response:
    """`rows` as `answer` takes them; the file holds the list `of`, else the first of them."""
    if query.format is Format.json:
        return answer(found, rows)
    listed = rows[of or next(iter(rows))]
    return TableResponse(table, query.format, _pages_of(listed), found.basis(()) | {"asked": asked_of(query)})


def asked_of(query: TableQuery) -> dict[str, object]:
    """What was asked for beside the day, as a file says it on its last line."""
    return query.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=set(UNTOLD))


async def _pages_of(rows: Sequence[object], size: int = 500) -> AsyncGenerator[Sequence[object], None]:
    for begins in range(0, len(rows), size):
        yield rows[begins : begins + size]


async def export(
    door: Door,
    query: TableQuery,
    needs: Sequence[Projection],
    table: Table,
    page: Callable[[Reading, Row | None], Awaitable[Sequence[Row]]],
) -> Response:
    """A file of all rows of a read, out of one snapshot. What `reading` refuses is refused before the file begins.

    Raises ExportsBusy.
    """
    closing = AsyncExitStack()
    try:
        closing.enter_context(UNDER_WAY)
        found = await closing.enter_async_context(reading(door, query, needs, within_seconds=EXPORT_SECONDS))
        first = await page(found, None)
    except BaseException:
        await closing.aclose()
        raise

    async def pages() -> AsyncGenerator[Sequence[Row], None]:
        rows = first
        while rows:
            yield rows
            rows = await page(found, rows[-1])

    return TableResponse(table, query.format, pages(), found.basis(()) | {"asked": asked_of(query)}, closing)


class _Seats:
    """How many snapshots are held by files. Counted, not waited for: who finds none comes again."""

    def __init__(self, size: int) -> None:
        self._free = size

    def __enter__(self) -> None:
        if self._free == 0:
            raise ExportsBusy
        self._free -= 1

    def __exit__(self, *_: object) -> None:
        self._free += 1


UNDER_WAY: Final = _Seats(AT_ONCE)


class SentFile(StreamingResponse):
    """A file as an attachment. Nothing is read ahead of what is taken; what was opened is closed, however it ends.

    A file that breaks off ends without its end: the connection is cut, and the last record is missing.
    `name`: of the file, in ASCII; `title`: likewise, as people call it.
    """

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        media_type: str,
        *,
        name: str,
        title: str,
        closing: AsyncExitStack | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._chunks = chunks
        self._closing = closing or AsyncExitStack()
        disposition = f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(title)}"
        super().__init__(
            chunks, headers={"content-disposition": disposition, **(headers or {})}, media_type=media_type
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            with anyio.fail_after(SEND_SECONDS):
                await send(message)

        try:
            if scope["method"] == "HEAD":
                await Response(headers=dict(self.headers))(scope, receive, send)
            else:
                await super().__call__(scope, receive, send_in_time)
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        with anyio.CancelScope(shield=True):
            await self._chunks.aclose()
            await self._closing.aclose()


class TableResponse(SentFile):
    """A file of rows."""

    def __init__(
        self,
        table: Table,
        format_: Format,
        pages: AsyncGenerator[Sequence[object], None],
        basis: Mapping[str, Any],
        closing: AsyncExitStack | None = None,
    ) -> None:
        super().__init__(
            _chunks(WRITERS[format_](table), pages, basis),
            MEDIA_TYPES[format_],
            name=f"{table.name}.{format_}",
            title=f"{table.title}.{format_}",
            closing=closing,
        )


async def _chunks(
    writer: Writer, pages: AsyncGenerator[Sequence[object], None], basis: Mapping[str, Any]
) -> AsyncGenerator[bytes, None]:
    async with aclosing(pages), aclosing(written(writer, pages, basis)) as chunks:
        async for chunk in chunks:
            if chunk:
                yield chunk
