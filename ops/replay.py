"""`jiandu replay`: a case told again, step by step, and the answer to who held it and who was late."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from api.labels import labels
from api.problems import english
from api.reading import answer, objecting
from api.refusals import Refusal
from api.refusals.seal import RecordBroken
from api.refusals.views import ViewNotBuilt, ViewsUnready
from api.replay import NEEDS, PATIENCE_SECONDS, ReplayQuery, look_at, told_steps
from api.validation import errors_of
from domain.access.permissions import Action
from domain.case import CASE
from domain.store.connecting import Access, Readers
from domain.store.evidence import EvidenceReader
from domain.store.schema import County
from domain.store.seal_reading import SealReader
from ops import database, settings
from ops.county import opened_views
from ops.failures import CannotDo
from ops.keeping import expect_own_views
from ops.looking import As, Looking, Under
from ops.settings import Settings
from projections.custody import UnitShare
from projections.reading import Reading
from projections.replay import Course, Late, Step, Total, Verdict, replay, verdict
from projections.view_readers import ViewReaders

NOBODY: Final = "—"


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to print of one case."""

    found: Reading
    steps: list[Step]
    verdict: Verdict


def replay_case(
    case_no: Annotated[str, typer.Argument(help="办件编号 · case number")],
    course: Annotated[
        Course, typer.Option(help="登记顺序或发生顺序 · as known, or as happened")
    ] = Course.happened,
    known_at: Annotated[str | None, typer.Option(help="只看此刻之前登记的 · recorded by then")] = None,
    happened_by: Annotated[str | None, typer.Option(help="只看此刻之前发生的 · happened by then")] = None,
    day: Annotated[str | None, typer.Option(help="未办结的计至此日 · open things count to this day")] = None,
    what_if_policy: Annotated[str | None, typer.Option(help="假设规则版本 · version of the policy")] = None,
    what_if_calendar: Annotated[
        str | None, typer.Option(help="假设日历版本 · version of the calendar; weekdays, shipped")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON,同 HTTP 答复 · JSON, as over HTTP")] = False,
    by: As = None,
    under: Under = None,
) -> None:
    query = _query(
        course=course,
        known_at=known_at,
        happened_by=happened_by,
        day=day,
        what_if_policy=what_if_policy,
        what_if_calendar=what_if_calendar,
    )
    chosen = settings.read()
    with database.opened(chosen) as dsn:
        told = asyncio.run(_replay(dsn, chosen, case_no, query, Looking(by, under)))
    if as_json:
        _print_json(case_no, query, told)
    else:
        _print(told)


def _query(**given: object) -> ReplayQuery:
    try:
        return ReplayQuery.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = next(iter(errors_of(error.errors())))
        raise CannotDo(f"{first['pointer']}: {first['message_en']}. {first['message']}。") from error


async def _replay(dsn: str, chosen: Settings, case_no: str, query: ReplayQuery, looking: Looking) -> Told:
    """The look is in the record when this returns. Raises CannotDo."""
    await _expect_unbroken(dsn, chosen.county, case_no)
    async with opened_views(dsn, chosen.county) as views:
        try:
            told = await _told(dsn, chosen.county, case_no, query, views)
        except (Refusal, ViewsUnready) as refusal:
            raise CannotDo(f"{english(type(refusal))} {refusal.ZH}") from refusal
    look = look_at(case_no, query, told.found, _rows(case_no, query, told))
    await looking.record(dsn, chosen, Action.read_case, look)
    return told


async def _expect_unbroken(dsn: str, county: str, case_no: str) -> None:
    """Nothing is told from a record that is not what was sealed, here as over HTTP. Raises CannotDo."""
    readers = Readers(Access(dsn, County.named(county)), size=1)
    try:
        position = await EvidenceReader(SealReader(readers)).first_broken(CASE.stream(case_no))
    finally:
        await readers.close()
    if position is not None:
        raise CannotDo(f"{english(RecordBroken)} {RecordBroken.ZH}\n  #{position}")


async def _told(dsn: str, county: str, case_no: str, query: ReplayQuery, views: ViewReaders) -> Told:
    """Where nobody has served by these definitions yet, they are made."""
    try:
        return await _read(case_no, query, views)
    except ViewNotBuilt:
        await expect_own_views(dsn, county)
        return await _read(case_no, query, views)


async def _read(case_no: str, query: ReplayQuery, views: ViewReaders) -> Told:
    async with objecting(
        views,
        query.asked(datetime.now(UTC)),
        NEEDS,
        is_narrow=True,
        from_definitions=True,
        supposed=query.supposed(),
        within_seconds=PATIENCE_SECONDS,
    ) as found:
        stream = await found.expect_case(case_no)
        return Told(found, await replay(found, stream, query.course), await verdict(found, stream))


def _rows(case_no: str, query: ReplayQuery, told: Told) -> dict[str, object]:
    return {
        "case_no": case_no,
        "course": query.course,
        "steps": told_steps(told.steps),
        "verdict": told.verdict,
    }


def _print_json(case_no: str, query: ReplayQuery, told: Told) -> None:
    sys.stdout.buffer.write(bytes(answer(told.found, _rows(case_no, query, told)).body) + b"\n")


def _print(told: Told) -> None:
    console = Console()
    console.print(_steps(told.steps))
    console.print(_holders(told.verdict))
    console.print(_lateness(told.verdict.late))
    basis = told.found
    console.print(
        f"依据 basis: {basis.asked.mode}, 位置 position {basis.position}, 计至 day {basis.day},"
        f" 规则 policy {' '.join(basis.policies)}, 日历 calendar {' '.join(basis.calendars)}"
    )


def _steps(steps: list[Step]) -> Table:
    table = Table("日 day", "事件 event", "持件 holder", "状态 status", "已用 used", "剩余 left", "超期 over")
    for step in steps:
        label, label_en = labels(step.event.topic)
        clock = step.clock
        used = (clock.used_days, clock.remaining_days, clock.overdue_days) if clock else (None, None, None)
        holder = step.hands.holder_unit or NOBODY
        if step.hands.is_in_transit:
            holder += f" → {step.hands.in_transit_to or '?'}"
        table.add_row(
            str(step.day),
            f"{label} {label_en}",
            holder,
            step.hands.status or NOBODY,
            *(NOBODY if days is None else str(days) for days in used),
        )
    return table


def _holders(told: Verdict) -> Table:
    table = Table("单位 unit", "持有 held", "在途 transit", "合计 gross", "扣除 excluded", "净 net")
    rows: list[tuple[str, UnitShare | Total]] = [
        (share.holder_unit or NOBODY, share) for share in told.holders
    ]
    for name, share in [*rows, ("合计 total", told.total)]:
        days = (share.held_days, share.transit_days, share.gross_days, share.excluded_days, share.net_days)
        table.add_row(name, *map(str, days))
    return table


def _lateness(late: list[Late]) -> Table | str:
    if not late:
        return "无人超时 Nobody was late."
    table = Table("规则 rule", "谁 who", "应于 due", "限 limit", "用 used", "迟 late", "依据 basis")
    for each in late:
        numbers = (each.limit_days, each.used_days, each.late_days)
        table.add_row(
            f"{each.rule} {each.title}",
            " ".join(filter(None, (each.holder_unit, each.holder_person))) or NOBODY,
            str(each.due or NOBODY),
            *(NOBODY if number is None else str(number) for number in numbers),
            each.basis,
        )
    return table
