"""`jiandu projections`: which views there are, how they stand; build them anew, check them against the log."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Annotated, Final

import typer
from psycopg.rows import TupleRow
from rich.console import Console
from rich.table import Table

from domain.grammar import CHINA
from domain.store.connecting import Access
from domain.store.schema import County
from ops import database, settings
from ops.failures import CannotDo
from ops.keeping import expect_own_views, keep_views, keep_views_while_attached, told_when_being_read
from ops.migrate import NotAllowed, bring_up_to_date
from ops.waiting import waiting_line
from projections.engine import Engine, differences
from projections.engine_crew import crew_of
from projections.engine_desk import Desk, State
from projections.engine_schema import ViewNames, connect
from projections.health import event_at_fault
from projections.projection import Projection
from projections.registry import PROJECTIONS

LOOK_AGAIN_SECONDS: Final = 0.2

projections: Final = typer.Typer(
    help="视图 · The views over the log: how they stand; list, rebuild, check.", invoke_without_command=True
)

Names = Annotated[list[str] | None, typer.Argument(help="视图名,缺省为全部 · which; all where none is named")]


@projections.callback()
def stand(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        state()


@projections.command(
    "list", help="有哪些视图 · Which views there are, by which definition, on what they stand."
)
def list_() -> None:
    table = Table("视图 view", "定义 definition", "键 key", "依据 stands on")
    for projection in PROJECTIONS:
        needed = [need.name for need in projection.needs]
        table.add_row(
            projection.name, projection.hash, projection.key, " ".join([*projection.kinds, *needed])
        )
    Console().print(table)


@projections.command(help="现状 · How far each view is, and what keeps it.")
def state() -> None:
    _run(_show)


@projections.command(help="重建 · Build views anew beside the tables that are read, and switch.")
def rebuild(names: Names = None) -> None:
    wanted = _named(names)

    async def _rebuild(desk: Desk, access: Access) -> None:
        async with crew_of(access) as crew:
            await _rebuild_all(Engine(desk, PROJECTIONS, crew=crew), wanted)

    _run(_rebuild)


@projections.command(help="维护 · Keep the views up to date, beside or instead of a server's own process.")
def keep(
    *,
    attached: Annotated[
        bool, typer.Option(help="标准输入关闭即止 · end when standard input is closed")
    ] = False,
) -> None:
    chosen = settings.read()
    with database.opened(chosen) as dsn, suppress(KeyboardInterrupt):
        if not attached:  # whoever is attached has done so
            _bring_up_to_date(dsn, chosen.county)
        asyncio.run((keep_views_while_attached if attached else keep_views)(dsn, chosen.county))


@projections.command(help="核对 · Compare tables with what the log says; exit code 1 where they differ.")
def check(names: Names = None) -> None:
    wanted = _named(names)

    async def _check(desk: Desk, access: Access) -> None:
        await expect_own_views(access.dsn, access.county.schema)
        await _check_all(desk, wanted)

    _run(_check)


def _named(names: Sequence[str] | None) -> list[Projection]:
    unknown = set(names or ()) - {projection.name for projection in PROJECTIONS}
    if unknown:
        raise CannotDo(f"There is no view {', '.join(sorted(unknown))}. 没有此视图。")
    return [projection for projection in PROJECTIONS if not names or projection.name in names]


def _bring_up_to_date(dsn: str, county: str) -> None:
    with suppress(NotAllowed):  # a serving login finds the schemas made, or hears later that they are not
        bring_up_to_date(dsn, county)


def _run(work: Callable[[Desk, Access], Awaitable[None]]) -> None:
    chosen = settings.read()
    with database.opened(chosen) as dsn:
        _bring_up_to_date(dsn, chosen.county)
        asyncio.run(_at_desk(dsn, chosen.county, work))


async def _at_desk(dsn: str, county: str, work: Callable[[Desk, Access], Awaitable[None]]) -> None:
    access = Access(dsn, County.named(county))
    async with await connect(access, is_projector=True) as connection:
        await work(Desk(connection, ViewNames(access.county)), access)


async def _show(desk: Desk, _access: Access) -> None:
    head = await desk.last_position()
    states = await desk.states()
    table = Table("视图 view", "位置 position", "落后 behind", "状态 state", "刷新 refreshed")
    for projection in PROJECTIONS:
        if state := states.get(projection.name):
            when = (
                state.refreshed_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
                if state.refreshed_at
                else ""
            )
            behind = str(head - state.position)
            table.add_row(state.name, str(state.position), behind, _condition(projection, state), when)
        else:
            table.add_row(projection.name, "", str(head), "未建 not built yet", "")
    Console().print(table)
    # behind the table: its columns are narrow
    below = Console(soft_wrap=True, highlight=False, markup=False)
    known = [states[each.name] for each in PROJECTIONS if each.name in states]
    for failing in filter(_is_failing, known):
        below.print(_told(failing, await event_at_fault(desk.connection, failing)))


def _is_failing(state: State) -> bool:
    return state.failed_at is not None


def _told(failing: State, event: TupleRow | None) -> str:
    where = f"{failing.failed_upto} {' '.join(event)}" if event else _span(failing)
    return f"{failing.name}: 失败于 failing at {where}: {failing.failure}"


def _span(failing: State) -> str:
    return f"{(failing.failed_after or 0) + 1}–{failing.failed_upto}"


def _condition(projection: Projection, state: State) -> str:
    if _is_failing(state):
        return "失败 failing"
    if state.building is not None:
        return f"重建中 building {state.built_keys}/{state.total_keys}"
    if state.is_rebuild_wanted or state.definition != projection.hash:
        return "待重建 to be rebuilt"
    return "在用 live"


async def _rebuild_all(engine: Engine, wanted: Sequence[Projection]) -> None:
    """Works itself where nobody serves; else the server's worker does, and this looks on."""
    desk = engine.desk
    with told_when_being_read():
        await engine.prepare()
    for projection in wanted:
        await desk.note("want_rebuild", {"name": projection.name})
    with waiting_line() as tell:
        while pending := _pending(wanted, await desk.states()):
            if not await engine.run_once():
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
            states = await desk.states()
            await _expect_none_failing(desk, pending, states)
            tell(_progress(pending, states))
    print("已重建 rebuilt: " + " ".join(projection.name for projection in wanted))


async def _expect_none_failing(desk: Desk, pending: Sequence[Projection], states: dict[str, State]) -> None:
    """Raises CannotDo."""
    for projection in pending:
        state = states[projection.name]
        if state.failed_at is not None:
            raise CannotDo(_told(state, await event_at_fault(desk.connection, state)))


def _pending(wanted: Sequence[Projection], states: dict[str, State]) -> list[Projection]:
    return [
        projection
        for projection in wanted
        if (state := states[projection.name]).is_rebuild_wanted
        or state.building is not None
        or state.definition != projection.hash
    ]


def _progress(pending: Sequence[Projection], states: dict[str, State]) -> str:
    return " · ".join(
        f"{p.name} {states[p.name].built_keys}/{states[p.name].total_keys or 0}" for p in pending
    )


async def _check_all(desk: Desk, wanted: Sequence[Projection]) -> None:
    states = await desk.states()
    table = Table("视图 view", "位置 position", "缺 missing", "多 too many")
    differing = []
    for projection in wanted:
        state = states.get(projection.name)
        if state is None or state.definition != projection.hash:
            table.add_row(projection.name, "", "未建 not built yet", "")
            continue
        missing, surplus = await differences(desk, projection)
        table.add_row(projection.name, str(state.position), str(missing), str(surplus))
        if missing or surplus:
            differing.append(projection.name)
    Console().print(table)
    if differing:
        raise CannotDo(
            f"Not what the log says: {', '.join(differing)}; `jiandu projections rebuild` mends it. 与日志不符，请重建。"
        )
