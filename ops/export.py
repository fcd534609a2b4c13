"""`jiandu export`: cases as XES and OCEL 2.0, rows for exchange tables; to a file, or to standard output."""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Annotated, Any, Final, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from api.exchange import ExchangeFormat, ExchangeQuery, expect_reached
from api.exporting import EXPORT_SECONDS, WRITERS, Format
from api.exports import OCEL_NEEDS, ExportQuery, OcelFormat, OcelQuery, build_ocel, xes_of
from api.looks import UNASKED, listed
from api.problems import english
from api.reading import ReadQuery, objecting
from api.refusals import Refusal
from api.refusals.views import ViewNotBuilt, ViewsUnready
from api.validation import errors_of
from domain.access.permissions import Action
from domain.perusal.commands import Action as Look
from ops import database, settings
from ops.county import opened_views
from ops.drafts import Sink, drafted
from ops.failures import CannotDo
from ops.keeping import expect_own_views
from ops.looking import As, Looking, Under
from ops.migrate import NotAllowed, bring_up_to_date
from ops.settings import Settings
from projections.exports.activity import Language
from projections.exports.dossiers import NEEDS
from projections.exports.exchange.catalogue import TABLES
from projections.exports.exchange.delta import Changes, needs_of
from projections.exports.ocel.document import document
from projections.exports.tables import written
from projections.projection import Projection
from projections.reading import Reading
from projections.view_readers import ViewReaders

export: Final = typer.Typer(
    help="导出 · Export cases as XES or OCEL 2.0, or rows for exchange tables.", no_args_is_help=True
)

Query = TypeVar("Query", bound=ReadQuery)
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="写入此文件，缺省为标准输出 · to this file, else stdout")
]
KnownAt = Annotated[str | None, typer.Option(help="只看此刻之前登记的 · recorded by then")]
HappenedBy = Annotated[str | None, typer.Option(help="只看此刻之前发生的 · happened by then")]
Day = Annotated[str | None, typer.Option(help="未办结的计至此日 · open things count to this day")]
Since = Annotated[str | None, typer.Option(help="此日及之后开始的 · that began on this day or later")]
Until = Annotated[str | None, typer.Option(help="此日及之前开始的 · that began on this day or earlier")]
ItemCode = Annotated[str | None, typer.Option("--item", help="只要此事项 · of this item only")]
UnitCode = Annotated[
    str | None, typer.Option("--unit", help="只要此单位持有过的 · that this unit has held only")
]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken away, and by whom."""

    looking: Looking
    look: Look


InLanguage = Annotated[Language, typer.Option(help="名称用何种语言 · in which language things are called")]


@export.command(help="XES（IEEE 1849）办件 · Cases as XES, for process mining.")
def xes(
    out: Out = None,
    known_at: KnownAt = None,
    happened_by: HappenedBy = None,
    day: Day = None,
    since: Since = None,
    until: Until = None,
    item: ItemCode = None,
    unit: UnitCode = None,
    language: InLanguage = Language.zh,
    by: As = None,
    under: Under = None,
) -> None:
    query = _query(
        ExportQuery,
        **_as_of(known_at, happened_by, day),
        **_which(since, until, item, unit),
        language=language,
    )

    async def _write(source: _Source, file: Sink) -> None:
        async with source.reading(query, NEEDS) as found:
            await _pour(xes_of(found, query), file)

    _run(out, _write, _taken(Looking(by, under), "xes", query, "xes"))


@export.command(help="OCEL 2.0 办件与所涉对象 · Cases and what they touch as objects, in JSON or SQLite.")
def ocel(
    out: Out = None,
    form: Annotated[
        OcelFormat, typer.Option("--format", help="文件格式 · form of the file")
    ] = OcelFormat.json,
    known_at: KnownAt = None,
    happened_by: HappenedBy = None,
    day: Day = None,
    since: Since = None,
    until: Until = None,
    item: ItemCode = None,
    unit: UnitCode = None,
    language: InLanguage = Language.zh,
    by: As = None,
    under: Under = None,
) -> None:
    query = _query(
        OcelQuery,
        **_as_of(known_at, happened_by, day),
        **_which(since, until, item, unit),
        language=language,
        format=form,
    )

    async def _write(source: _Source, file: Sink) -> None:
        with TemporaryDirectory(prefix="jiandu-ocel-") as folder:
            path = Path(folder) / "cases.sqlite"
            async with source.reading(query, OCEL_NEEDS) as found:
                await build_ocel(found, query, path)
            if form is OcelFormat.json:
                file.writelines(document(path))
            else:
                with path.open("rb") as made:
                    copyfileobj(made, file)

    _run(out, _write, _taken(Looking(by, under), "ocel", query, form))


@export.command(help="交换数据 · Rows for an exchange table; without a name: which tables there are.")
def exchange(
    table: Annotated[str | None, typer.Argument(help="交换表 · as up_pro_accept")] = None,
    out: Out = None,
    form: Annotated[
        ExchangeFormat, typer.Option("--format", help="文件格式 · form of the file")
    ] = ExchangeFormat.jsonl,
    after: Annotated[
        int, typer.Option(min=0, help="只要此位置之后变化的行 · rows that changed behind this position")
    ] = 0,
    known_at: KnownAt = None,
    happened_by: HappenedBy = None,
    day: Day = None,
    by: As = None,
    under: Under = None,
) -> None:
    if table is None:
        _list_tables()
        return
    if table not in TABLES:
        raise CannotDo(f"There is no exchange table {table}. 没有此交换表。")
    wanted = TABLES[table]
    query = _query(ExchangeQuery, **_as_of(known_at, happened_by, day), after=after, format=form)

    async def _write(source: _Source, file: Sink) -> None:
        async with source.reading(query, needs_of(wanted), from_definitions=after > 0) as found:
            expect_reached(after, found.position)
            pages = Changes(found, wanted, after).pages()
            await _pour(written(WRITERS[Format(form)](wanted.table), pages, found.basis(())), file)

    _run(out, _write, _taken(Looking(by, under), "exchange", query, form))


def _list_tables() -> None:
    listed = Table("表 table", "名称 title", "出处 source", "列 columns")
    for table in TABLES.values():
        listed.add_row(table.name, table.title, table.source, str(len(table.columns)))
    Console().print(listed)


# ── what was asked ──────────────────────────────────────────────────────────────────────────────────────────


def _as_of(known_at: str | None, happened_by: str | None, day: str | None) -> dict[str, Any]:
    return {"known_at": known_at, "happened_by": happened_by, "day": day}


def _which(since: str | None, until: str | None, item: str | None, unit: str | None) -> dict[str, Any]:
    return {"since": since, "until": until, "item_code": item, "unit_code": unit}


def _query(model: type[Query], **given: object) -> Query:
    try:
        return model.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = next(iter(errors_of(error.errors())))
        raise CannotDo(f"{first['pointer']}: {first['message_en']}. {first['message']}。") from error


# ── reading and writing ─────────────────────────────────────────────────────────────────────────────────────


Write = Callable[["_Source", Sink], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where it is read from: the tables, or the definitions where nobody has built the tables yet."""

    views: ViewReaders
    is_built: bool = True

    @asynccontextmanager
    async def reading(
        self, query: ReadQuery, needs: Sequence[Projection], *, from_definitions: bool = False
    ) -> AsyncIterator[Reading]:
        async with objecting(
            self.views,
            query.asked(datetime.now(UTC)),
            needs,
            from_definitions=from_definitions or not self.is_built,
            within_seconds=EXPORT_SECONDS,
        ) as found:
            yield found


def _taken(looking: Looking, what: str, query: ReadQuery, form: str) -> Taken:
    conditions = tuple(sorted(query.model_fields_set - UNASKED))
    return Taken(looking, listed(f"/v1/exports/{what}", conditions, form))


def _run(out: Path | None, write: Write, taken: Taken) -> None:
    chosen = settings.read()
    with database.opened(chosen) as dsn:
        with suppress(NotAllowed):  # a serving login finds the schemas made, or hears below that they are not
            bring_up_to_date(dsn, chosen.county)
        asyncio.run(_write_to(out, dsn, chosen, write, taken))


async def _write_to(out: Path | None, dsn: str, chosen: Settings, write: Write, taken: Taken) -> None:
    """A file takes its name when it is whole, and when it is recorded that it is taken: what breaks off leaves what stood
    there.
    """
    async with opened_views(dsn, chosen.county) as views:
        if out is None:
            with TemporaryFile() as whole:
                await _attempt(dsn, chosen.county, _Source(views), whole, write)
                await taken.looking.record(dsn, chosen, Action.export, taken.look)
                whole.seek(0)
                copyfileobj(whole, sys.stdout.buffer)
            return
        with drafted(out) as file:
            await _attempt(dsn, chosen.county, _Source(views), file, write)
            file.flush()
            await taken.looking.record(dsn, chosen, Action.export, taken.look)


async def _attempt(dsn: str, county: str, source: _Source, file: Sink, write: Write) -> None:
    """Nothing is written before it is known that everything can be read."""
    try:
        try:
            await write(source, file)
        except ViewNotBuilt:
            await expect_own_views(dsn, county)
            await write(_Source(source.views, is_built=False), file)
    except (Refusal, ViewsUnready) as refusal:
        raise CannotDo(f"{english(type(refusal))} {refusal.ZH}") from refusal


async def _pour(pieces: AsyncGenerator[bytes, None], file: Sink) -> None:
    async with aclosing(pieces):
        async for piece in pieces:
            file.write(piece)
