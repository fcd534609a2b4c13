"""`jiandu keys`: the keys that sign events and checkpoints: made, shown, rotated, retired; and the adoption of old records."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from domain.application import Keeper
from domain.attestation.commands import (
    AddLogKey,
    AddProcessKey,
    AdoptUnsignedEvents,
    RetireLogKey,
    RetireProcessKey,
)
from domain.grammar import Rejected
from domain.proof.leaf import Leaf
from domain.proof.signing import KeyRing, ProcessSigner, Use, root_over
from domain.store.county import Store
from domain.store.key_files import KeyFile, KeyFiles, KeysUnreadable
from domain.store.keys import PROCESS, Told, signer_among, told
from domain.store.leaves import leaves_between
from ops import database, settings
from ops.acknowledged import recording
from ops.county import opened_store, opened_to_record
from ops.failures import CannotDo, not_taken
from ops.settings import Settings
from ops.signing import LOOK_SECONDS, found, log_signer_among, origin_of, say

LOOKED_BACK: Final = 1000
"""So many of the latest events are looked at before a process key is retired."""
SETTLED: Final = timedelta(seconds=2 * LOOK_SECONDS)
"""So long after its introduction every running process signs with a key."""

Opened = Callable[[Settings], AbstractContextManager[str]]

keys = typer.Typer(help="签名钥 · The keys that sign events and checkpoints.", no_args_is_help=True)


@keys.command(
    "list", help="列出签名钥 · Every key of the folder and of the log, and the positions at which it counts."
)
def list_keys() -> None:
    _work(_list)


@keys.command("create", help="建立首套签名钥 · Make the first keys of an empty log, and introduce them.")
def create() -> None:
    _work(_create, database.opened_to_set_up)


@keys.command(
    "rotate",
    help="启用新签名钥 · Make a further key and introduce it; running processes take it up within seconds.",
)
def rotate(
    use: Annotated[Use, typer.Option(help="process:登记进程 · events;log:日志 · checkpoints")] = Use.process,
) -> None:
    async def rotating(chosen: Settings, dsn: str) -> None:
        async with opened_to_record(dsn, chosen) as store:
            made = await rotated(store, chosen, use)
            print(f"{made.name} {made.key.vkey()}")

    _work(rotating)


@keys.command("retire", help="停用签名钥 · From now on this key counts no more; its file may be destroyed.")
def retire(
    name: Annotated[str, typer.Argument(help="如 process-1,见 jiandu keys list · as listed")],
    reason: Annotated[str, typer.Option(help="停用原因 · why")] = "轮换 rotation",
    is_lost: Annotated[
        bool, typer.Option("--lost", help="钥已丢失或外泄，立即停用 · lost or leaked: retire at once")
    ] = False,
) -> None:
    async def retiring(chosen: Settings, dsn: str) -> None:
        async with opened_to_record(dsn, chosen) as store:
            position = await retired(store, chosen, name, reason, is_lost=is_lost)
            print(f"{name} 已于第 {position} 条停用 · retired at position {position}")

    _work(retiring)


@keys.command(
    "replace",
    help="补立进程钥 · The process keys are lost: the log key introduces a new one, and retires those whose files are gone.",
)
def replace(
    reason: Annotated[str, typer.Option(help="何时、如何遗失 · when and how they were lost")],
) -> None:
    async def replacing(chosen: Settings, dsn: str) -> None:
        async with opened_store(dsn, chosen.county) as store, recording(store, chosen):
            made = await replaced(store, chosen, reason)
            print(f"{made.name} {made.key.vkey()}")

    _work(replacing)


@keys.command(
    "adopt",
    help="认领无签名记录 · Take events without a signature into the tree, by a statement that names them.",
)
def adopt(
    reason: Annotated[str, typer.Option(help="为何认领 · why")],
    last: Annotated[int | None, typer.Option(min=1, help="认领到此位置 · up to this position")] = None,
) -> None:
    async def adopting(chosen: Settings, dsn: str) -> None:
        async with opened_store(dsn, chosen.county) as store, recording(store, chosen):
            first, upto = await adopted(store, chosen, reason, last)
            print(f"已认领第 {first} 至 {upto} 条 · positions {first} to {upto} are adopted")

    _work(adopting)


def _work(done: Callable[[Settings, str], Awaitable[Any]], opened: Opened = database.opened) -> None:
    chosen = settings.read()
    try:
        with opened(chosen) as dsn:
            asyncio.run(_awaited(done, chosen, dsn))
    except Rejected as rejected:
        raise CannotDo(f"{rejected.__doc__} {rejected.ZH}") from rejected
    except ValidationError as error:
        raise not_taken(error) from None
    except (KeysUnreadable, OSError) as error:
        raise CannotDo(f"The keys cannot be used. 签名钥无法使用。\n  {error}") from error


async def _awaited(done: Callable[[Settings, str], Awaitable[Any]], chosen: Settings, dsn: str) -> None:
    await done(chosen, dsn)


async def _create(chosen: Settings, dsn: str) -> None:
    async with opened_store(dsn, chosen.county) as store, recording(store, chosen):
        said = await told(store.readers)
        if said.origin is not None:
            raise CannotDo(
                "The log has its keys; `jiandu keys rotate` adds another. 日志已有签名钥，可用 jiandu keys rotate 增加。"
            )
        if not said.rows and await store.events.last_position():
            raise CannotDo(
                "The log holds events that nobody signed: `jiandu keys adopt` makes its keys and adopts them."
                " 日志中已有无签名记录，请用 jiandu keys adopt 建立签名钥并认领。"
            )
        await found(store, KeyFiles(chosen.keys_folder), origin_of(said, chosen))
    await _list(chosen, dsn)


async def _list(chosen: Settings, dsn: str) -> None:
    files = KeyFiles(chosen.keys_folder)
    async with opened_store(dsn, chosen.county) as store:
        said = await told(store.readers)
    ring = said.ring(origin_of(said, chosen), files.anchors())
    table = Table("文件 file", "用途 use", "自 from", "至 to", "私钥 private", "公钥 key")
    for row in _rows(files, ring):
        table.add_row(*row)
    Console(width=None if Console().is_terminal else 250).print(table)


def _rows(files: KeyFiles, ring: KeyRing) -> list[tuple[str, ...]]:
    file_by_key = {file.key: file for file in files.all()}
    rows: list[tuple[str, ...]] = []
    for term in ring.terms:
        file = file_by_key.pop(term.key, None)
        upto = "" if term.last is None else str(term.last)
        rows.append(
            (file.name if file else "", term.use, str(term.first), upto, _mark(file), term.key.vkey())
        )
    return rows + [
        (each.name, each.use, "–", "–", _mark(each), each.key.vkey()) for each in file_by_key.values()
    ]


def _mark(file: KeyFile | None) -> str:
    return "✓" if file and file.is_private else ""


async def rotated(store: Store, chosen: Settings, use: Use) -> KeyFile:
    """A further key of that use, introduced by one that counts."""
    files, origin = KeyFiles(chosen.keys_folder), _origin(await told(store.readers))
    with files.to_itself():
        made = files.create(use, origin + PROCESS if use is Use.process else origin)
    vkey = made.key.vkey()
    await say(_keeper(store), AddProcessKey(key=vkey) if use is Use.process else AddLogKey(key=vkey))
    return made


async def replaced(store: Store, chosen: Settings, reason: str) -> KeyFile:
    """A new process key, introduced by the log key; those that count and are not in the folder count no more.

    Raises CannotDo where a process key is at hand, or no log key is.
    """
    files, said = KeyFiles(chosen.keys_folder), await told(store.readers)
    origin, position = _origin(said), await store.events.last_position() + 1
    ring = said.ring(origin, files.anchors())
    if signer_among(files, ring, origin, position) is not None:
        raise CannotDo(
            "A process key that counts is here: `jiandu keys rotate` adds another."
            " 目录中仍有可用的进程签名钥，可用 jiandu keys rotate 增加。"
        )
    store.pen.signer = log_signer_among(files, ring, origin, position)
    with files.to_itself():
        made = files.create(Use.process, origin + PROCESS)
    await say(_keeper(store), AddProcessKey(key=made.key.vkey()))
    store.pen.signer = ProcessSigner(origin, made.signer())
    for lost in ring.at(position):
        await say(_keeper(store), RetireProcessKey(key=lost.vkey(), reason=reason))
    return made


async def retired(store: Store, chosen: Settings, name: str, reason: str, *, is_lost: bool) -> int:
    """Ends the key's term; the position at which. Raises CannotDo, Rejected."""
    file = next((each for each in KeyFiles(chosen.keys_folder).all() if each.name == name), None)
    if file is None:
        raise CannotDo(
            f"There is no key {name} in {chosen.keys_folder}. {chosen.keys_folder} 中没有 {name}。"
        )
    vkey = file.key.vkey()
    if file.use is Use.log:
        return await say(_keeper(store), RetireLogKey(key=vkey, reason=reason))
    if not is_lost:
        await _expect_unused(store, chosen, file)
    return await say(_keeper(store), RetireProcessKey(key=vkey, reason=reason))


async def _expect_unused(store: Store, chosen: Settings, file: KeyFile) -> None:
    """What a process signs with a key after its retirement is not sealed. Raises CannotDo."""
    said = await told(store.readers)
    origin = _origin(said)
    ring = said.ring(origin, KeyFiles(chosen.keys_folder).anchors())
    last = await store.events.last_position()
    newest = ring.at(last + 1)[0]
    since = next(term.first for term in ring.terms if term.key == newest)
    leaves = await leaves_between(store.readers, origin, max(since - 1, last - LOOKED_BACK), last)
    if newest != file.key and _has_settled(leaves) and ring.signer(leaves[-1]) != file.key:
        return
    raise CannotDo(
        f"{file.name} may still sign. After `jiandu keys rotate`, wait {SETTLED.seconds} s, or stop the process that uses"
        f" it. {file.name} 可能仍在签名：轮换后请等待 {SETTLED.seconds} 秒，或停止使用它的进程。"
    )


def _has_settled(leaves: Sequence[Leaf]) -> bool:
    """Whether the newest key was introduced so long ago that every running process has taken it up."""
    return datetime.now(UTC) - leaves[0].recorded_at >= SETTLED


async def adopted(store: Store, chosen: Settings, reason: str, last: int | None) -> tuple[int, int]:
    """Adopts the events that nobody's signature covers, from the first of them on; answers their positions."""
    files, said = KeyFiles(chosen.keys_folder), await told(store.readers)
    origin = origin_of(said, chosen)
    head = await store.events.last_position()
    first = await _first_unsigned(store, has_keys=said.origin is not None)
    leaves = await leaves_between(store.readers, origin, first, min(last or head, head))
    ring = said.ring(origin, files.anchors())
    run = _unsigned_run(leaves, ring)
    if not run:
        raise CannotDo("Every event is signed: there is nothing to adopt. 全部记录均有签名，无需认领。")
    if said.origin is None:
        await found(store, files, origin)
    else:
        await _sign_with_own(store, files, ring, origin, head + 1)
    command = AdoptUnsignedEvents(
        first=run[0].position, last=run[-1].position, root=root_over(run).hex(), reason=reason
    )
    await say(_keeper(store), command)
    return run[0].position, run[-1].position


async def _first_unsigned(store: Store, *, has_keys: bool) -> int:
    quarantined: int | None = (await store.readers.fetch("first_quarantined", {}))[0][0]
    return quarantined or (1 if not has_keys else 1 + await store.events.last_position())


def _unsigned_run(leaves: list[Leaf], ring: KeyRing) -> list[Leaf]:
    """The events up to the first that is signed."""
    run: list[Leaf] = []
    for leaf in leaves:
        if ring.signer(leaf):
            break
        run.append(leaf)
    return run


async def _sign_with_own(store: Store, files: KeyFiles, ring: KeyRing, origin: str, position: int) -> None:
    store.pen.signer = signer_among(files, ring, origin, position)
    if store.pen.signer is None:
        raise CannotDo(
            f"No key in {files.folder} counts in this log. {files.folder} 中没有本日志认可的签名钥。"
        )


def _origin(said: Told) -> str:
    """Of a log that has keys."""
    if said.origin is None:
        raise CannotDo("The log has no keys yet: `jiandu keys create`. 日志尚无签名钥：jiandu keys create。")
    return said.origin


def _keeper(store: Store) -> Keeper:
    return Keeper(store.log, store.catalogue)
