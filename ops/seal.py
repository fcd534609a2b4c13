"""`jiandu seal`: keeps the log sealed, shows how far it is, and says again what the memory must hold on a new machine."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Final

import typer

from domain.proof.checkpoint import Checkpoint
from domain.proof.note import MalformedNote, Note, NotSigned, opened
from domain.proof.signing import Use
from domain.store.connecting import Access, Readers
from domain.store.continuity import Remembered
from domain.store.key_files import KeyFiles
from domain.store.schema import County
from domain.store.seal_reading import Quarantined, SealReader, SealStanding
from ops import database, settings
from ops.acknowledged import acknowledged_of, gone
from ops.beside import while_attached
from ops.failures import CannotDo
from ops.leaf_copy import leaf_copy_of
from ops.migrate import expect_no_newer
from ops.missing import missing as find_missing
from ops.missing import told
from ops.seal_memory import Signed, memory_of, trouble_beside
from ops.seal_troubles import told_trouble
from ops.sealing_worker import keep_sealed
from ops.settings import Settings

GENTLY: Final = 5
"""How far the sealing process stands back where processors are short: who records goes first."""

seal = typer.Typer(help="封印 · The signed tree over the log.", no_args_is_help=True)


@seal.command(help="维护 · Keep the log sealed, beside or instead of a server's own process.")
def keep(
    *,
    attached: Annotated[
        bool, typer.Option(help="标准输入关闭即止 · end when standard input is closed")
    ] = False,
) -> None:
    chosen = settings.read()
    os.nice(GENTLY)
    with database.opened(chosen) as dsn, suppress(KeyboardInterrupt):
        if not attached:  # whoever is attached goes on for as long as its server does
            expect_no_newer(dsn, chosen.county)
        keeping = keep_sealed(dsn, chosen)
        asyncio.run(while_attached(keeping) if attached else keeping)


@seal.command(help="现状 · How far the log is sealed, the last checkpoint, what is quarantined.")
def show() -> None:
    chosen = settings.read()
    with database.opened(chosen) as dsn:
        beside = trouble_beside(chosen)
        standing, quarantined = asyncio.run(_shown(dsn, chosen))
        lost = asyncio.run(_gone(dsn, chosen))
    print(f"日志末位 log ends at {standing.head},已封印 sealed up to {standing.size}")
    if trouble := standing.trouble or beside(standing.head):
        print(f"停止原因 trouble: {trouble} · {' '.join(told_trouble(trouble))}")
    if lost:
        print(_told_gone(lost))
    for position, reason, found_at in quarantined:
        print(f"隔离 quarantined: {position} {reason} {found_at.isoformat()}")
    if standing.note:
        print(standing.note, end="")


@seal.command(
    help="重记 · On a new machine: let the memory begin with the last checkpoint that this log's key has signed."
)
def remember() -> None:
    chosen = settings.read()
    with database.opened(chosen) as dsn:
        signed = asyncio.run(_remembered(dsn, chosen))
    print(f"已记住 remembered: {signed.size} {signed.root.hex()}")


@seal.command(
    help="缺失 · Name the events that were signed and that the log lacks: stream, version, time, topic, digest; and what was"
    " acknowledged last, where that is gone."
)
def missing() -> None:
    chosen = settings.read()
    with database.opened(chosen) as dsn:
        head = asyncio.run(_standing(dsn, chosen)).head
        lost = asyncio.run(_gone(dsn, chosen))
    signed = memory_of(chosen).last()
    is_shorter = signed is not None and signed.size > head
    if signed and is_shorter:
        found = find_missing(leaf_copy_of(chosen), signed, head)
        print(f"缺失 missing: {head + 1}–{signed.size}, 已签署的树根 signed root {signed.root.hex()}")
        print("\n".join(told(found)))
    if lost:
        print(_told_gone(lost))
    if not (is_shorter or lost):
        print(f"无缺失 Nothing is missing: 日志止于 the log ends at {head}")
        return
    raise typer.Exit(1)


def _told_gone(lost: Remembered) -> str:
    (recorded_at, position), _ = lost
    return f"已确认而不在 acknowledged and not there: {position} {recorded_at.isoformat()}"


async def _gone(dsn: str, chosen: Settings) -> Remembered | None:
    async with _readers(dsn, chosen) as readers:
        return await gone(readers, acknowledged_of(chosen))


async def _shown(dsn: str, chosen: Settings) -> tuple[SealStanding, Sequence[Quarantined]]:
    async with _readers(dsn, chosen) as readers:
        reader = SealReader(readers)
        return await reader.standing(), await reader.quarantined()


async def _standing(dsn: str, chosen: Settings) -> SealStanding:
    async with _readers(dsn, chosen) as readers:
        return await SealReader(readers).standing()


@asynccontextmanager
async def _readers(dsn: str, chosen: Settings) -> AsyncIterator[Readers]:
    readers = Readers(Access(dsn, County.named(chosen.county)), size=1)
    try:
        yield readers
    finally:
        await readers.close()


async def _remembered(dsn: str, chosen: Settings) -> Signed:
    """Raises CannotDo where the log's key in the folder did not sign the last checkpoint."""
    standing = await _standing(dsn, chosen)
    try:
        note = Note.from_bytes((standing.note or "").encode())
        opened(note, [file.key for file in KeyFiles(chosen.keys_folder).of(Use.log)])
    except (MalformedNote, NotSigned) as error:
        raise CannotDo(
            f"The last checkpoint is not signed by a key in {chosen.keys_folder}: {error}."
            f" 最近的检查点不是由 {chosen.keys_folder} 中的签名钥签署。"
        ) from error
    checkpoint = Checkpoint.from_text(note.text)
    signed = Signed(checkpoint.size, checkpoint.root)
    memory = memory_of(chosen)
    if (known := memory.last()) and known.size > signed.size:
        raise CannotDo(
            f"The memory knows a larger tree ({known.size}): the database was set back."
            f" 记忆文件已有更大的树（{known.size}）：数据库曾被回退。"
        )
    memory.remember(signed)
    return signed
