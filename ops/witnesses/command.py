"""`jiandu witnesses`: how the log stands with its witnesses, and the way to one that only a USB stick reaches."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from domain.attestation import COSIGNATURES
from domain.grammar import CHINA, Rejected
from domain.log import VersionConflict
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import MalformedNote, Note, NotSigned, Signature, opened
from domain.proof.policy import Known, Policy
from domain.proof.witnessing import Trouble
from domain.store.attesting import Attester
from domain.store.connecting import Access
from domain.store.county import Store
from domain.store.schema import County
from domain.store.seal_reading import Kept, SealReader
from domain.store.sealing import connect
from domain.store.witnesses import Acquaintance, WitnessDesk
from ops import database, settings
from ops.county import opened_to_record
from ops.failures import CannotDo
from ops.settings import Settings
from ops.witness.stick import COSIGNED
from ops.witness.submission import submitted
from ops.witnesses.asking import reminder_of
from ops.witnesses.feeding import StoredTree, recording, word_of
from ops.witnesses.heeding import policy_of
from ops.witnesses.keeping import WITNESSER
from ops.witnesses.stick import Brought, claim, expect_no_others, put, sizes

witnesses: Final = typer.Typer(
    help="见证状况 · The log's witnesses: how they stand, and those reached by USB stick.",
    no_args_is_help=True,
)
NameArgument = Annotated[str, typer.Argument(help="策略文件中的见证人名称 · as the policy names it")]
FolderArgument = Annotated[Path, typer.Argument(help="U 盘上的文件夹 · a folder on the stick")]

REMEMBERS_ANOTHER: Final = (
    "{name} has not cosigned {size}: it remembers {remembered}. Say `jiandu witnesses submit` again, with this stick."
    " {name} 未见证 {size}，其所记为 {remembered}；请以此 U 盘重新执行 `jiandu witnesses submit`。"
)
REFUSED_IT: Final = "{name} has not cosigned {size}. {name} 未见证 {size}。\n  {refusal}"
AHEAD: Final = (
    "{name} remembers a tree of {remembered}, and this log is sealed up to {size}: was the database set back? Change nothing, and ask `jiandu seal missing`."
    " {name} 所记为 {remembered}，本日志仅封印至 {size}，数据库或已回退；请勿改动，先看 `jiandu seal missing`。"
)


class Desk(NamedTuple):
    """What these words work with."""

    policy: Policy
    store: Store
    reader: SealReader
    witnesses: WitnessDesk

    def named(self, name: str) -> Known:
        """Raises CannotDo."""
        try:
            return self.policy.witnesses[name]
        except KeyError:
            known = ", ".join(self.policy.witnesses)
            raise CannotDo(
                f"The policy names no witness {name}; it names {known}. 策略中没有见证人 {name}，只有 {known}。"
            ) from None

    async def acquaintance(self, name: str) -> Acquaintance:
        await self.witnesses.introduce([self.named(name)])
        return (await self.witnesses.known(self.policy))[self.named(name).key.vkey()]


@witnesses.command(help="现状 · How far each has cosigned, since when, and what is wrong.")
def show() -> None:
    _work(_show)


@witnesses.command(help="请见证 · Write the latest checkpoint to a stick, for that witness.")
def submit(name: NameArgument, folder: FolderArgument) -> None:
    _work(lambda desk: _submit(desk, name, folder))


@witnesses.command(help="收见证 · Take that witness's cosignature from the stick.")
def accept(name: NameArgument, folder: FolderArgument) -> None:
    _work(lambda desk: _accept(desk, name, folder))


async def _show(desk: Desk) -> None:
    await desk.witnesses.introduce(desk.policy.witnesses.values())
    for each in (await desk.witnesses.known(desk.policy)).values():
        seen = _when(each.seen_at)
        print(
            f"{each.name}: 已见证 cosigned {each.size}, 最近 last {seen}, 异常 trouble {each.trouble or '–'}"
        )
    standing = await desk.witnesses.standing(desk.policy)
    print(
        f"法定见证 quorum: {standing.size}, 此刻之前均无待见证 nothing waited for one before {_when(standing.unwitnessed_since)}"
    )


def _when(moment: datetime | None) -> str:
    return moment.astimezone(CHINA).isoformat(" ", "seconds") if moment else "–"


async def _submit(desk: Desk, name: str, folder: Path) -> None:
    expect_no_others(folder, desk.named(name))
    latest = await _checkpoint(desk, None)
    reminder = await _reminder(desk, name, folder)
    old = reminder.size if reminder else await _last_cosigned(desk, name, folder)
    if old > latest.size:
        raise CannotDo(AHEAD.format(name=name, remembered=old, size=latest.size))
    claim(folder, desk.named(name))
    path = put(folder, reminder.size, reminder.submission) if reminder else folder
    if reminder is None or reminder.size < latest.size:
        path = put(folder, latest.size, await _submission(desk, old, latest.size, latest.note.encode()))
    print(f"{path}: 交见证人 {name} · take it to the witness {name}: jiandu witness cosign <folder> {folder}")


async def _submission(desk: Desk, old: int, size: int, note: bytes) -> bytes:
    return submitted(old, await desk.reader.tree.consistency(old, size) if 0 < old < size else [], note)


class Reminder(NamedTuple):
    """What shows a witness its own later word: it keeps that as evidence of its memory, and goes on from there."""

    size: int
    submission: bytes


async def _reminder(desk: Desk, name: str, folder: Path) -> Reminder | None:
    """Where the stick tells that the witness remembers less than it cosigned, and both are still known here."""
    known, told = await desk.acquaintance(name), Brought.on(folder).remembered
    if told is None or told >= known.size:
        return None
    await desk.witnesses.in_trouble(desk.named(name).key.vkey(), Trouble.forgetful)
    print(
        f"见证人 {name} 所记小于其已见证的，请联系其保管人 · it remembers {told}, and cosigned {known.size}: call its keeper"
    )
    note = await reminder_of(StoredTree(desk.reader), word_of(known))
    return Reminder(known.size, await _submission(desk, told, known.size, note)) if note else None


async def _last_cosigned(desk: Desk, name: str, folder: Path) -> int:
    """As the witness itself has told on this stick, or else as it is known here: an answer may have been lost on its way."""
    told = Brought.on(folder).remembered
    return (await desk.acquaintance(name)).size if told is None else told


async def _accept(desk: Desk, name: str, folder: Path) -> None:
    """The largest first: what a witness says of a tree, it says of all that lies in it."""
    expect_no_others(folder, desk.named(name))
    size, path = _largest(name, folder)
    latest = await _checkpoint(desk, size)
    note, signature = _signed(latest, path, desk.named(name))
    await desk.acquaintance(name)
    await desk.witnesses.cosigned(desk.named(name).key.vkey(), size, signature.line())
    await _record(desk, note, signature)
    print(f"已收见证 accepted: {name}, {size}")
    _expect_answered(name, folder)


def _largest(name: str, folder: Path) -> tuple[int, Path]:
    size = max(sizes(folder, COSIGNED), default=None)
    if size is None:
        _expect_answered(name, folder)
        raise CannotDo(f"No file <size>{COSIGNED} in {folder}. {folder} 中没有见证文件。")
    return size, folder / f"{size}{COSIGNED}"


def _expect_answered(name: str, folder: Path) -> None:
    """What was submitted last was cosigned, as far as it was answered. Raises CannotDo."""
    brought = Brought.on(folder)
    if brought.remembered is not None:
        raise CannotDo(REMEMBERS_ANOTHER.format(name=name, size=brought.size, remembered=brought.remembered))
    if brought.refusal is not None:
        raise CannotDo(REFUSED_IT.format(name=name, size=brought.size, refusal=brought.refusal))


async def _checkpoint(desk: Desk, size: int | None) -> Kept:
    kept = await desk.reader.checkpoint(size)
    if kept is None:
        raise CannotDo("There is no such checkpoint in this log. 日志中没有这一检查点。")
    return kept


def _signed(kept: Kept, path: Path, witness: Known) -> tuple[Note, Signature]:
    try:
        together = Note.from_bytes(kept.note.encode() + path.read_bytes())
        return Note.from_bytes(kept.note.encode()), opened(together, [witness.key])[-1]
    except (MalformedNote, NotSigned) as error:
        raise CannotDo(
            f"{path} is no cosignature of {witness.name}: {error}. 不是该见证人的见证。"
        ) from error


async def _record(desk: Desk, note: Note, signature: Signature) -> None:
    """In the log as well, unless others have cosigned more by now."""
    attester = Attester(desk.store.log, desk.store.readers, COSIGNATURES, WITNESSER)
    try:
        await attester.say(recording(Checkpoint.from_text(note.text), (*note.signatures, signature)))
    except (Rejected, VersionConflict):
        print(
            "其他见证人已见证更大的树，本见证存于日志之外 Others have cosigned a larger tree by now: this one is kept beside the log."
        )


def _work(done: Callable[[Desk], Awaitable[None]]) -> None:
    chosen = settings.read()
    policy = policy_of(chosen)
    if policy is None:
        raise CannotDo("JIANDU_WITNESS_POLICY names no witnesses. 未设见证策略文件。")
    with database.opened(chosen) as dsn:
        asyncio.run(_done(done, chosen, dsn, policy))


async def _done(done: Callable[[Desk], Awaitable[None]], chosen: Settings, dsn: str, policy: Policy) -> None:
    async with _desk(chosen, dsn, policy) as desk:
        await done(desk)


@asynccontextmanager
async def _desk(chosen: Settings, dsn: str, policy: Policy) -> AsyncIterator[Desk]:
    async with (
        opened_to_record(dsn, chosen) as store,
        await connect(Access(dsn, County.named(chosen.county))) as connection,
    ):
        await connection.set_autocommit(True)
        yield Desk(policy, store, SealReader(store.readers), WitnessDesk(connection))
