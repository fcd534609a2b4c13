"""`jiandu demo`: a believable county in a minute. Fills an empty county, says what to look at, and serves it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from domain.application import Keeper
from domain.calendar import ONE_DAY
from domain.grammar import CHINA
from domain.store.county import Store
from ops import database, given, serve, settings
from ops.admin import opened_accounts
from ops.catalogue_files import load
from ops.county import opened_to_record
from ops.demo.filling import CASES, SEED, DemoReport, Edition, Filling, edition_of, tell
from ops.demo.sign_in import Sheet, ways_in
from ops.demo.sign_in import show as show_ways_in
from ops.demo.words import SHOWN, TROUBLES
from ops.failures import CannotDo
from ops.people import opened_people
from ops.serve import Port
from ops.settings import Settings

CATALOGUE: Final = Path(__file__).parents[1] / "demo_county"
EARLIEST_END: Final = date(2025, 1, 31)
"""The catalogue of the demo begins with 2024; nothing that it records may lie in the future."""
OPENING_TOPICS: Final = ("case.received.v1", "case.agent_entrusted.v1")


def demo(
    host: Annotated[str | None, typer.Option(help="监听地址 · listen here instead of JIANDU_HOST")] = None,
    port: Port = None,
    seed: Annotated[int, typer.Option(help="随机种子 · another county for another seed", min=0)] = SEED,
    until: Annotated[
        date | None,
        typer.Option(
            parser=given.day, help="截止日 · the last day of the year, YYYY-MM-DD; left out: yesterday"
        ),
    ] = None,
    cases: Annotated[int, typer.Option(help="办件数 · how many cases", min=1, max=8000)] = CASES,
) -> None:
    """Fills the county where it is empty, then serves it until it is stopped. Raises CannotDo."""
    chosen = settings.read()
    last_day = year_end(until, datetime.now(CHINA).date())
    with database.opened_to_set_up(chosen) as dsn:
        report = asyncio.run(prepare(dsn, chosen, Edition(seed, last_day, cases)))
        sheet = asyncio.run(_sheet(dsn, chosen)) if report else None
    show(report, Console())
    place = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    serving = chosen.model_copy(update=place)
    if sheet:
        show_ways_in(sheet, f"http://{serving.host}:{serving.port}", Console())
    serve.run(serving)


async def _sheet(dsn: str, chosen: settings.Settings) -> Sheet:
    async with opened_accounts(dsn, chosen) as accounts:
        return await ways_in(accounts, chosen.data_dir)


def year_end(until: date | None, today: date) -> date:
    """The last day of the demo's year. Raises CannotDo for what is not over yet, or before the catalogue."""
    yesterday = today - ONE_DAY
    last_day = until or yesterday
    if not EARLIEST_END <= last_day <= yesterday:
        raise CannotDo(
            f"The year must end between {EARLIEST_END} and yesterday. 截止日应在 {EARLIEST_END} 与昨天之间。"
        )
    return last_day


async def prepare(dsn: str, chosen: Settings, edition: Edition) -> DemoReport | None:
    """Fills the county where it has no case yet, or goes on where an earlier filling stopped.

    None: the county has cases of its own, and is left alone.
    """
    async with opened_to_record(dsn, chosen) as store:
        keeper = Keeper(store.log, store.catalogue, references=store.references)
        people = await opened_people(store, keeper, chosen.vault_keys_folder)
        begun = await _begun(store)
        if isinstance(begun, Edition):
            edition = begun
        elif begun:
            return None
        await load(keeper, people, CATALOGUE, received_at=datetime.now(CHINA))
        filling = await tell(keeper.catalogue, people, edition)
        if not await filling.is_recorded(store.log):
            with _shown(filling) as advance:
                await filling.record(keeper, advance)
        return filling.report


async def _begun(store: Store) -> Edition | bool:
    """The demo whose cases stand in the log; True: other cases do; False: none."""
    openings = [found for topic in OPENING_TOPICS for found in await store.events.page(0, 1, topic=topic)]
    if not openings:
        return False
    first = min(openings, key=lambda event: event.position)
    return edition_of(first.envelope.correlation) or True


@contextmanager
def _shown(filling: Filling) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("澄溪县 Chengxi county"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(filling.told))
        yield lambda deeds: bar.advance(task, deeds)


def show(report: DemoReport | None, console: Console) -> None:
    """Says in both languages what stands in the county, and which cases are worth a look."""
    if report is None:
        console.print("县里已有办件，未再填充。 The county has cases of its own; nothing was added.")
        return
    console.print(
        f"澄溪县（虚构）演示数据：{report.cases:,} 件办件，截至 {report.last_day}，种子 {report.seed}。"
        f" A fictitious county: {report.cases:,} cases up to {report.last_day}, seed {report.seed}.\n"
        "演示事件的 recorded_at 是真实登记时间（现在），occurred_at 是情节时间，correlation 以 demo- 开头。"
        " Demo events were really recorded now (recorded_at), happened in the story (occurred_at), and say demo- in"
        " their correlation.",
        soft_wrap=True,
    )
    for line in _examples(report):
        console.print(line, soft_wrap=True, highlight=False)


def _examples(report: DemoReport) -> Iterator[str]:
    """A line for each case, whole, so that its number can be copied."""
    for trouble in SHOWN:
        if number := report.examples.get(trouble):
            zh, en = TROUBLES[trouble]
            yield f"  {number}  {zh} · {en} ({report.troubles[trouble]:,})"
