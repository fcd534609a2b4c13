"""`jiandu watch`: what the rules of supervision find, recorded as signals, or only said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import date, datetime
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from api.looks import listed
from domain.access.permissions import Action
from domain.application import Keeper
from domain.grammar import local_day
from domain.signal.values import RULES, RuleCode
from domain.store.county import Store
from ops import database, given, settings
from ops.county import opened_store, opened_to_record, opened_views
from ops.failures import CannotDo
from ops.keeping import expect_own_views, keep_views
from ops.looking import As, Looking, Under
from ops.settings import Settings
from ops.watching import REMEMBERED, Round, Watchman, utc_now
from projections.asked import Asked, ViewBehind, ViewNotBuilt
from projections.reading import reading
from projections.view_readers import ViewReaders
from projections.watch import NEEDED, Found, Watch

BUILDING_SECONDS: Final = 1800
"""So long it waits for views that are still being built."""
LOOK_AGAIN_SECONDS: Final = 0.5

watch: Final = typer.Typer(help="监察 · The rules of supervision: what they find.", no_args_is_help=True)


@watch.callback()
def _words() -> None:
    """One word so far; the group keeps its name for more."""


@watch.command(
    help="运行监察 · Raise today's signals once; with --dry-run only say what would be raised, as of any day."
)
def run(
    day: Annotated[
        date | None, typer.Option(parser=given.day, help="所问之日 YYYY-MM-DD · the day to count to")
    ] = None,
    known_at: Annotated[
        datetime | None,
        typer.Option(parser=given.moment, help="只含此刻之前登记的 · as known at this time (RFC 3339)"),
    ] = None,
    happened_by: Annotated[
        datetime | None,
        typer.Option(parser=given.moment, help="只含此刻之前发生的 · as happened by this time"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看，不产生预警 · raise nothing")] = False,
    by: As = None,
    under: Under = None,
) -> None:
    asked = Asked(
        day or local_day(happened_by or known_at or utc_now()), known_at=known_at, happened_by=happened_by
    )
    if not dry_run and (day or known_at or happened_by):
        raise CannotDo(
            "A past day is looked at, and nothing is recorded of it: add --dry-run. 回看须加 --dry-run，不作登记。"
        )
    chosen = settings.read()
    with database.opened(chosen) as dsn:
        asyncio.run(_say(dsn, chosen, asked, Looking(by, under)) if dry_run else _record(dsn, chosen))


async def _record(dsn: str, chosen: Settings) -> None:
    async with _at_work(opened_to_record(dsn, chosen), dsn, chosen.county) as (store, views):
        keeper = Keeper(store.log, store.catalogue, remembered_streams=REMEMBERED)
        made = await _once_built(Watchman(views, keeper), await store.events.last_position())
    _tell(made)


async def _once_built(watchman: Watchman, head: int) -> Round:
    async with asyncio.timeout(BUILDING_SECONDS):
        while True:
            with suppress(ViewNotBuilt, ViewBehind):
                return await watchman.round(head)
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


def _tell(made: Round) -> None:
    table = Table("规则 rule", "", "预警 signals raised")
    for rule, count in sorted(made.raised.items()):
        table.add_row(rule, _called(rule), str(count))
    Console().print(table)
    print(f"视为受理 deemed accepted: {len(made.deemed)}")
    for code, count in sorted(made.refused.items()):
        print(f"未能登记 refused as {code}: {count}")


async def _say(dsn: str, chosen: Settings, asked: Asked, looking: Looking) -> None:
    county = chosen.county
    async with _at_work(opened_store(dsn, county), dsn, county) as (store, views):
        head = await store.events.last_position()
        findings, silent = await _found(views, asked, head)
        await looking.record_in(store, chosen, Action.read_signal, listed("/v1/watch", (), None))
    table = Table(
        "监察编号 number",
        "规则 rule",
        "灯 light",
        "对象 subject",
        "责任单位 unit",
        "期限 due",
        "自 since",
        "已有 raised",
    )
    for each in findings:
        table.add_row(
            each.signal_no,
            f"{each.rule_code} {_called(each.rule_code)}",
            each.light,
            each.subject,
            each.unit_code or "",
            str(each.due or ""),
            str(each.state_on),
            "✓" if each.is_raised else "",
        )
    Console(width=None if Console().is_terminal else 200).print(table)
    print(f"{asked.day}: 所见 found {len(findings)}, 应视为受理 to be deemed accepted {len(silent)}")


async def _found(views: ViewReaders, asked: Asked, head: int) -> tuple[list[Found], list[str]]:
    """Of now, not before the views hold everything."""
    if asked.mode == "live":
        asked = Asked(asked.day, min_position=head or None)
    async with asyncio.timeout(BUILDING_SECONDS):
        while True:
            with suppress(ViewNotBuilt, ViewBehind):
                async with reading(views, asked, NEEDED, within_seconds=BUILDING_SECONDS) as found:
                    eyes = Watch(found.connection)
                    findings = [
                        *await eyes.of_cases(asked.day),
                        *await eyes.accepted_twice(asked.day),
                        *await eyes.idle_windows(asked.day),
                    ]
                    return findings, await eyes.silent(asked.day)
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


@asynccontextmanager
async def _at_work(
    opened: AbstractAsyncContextManager[Store], dsn: str, county: str
) -> AsyncIterator[tuple[Store, ViewReaders]]:
    """The county, its views kept up to date meanwhile: by this process, where no other does. Raises CannotDo."""
    async with opened as store, opened_views(dsn, county) as views:
        await expect_own_views(dsn, county)
        keeping = asyncio.create_task(keep_views(dsn, county))
        try:
            yield store, views
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


def _called(rule: str) -> str:
    return RULES[RuleCode(rule)].title
