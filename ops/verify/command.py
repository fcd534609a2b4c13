"""`jiandu verify`: the whole log from its raw rows, one case, or two checkpoints against each other. Exit code 0 or 1."""

import asyncio
import re
import tempfile
from base64 import b64decode
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated, Final
from zipfile import ZipFile, is_zipfile

import psycopg
import typer
from psycopg import sql

from domain.access.permissions import Action
from domain.case import CASE
from domain.evidence import verify as offline
from domain.evidence.bundle import Evidence, bundle
from domain.evidence.verify import BROKEN, Checkpoint, Event, Refused, Trust
from domain.perusal.commands import ViewCaseFile
from ops import database, settings
from ops.evidence import gathered, public_keys
from ops.failures import CannotDo
from ops.looking import As, Looking, Under
from ops.settings import Settings
from ops.verify import receipts
from ops.verify.comparing import compare, kept
from ops.verify.inspection import Anchor, Brought, Verdict, inspect
from ops.verify.rows import Source

CHECKPOINTS_SHOWN: Final = 12
TROUBLES_SHOWN: Final = 20
UNSEEN: Final = (
    "! 见证记载 {count} 条不足所用策略的法定人数，其时间未予采信 · {count} times the log tells of witnesses that are no quorum of this policy:"
    " no time is taken from them"
)
NOTHING_OUTSIDE: Final = (
    "! 未与数据库之外的检查点核对：既未给出（--checkpoint），也未找到封印程序的记忆（--memory） · held against no checkpoint from outside the database:"
    " none was given, and no memory of the sealing worker is here"
)
_MEMORY_LINE: Final = re.compile(r"([1-9][0-9]*) ([A-Za-z0-9+/]{43}=)")


OneCase = Annotated[
    str | None, typer.Option(help="只核验此办件 · one case: its events, and that none is missing")
]
PolicyFile = Annotated[
    Path | None,
    typer.Option(
        help="策略文件（C2SP tlog-policy），缺省为本县自述 · whom you believe; else the county's own"
    ),
]
KeysFile = Annotated[
    Path | None, typer.Option(help="进程公钥清单，缺省为本县自述 · process keys; else the county's own")
]
HeldFiles = Annotated[
    list[Path] | None,
    typer.Option(
        help="您所持的检查点或证据包，可多次 · checkpoints that you hold, from witnesses or printed, or in a bundle"
    ),
]
MemoryFile = Annotated[
    Path | None,
    typer.Option(help="封印程序的外部记忆文件 · the sealing worker's memory, else the one beside the keys"),
]
EverySignature = Annotated[
    bool,
    typer.Option("--every-signature", help="逐一核验全部签名，较慢 · every signature of the log; slower"),
]
ReceiptFile = Annotated[
    Path | None,
    typer.Option(
        help="当事人的回执单（保存的网页或抄录的文字）或登记的答复 · a slip, as it was saved or copied, or the answer of a recorded action"
    ),
]
Compared = Annotated[
    tuple[Path, Path] | None,
    typer.Option(
        "--compare", help="两个检查点或证据包互相比对 · two checkpoints or bundles against each other"
    ),
]


def verify(
    case: OneCase = None,
    policy: PolicyFile = None,
    keys: KeysFile = None,
    checkpoint: HeldFiles = None,
    memory: MemoryFile = None,
    every_signature: EverySignature = False,
    receipt: ReceiptFile = None,
    compared: Compared = None,
    by: As = None,
    under: Under = None,
) -> None:
    chosen = settings.read()
    _expect_one_question(
        {"--case": case, "--receipt": receipt, "--compare": compared},
        {"--memory": memory, "--every-signature": every_signature or None},
        checkpoint,
    )
    trust = _trust(chosen, policy, keys)
    if case is not None:
        _verify_case(chosen, trust, case, checkpoint or (), Looking(by, under))
    elif compared is not None:
        _compare(*compared, trust)
    elif receipt is not None:
        _verify_receipt(chosen, trust, receipt)
    else:
        held = {str(path): _held_note(path) for path in checkpoint or ()}
        brought = Brought(trust, held, _remembered(chosen, memory))
        _verify_log(chosen, brought, every_signature=every_signature)


def _expect_one_question(
    questions: Mapping[str, object], of_the_log: Mapping[str, object], checkpoint: list[Path] | None
) -> None:
    """What is said and would not be looked at is not left unsaid. Raises CannotDo."""
    asked = [name for name, given in questions.items() if given is not None]
    beside = [name for name, given in of_the_log.items() if asked and given is not None]
    if checkpoint and asked and asked != ["--case"]:
        beside.append("--checkpoint")
    if len(asked) > 1 or beside:
        told = ", ".join([*asked, *beside])
        raise CannotDo(f"These do not go together: {told}. 不能同时使用：{told}。")


def _verify_log(chosen: Settings, brought: Brought, *, every_signature: bool) -> None:
    with database.opened(chosen) as dsn:
        source = Source(dsn, chosen.county, _origin(brought.trust))
        verdict = inspect(source, brought, every_signature=every_signature)
        _print(source, verdict)
    if not brought.remembered and not brought.held:
        print(NOTHING_OUTSIDE)
    if not verdict.is_good:
        raise SystemExit(1)


# Whom to believe.


def _trust(chosen: Settings, policy: Path | None, keys: Path | None) -> Trust:
    told = (
        (_read(policy) if policy else _own_policy(chosen).encode()),
        (_read(keys) if keys else _own_keys(chosen).encode()),
    )
    try:
        return Trust.read(*(as_written(each).decode() for each in told))
    except (Refused, *BROKEN) as error:
        raise CannotDo(f"Policy or keys cannot be used. 策略或公钥无法使用。\n  {error}") from error


def _own_policy(chosen: Settings) -> str:
    """The county's own word: enough to find what is wrong with the rows, not to believe the county."""
    return "".join(f"log {line}\n" for line in _public(chosen, "log")) + "quorum none\n"


def _own_keys(chosen: Settings) -> str:
    return f"process {_public(chosen, 'process')[0]} 1\n"


def _public(chosen: Settings, use: str) -> list[str]:
    found = public_keys(chosen, use)
    if not found:
        raise CannotDo(
            f"There are no public keys in {chosen.keys_folder}: give --policy and --keys."
            f" {chosen.keys_folder} 中没有公钥，请给出 --policy 与 --keys。"
        )
    return found


def _origin(trust: Trust) -> str:
    names = {key.name for key in trust.logs}
    if len(names) != 1:
        raise CannotDo("The policy must name one log. 策略须恰好列出一个日志。")
    return str(names.pop())


def as_written(told: bytes) -> bytes:
    """Of a file that was typed in, or saved, on whatever machine."""
    return told.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotDo(f"{path} cannot be read. 无法读取 {path}。\n  {error}") from error


def _held_note(path: Path) -> bytes:
    """A bundle that somebody keeps holds its checkpoint. Raises CannotDo."""
    if not is_zipfile(path):
        return as_written(_read(path)).strip() + b"\n"
    try:
        with ZipFile(path) as packed:
            return packed.read("checkpoint")
    except BROKEN as error:
        raise CannotDo(f"{path} cannot be read. 无法读取 {path}。\n  {error}") from error


def _remembered(chosen: Settings, asked: Path | None) -> dict[int, bytes]:
    path = asked or chosen.keys_folder / f"{chosen.county}.sealed"
    if asked is None and not path.exists():
        return {}
    lines = _read(path).decode("ascii", errors="replace").splitlines()
    found = {int(match[1]): b64decode(match[2]) for line in lines if (match := _MEMORY_LINE.fullmatch(line))}
    if asked is not None and not found:
        raise CannotDo(f"{path} is no memory of a sealing worker. {path} 不是封印程序的记忆文件。")
    return found


# One case.


def _verify_case(
    chosen: Settings, trust: Trust, case_no: str, held: Sequence[Path], looking: Looking
) -> None:
    """What a case tells that stands is a look at it; that one does not stand is told to whoever asks."""
    with database.opened(chosen) as dsn:
        notes = {str(path): _held_note(path) for path in held}
        sizes = [_held(trust, *each).size for each in notes.items()]
        found = asyncio.run(gathered(dsn, chosen, CASE.stream(case_no), sizes))
        lines = [_verified(found, trust, note) for note in notes.values() or (None,)][-1]
        look = ViewCaseFile(case_no=case_no, part="verification" if looking.under else None)
        asyncio.run(looking.record(dsn, chosen, Action.take_evidence, look))
    print("\n".join(lines))


def _held(trust: Trust, name: str, note: bytes) -> Checkpoint:
    """Raises CannotDo."""
    try:
        return trust.checkpoint(note, is_held=True)
    except (Refused, *BROKEN) as refused:
        raise CannotDo(f"{name}: {refused}") from refused


def _verified(found: Evidence, trust: Trust, held: bytes | None) -> list[str]:
    """Raises CannotDo."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.zip"
        path.write_bytes(bundle(found))
        try:
            return offline.verify(str(path), trust, held, [], offline.TOLERANCE_SECONDS)
        except (Refused, *BROKEN) as refused:
            raise CannotDo(f"Not proved. 未通过。\n  {refused}") from refused


# What somebody was given when it was recorded.


def _verify_receipt(chosen: Settings, trust: Trust, path: Path) -> None:
    try:
        events = receipts.told(_read(path).decode("utf-8", errors="replace"))
    except Refused as refused:
        raise CannotDo(f"{path}: {refused}") from refused
    with database.opened(chosen) as dsn:
        judged = receipts.judge(Source(dsn, chosen.county, _origin(trust)), trust, events)
    for line in chain.from_iterable(map(receipts.lines, judged)):
        print(line)
    if not all(each.is_good for each in judged):
        raise SystemExit(1)


# Against each other.


def _compare(one: Path, other: Path, trust: Trust) -> None:
    try:
        first, second = kept(one, trust), kept(other, trust)
        found = compare(first, second)
    except Refused as refused:
        raise CannotDo(f"They prove nothing. 不能作为证明。\n  {refused}") from refused
    for path, each in ((one, first), (other, second)):
        print(f"{path}: {each.top.origin} {each.top.size} {each.top.root.hex()}")
    if found.is_fork:
        print(
            "✗ 日志分叉：两者均有日志签名而互相矛盾 · A FORK: the log has signed both, and they contradict each other"
        )
        for position in found.differing:
            print(f"  事件 {position} 两者不同 · event {position} differs")
        raise SystemExit(1)
    if not found.is_shown:
        size = min(first.top.size, second.top.size)
        raise CannotDo(
            f"They do not contradict each other, and agree up to {found.agreed}. That the later continues the earlier is shown by a bundle"
            f" that is taken with --since {size}, or by the database (--checkpoint with each)."
            f" 两者未见矛盾，至 {found.agreed} 为止一致；大小不同，后者是否承接前者，须以 --since {size} 另取证据包，或分别以 --checkpoint 与数据库核对。"
        )
    print("✓ 两者属同一日志 · they are of one log")


# What people read.


def _print(source: Source, verdict: Verdict) -> None:
    for line in told(source, verdict):
        print(line)


def told(source: Source, verdict: Verdict) -> Iterator[str]:
    """The verdict in sentences, the first wrong event first."""
    with _named(source) as name:
        for trouble in verdict.troubles[:TROUBLES_SHOWN]:
            yield "✗ " + trouble.sentence(name(trouble.position))
    if len(verdict.troubles) > TROUBLES_SHOWN:
        yield f"✗ … 另有 {len(verdict.troubles) - TROUBLES_SHOWN} 处 · and more"
    for refusal in verdict.unsigned:
        yield f"✗ 检查点无效 · a checkpoint that does not hold: {refusal}"
    for event in verdict.lost:
        yield "! 已失，见恢复声明 · " + lost(event)
    if verdict.unseen:
        yield UNSEEN.format(count=verdict.unseen)
    yield from _checkpoints(verdict)
    if verdict.is_good:
        checked = verdict.signatures_checked
        yield f"✓ 全部 {verdict.size} 条成立，另验签名 {checked} 条 · all {verdict.size} events stand, {checked} signatures checked"
        yield f"  根 root {verdict.root.hex()}"


def lost(event: Event) -> str:
    """What is known of an event of which only the leaf is left."""
    return (
        f"event {event.position} is lost, as officers have stated: {event.stream} v{event.version}"
        f" {event.topic} {offline.shown(event.recorded)} {event.state_hash.hex()}"
    )


def _checkpoints(verdict: Verdict) -> Iterator[str]:
    bad = [anchor for anchor in verdict.anchors if not anchor.is_good]
    for anchor in bad[:CHECKPOINTS_SHOWN]:
        yield f"✗ 数据库已无法重现检查点 · no longer reproduced: {_shown(anchor)}"
    if len(bad) > CHECKPOINTS_SHOWN:
        yield f"✗ … 另有 {len(bad) - CHECKPOINTS_SHOWN} 个检查点 · and more"
    if (good := verdict.last_good) is not None:
        yield f"✓ 至此为止的一切成立 · everything up to here stands: {_shown(good)}"
    elif not verdict.is_good:
        yield "✗ 没有可依据的检查点 · no checkpoint stands before the first wrong event"


def _shown(anchor: Anchor) -> str:
    seen = " ".join(offline.shown(offline.EPOCH + timedelta(seconds=at)) for at in anchor.times)
    return f"{anchor.size} {anchor.root.hex()} ({anchor.whose}{'; 见证 seen ' + seen if seen else ''})"


@contextmanager
def _named(source: Source) -> Iterator[Callable[[int], str]]:
    """Says which event stands at a position."""
    asked = sql.SQL("select stream, version, topic from {} where position = %s order by 1 limit 1").format(
        sql.Identifier(source.schema, "events")
    )
    with psycopg.connect(source.dsn) as connection:

        def name(position: int) -> str:
            row = connection.execute(asked, [position]).fetchone()
            return f"（{row[0]} v{row[1]} {row[2]}）" if row else ""

        yield name
