"""`jiandu audit`: the audit trail as a file, of any length, and what is missing in it."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import aclosing, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from api.audit import NEEDS, AuditQuery, trail_file
from api.exporting import WRITERS, Format
from api.labels import labels
from api.looks import UNASKED, listed
from api.problems import english
from api.reading import ReadQuery, objecting
from api.refusals import Refusal
from api.refusals.views import ViewsUnready
from api.validation import errors_of
from domain.access.permissions import Action
from domain.grammar import Objection
from domain.store.connecting import Access
from domain.store.schema import County
from ops import database, settings
from ops.county import opened_views
from ops.drafts import drafted
from ops.failures import CannotDo
from ops.keeping import expect_own_views
from ops.looking import As, Looking, Under
from ops.migrate import NotAllowed, bring_up_to_date
from ops.settings import Settings
from projections.audit import AuditTrail, Gaps
from projections.audit.table import AUDIT_TABLE
from projections.engine import Engine
from projections.engine_desk import Desk
from projections.engine_schema import ViewNames, connect
from projections.exports.tables import written
from projections.registry import PROJECTIONS
from projections.view_readers import ViewReaders

MOST_GAPS: Final = 1000
OTHERS: Final = frozenset(projection.name for projection in PROJECTIONS) - {each.name for each in NEEDS}

audit: Final = typer.Typer(help="审计轨迹 · The audit trail: export, gaps.", no_args_is_help=True)

Work = Callable[[ViewReaders, str], Coroutine[Any, Any, None]]


@audit.command(help="导出 · Every event with its envelope, and what is not in order, as a file.")
def export(
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="写入此文件，缺省为标准输出 · to this file, else stdout"),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="文件格式 · form of the file")] = Format.csv,
    order: Annotated[str, typer.Option(help="recorded 按登记，occurred 按发生 · which order")] = "recorded",
    person: Annotated[str | None, typer.Option(help="办理人 · who acted")] = None,
    approver: Annotated[str | None, typer.Option(help="批准人 · who vouched for it")] = None,
    post: Annotated[str | None, typer.Option(help="岗位 · post")] = None,
    window: Annotated[str | None, typer.Option(help="窗口 · window")] = None,
    unit: Annotated[str | None, typer.Option(help="单位 · unit")] = None,
    item: Annotated[str | None, typer.Option(help="事项 · item")] = None,
    case_no: Annotated[str | None, typer.Option("--case", help="办件编号 · case number")] = None,
    stream: Annotated[str | None, typer.Option(help="案卷 · record, as policy:county")] = None,
    topic: Annotated[str | None, typer.Option(help="事件类别 · topic")] = None,
    channel: Annotated[str | None, typer.Option(help="办理形式 · channel")] = None,
    device: Annotated[str | None, typer.Option(help="设备 · device")] = None,
    mark: Annotated[str | None, typer.Option(help="标记 · mark, as P08")] = None,
    recorded_from: Annotated[
        str | None, typer.Option(help="登记日期起 · recorded on this day or later")
    ] = None,
    recorded_to: Annotated[
        str | None, typer.Option(help="登记日期止 · recorded on this day or earlier")
    ] = None,
    occurred_from: Annotated[
        str | None, typer.Option(help="发生日期起 · happened on this day or later")
    ] = None,
    occurred_to: Annotated[
        str | None, typer.Option(help="发生日期止 · happened on this day or earlier")
    ] = None,
    after: Annotated[str | None, typer.Option(help="从此位置之后 · behind this position")] = None,
    until: Annotated[
        str | None, typer.Option(help="日志至此位置时 · as the log stood at this position")
    ] = None,
    known_at: Annotated[str | None, typer.Option(help="只看此刻之前登记的 · recorded by then")] = None,
    happened_by: Annotated[str | None, typer.Option(help="只看此刻之前发生的 · happened by then")] = None,
    by: As = None,
    under: Under = None,
) -> None:
    given = dict(locals()) | {"format": form}
    query = _query({name: given[name] for name in AuditQuery.model_fields if given.get(name) is not None})
    if query.format is Format.json:
        raise CannotDo("A file is csv, xlsx or jsonl. 文件格式为 csv、xlsx 或 jsonl。")

    _run(partial(_write, query, Looking(by, under), settings.read(), out))


async def _write(
    query: AuditQuery, looking: Looking, chosen: Settings, out: Path | None, views: ViewReaders, dsn: str
) -> None:
    async with objecting(views, query.asked(datetime.now(UTC)), NEEDS) as found:
        wanted = replace(query.wanted(), shown=await looking.shown(dsn, chosen))
        file = await trail_file(found, query, wanted)
    conditions = tuple(sorted(query.model_fields_set - UNASKED))
    look = listed("/v1/audit", conditions, query.format)
    await looking.record(dsn, chosen, Action.read_audit, look)
    pieces = written(WRITERS[query.format](AUDIT_TABLE), file.pages(views), file.basis)
    with nullcontext(sys.stdout.buffer) if out is None else drafted(out) as target:
        async with aclosing(pieces):
            async for piece in pieces:
                target.write(piece)


@audit.command(
    help="缺口 · What is missing: numbers of devices, positions, versions; exit code 1 where the log has gaps."
)
def gaps(by: As = None, under: Under = None) -> None:
    _run(partial(_print, Looking(by, under), settings.read()))


async def _print(looking: Looking, chosen: Settings, views: ViewReaders, dsn: str) -> None:
    """Raises CannotDo where the log itself has gaps; that a device has some may be no fault of anybody's."""
    query = ReadQuery.model_validate({})
    async with objecting(views, query.asked(datetime.now(UTC)), NEEDS) as found:
        trail = await AuditTrail.opened(found, labels)
        told = await trail.gaps(MOST_GAPS, await looking.shown(dsn, chosen))
    await looking.record(dsn, chosen, Action.read_audit, listed("/v1/audit/gaps", (), None))
    table = Table("缺口 gap", "何处 where", "自 from", "至 to")
    for row in _rows(told):
        table.add_row(*map(str, row))
    Console().print(table)
    if told.position_gaps or told.version_gaps or told.recorded != told.told:
        raise CannotDo("Something is missing in the log. 日志有缺。")


def _rows(told: Gaps) -> Iterator[tuple[str, str, int, int]]:
    for device in told.device_gaps:
        yield "设备序号 device", device.device_id, device.first_missing, device.last_missing
    for repeat in told.device_repeats:
        yield "重复 repeated", repeat.device_id, repeat.device_seq, repeat.device_seq
    for position in told.position_gaps:
        yield "位置 position", "", position.first_missing, position.last_missing
    for version in told.version_gaps:
        yield "版本 version", version.stream, version.first_missing, version.last_missing


def _query(given: dict[str, Any]) -> AuditQuery:
    try:
        return AuditQuery.model_validate(given)
    except ValidationError as error:
        first = next(iter(errors_of(error.errors())))
        raise CannotDo(f"{first['pointer']}: {first['message_en']}. {first['message']}。") from error


def _run(work: Work) -> None:
    chosen = settings.read()
    with database.opened(chosen) as dsn:
        with suppress(NotAllowed):  # a serving login finds the schemas made, or hears below that they are not
            bring_up_to_date(dsn, chosen.county)
        asyncio.run(_with_views(dsn, chosen.county, work))


async def _with_views(dsn: str, county: str, work: Work) -> None:
    await _catch_up(dsn, county)
    async with opened_views(dsn, county) as views:
        try:
            await work(views, dsn)
        except (Refusal, ViewsUnready) as refusal:
            raise CannotDo(_sentence(refusal)) from refusal


async def _catch_up(dsn: str, county: str) -> None:
    """Builds the trail, or takes it to the end of the log, where no server does. Raises CannotDo."""
    await expect_own_views(dsn, county)
    access = Access(dsn, County.named(county))
    async with await connect(access, is_projector=True) as connection:
        engine = Engine(Desk(connection, ViewNames(access.county)), PROJECTIONS)
        await engine.prepare()
        while await engine.run_once(leave_out=OTHERS):
            pass


def _sentence(refusal: Objection) -> str:
    errors: Any = refusal.details.get("errors", ())
    told = [f"{each['message_en']}. {each['message']}。" for each in errors]
    return " ".join(told) or f"{english(type(refusal))} {refusal.ZH}"
