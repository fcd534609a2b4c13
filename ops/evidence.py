"""`jiandu evidence`: one case with everything that proves it, as a file to take away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic
from typing import Annotated, Final

import typer

from api.evidence import taking, witnesses_of
from domain.access.permissions import Action
from domain.case import CASE
from domain.evidence import verify as offline
from domain.evidence.bundle import Evidence, bundle, complete_as_of
from domain.evidence.verify import BROKEN, Refused, Trust
from domain.perusal.commands import ExportEvidence
from domain.store.connecting import Access, Readers
from domain.store.evidence import (
    STANDSTILL,
    Awaited,
    EvidenceBroken,
    EvidenceNotYet,
    EvidenceReader,
    NoSuchStream,
)
from domain.store.schema import County, SchemaNameRefused
from domain.store.seal_reading import SealReader
from ops import database, settings
from ops.drafts import drafted
from ops.failures import CannotDo
from ops.given import MOST_SECONDS
from ops.looking import As, Looking, Under
from ops.settings import Settings
from ops.waiting import waiting_line

READERS: Final = 2
NOBODY_SEALS: Final = timedelta(0)
"""A closed log is taken as it was left."""
WAIT_SECONDS: Final = 150.0
"""Longer than STANDSTILL: whoever waits is given what there is."""
MOMENT_SECONDS: Final = 1.0
AWAITED: Final = (
    "正等待封印、归入案头与见证 waiting until the case is sealed, rooted, and seen by witnesses: {seconds} s"
)
NOT_YET: Final = (
    "The case is not yet sealed, rooted and seen by witnesses: it lacks {awaited}. Where the server runs that takes a minute; `jiandu seal show` says"
    " what hinders it. 该办件尚未封印、归入案头并获见证，现缺{awaited_zh}；服务运行时一分钟即可，久等不成请看 `jiandu seal show`。"
)
LACKING: Final = {
    Awaited.keys: ("the keys that sign the log (`jiandu keys adopt`)", "签名钥（`jiandu keys adopt`）"),
    Awaited.seal: ("the seal", "封印"),
    Awaited.case_heads: ("a sealed root of case heads", "已封印的案头归根"),
    Awaited.witnesses: ("its witnesses (`jiandu witnesses show`)", "见证（`jiandu witnesses show`）"),
}
BROKEN_CASE: Final = (
    "Nothing is proved: the record of this case is not what was sealed. Keep the database as it is, the bundle if there is one, and ask"
    " `jiandu verify`. 不能证明：该办件的记录与封存的不符。请保留数据库现状及已生成的证据包，以 `jiandu verify` 查明。"
)
NEVER_ROOTED: Final = (
    "The log stopped before a root of case heads covered the case: nothing proves it as a case. `jiandu verify` checks its events with"
    " all others. 日志停止时，尚无案头归根覆盖该办件，无从整案取证；其各条事件仍可由 `jiandu verify` 随整个日志核验。"
)
SHORT_OF: Final = (
    "齐全至 {reach}，未及所持检查点 {held}，持有者不会认可：请一分钟后、或待见证人见证至该处后再取；日志本身是否短于该检查点，以 jiandu verify --checkpoint"
    " 核对 · complete as of {reach}, short of the checkpoint {held}: who holds it will refuse it. Take another in a minute, or once witnesses have seen"
    " as far; whether the log itself ends before it, jiandu verify --checkpoint says"
)


Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="写入此文件，缺省为 <办件编号>.zip · to this file")
]
Since = Annotated[
    list[int] | None,
    typer.Option(
        min=1,
        help="所持检查点的大小，可多次：证据包附其后的一致性证明 · size of a checkpoint that somebody holds",
    ),
]
Closed = Annotated[
    str | None,
    typer.Option(
        help="已封存的旧日志所在模式，查阅登记于现行日志 · out of a closed log beside this one, by its schema; the look stands in this one"
    ),
]
Wait = Annotated[
    float,
    typer.Option(
        min=0,
        max=MOST_SECONDS,
        help="至多等待封印与见证的秒数 · wait so many seconds at most for seal and witnesses",
    ),
]


def evidence(
    case_no: Annotated[str, typer.Argument(help="办件编号 · case number")],
    out: Out = None,
    since: Since = None,
    closed: Closed = None,
    wait: Wait = WAIT_SECONDS,
    by: As = None,
    under: Under = None,
) -> None:
    chosen, path, looking = settings.read(), out or Path(f"{case_no}.zip"), Looking(by, under)
    with database.opened(chosen) as dsn:
        asyncio.run(looking.expect_somebody(dsn, chosen))
        found = _found(dsn, chosen, CASE.stream(case_no), since or (), closed, wait)
        packed = bundle(found)
        look = taking(case_no, found, packed)
        with drafted(path) as file:
            file.write(packed)
            file.flush()
            asyncio.run(looking.record(dsn, chosen, Action.take_evidence, look))
    print(*_told(path, found, look, max(since or (), default=0)), sep="\n")
    _expect_proved(packed, found)


def _found(
    dsn: str, chosen: Settings, stream: str, since: Sequence[int], closed: str | None, wait: float
) -> Evidence:
    """Raises CannotDo."""
    if closed is None:
        return asyncio.run(gathered(dsn, chosen, stream, since, wait_seconds=wait))
    beside = chosen.model_copy(update={"county": closed})
    return asyncio.run(gathered(dsn, beside, stream, since, standstill=NOBODY_SEALS, wait_seconds=0))


def _told(path: Path, found: Evidence, look: ExportEvidence, held: int) -> Iterator[str]:
    yield f"{path}: 事件 {len(found.case)} 条 · {len(found.case)} events; SHA-256 {look.bundle_sha256}"
    seen_by = "、".join(witnesses_of(found)) or "尚无 nobody"
    yield f"  检查点 checkpoint {look.checkpoint_size}，见证 seen by {seen_by}"
    for each in found.later:
        yield f"  ! 未证，仅列其名 · named, NOT proved: {each}"
    if (reach := complete_as_of(found)) < held:
        yield "  ! " + SHORT_OF.format(reach=reach, held=held)


def _expect_proved(packed: bytes, found: Evidence) -> None:
    """By the county's own keys: what fails by these fails everywhere. The file stays: it shows what is wrong. Raises CannotDo."""
    with NamedTemporaryFile(suffix=".zip") as whole:
        whole.write(packed)
        whole.flush()
        try:
            trust = Trust.read(found.policy, found.keys)
            offline.verify(whole.name, trust, None, [], offline.TOLERANCE_SECONDS)
        except (Refused, *BROKEN) as refused:
            raise CannotDo(f"{BROKEN_CASE}\n  {refused}") from refused


async def gathered(
    dsn: str,
    chosen: Settings,
    stream: str,
    since: Sequence[int] = (),
    *,
    standstill: timedelta = STANDSTILL,
    wait_seconds: float = WAIT_SECONDS,
) -> Evidence:
    """Raises CannotDo."""
    try:
        readers = Readers(Access(dsn, County.named(chosen.county)), size=READERS)
    except SchemaNameRefused:
        raise database.unanswered() from None
    reader = EvidenceReader(SealReader(readers))
    try:
        return await _awaited(lambda: reader.of(stream, since=since, standstill=standstill), wait_seconds)
    except NoSuchStream:
        raise CannotDo("The log holds no such case. 日志中没有此办件。") from None
    except EvidenceBroken as broken:
        raise CannotDo(f"{BROKEN_CASE}\n  #{broken.position}") from None
    except EvidenceNotYet as lacking:
        raise CannotDo(NEVER_ROOTED if standstill == NOBODY_SEALS else _not_yet(lacking)) from None
    finally:
        await readers.close()


def _not_yet(lacking: EvidenceNotYet) -> str:
    awaited, awaited_zh = LACKING[lacking.awaited]
    return NOT_YET.format(awaited=awaited, awaited_zh=awaited_zh)


async def _awaited(asked: Callable[[], Awaitable[Evidence]], seconds: float) -> Evidence:
    """Asks until there is evidence. Raises EvidenceNotYet once so many seconds have passed."""
    until = monotonic() + seconds
    with waiting_line() as tell:
        while True:
            try:
                return await asked()
            except EvidenceNotYet:
                if (left := until - monotonic()) <= 0:
                    raise
            tell(AWAITED.format(seconds=round(left)))
            await asyncio.sleep(min(left, MOMENT_SECONDS))


def public_keys(chosen: Settings, use: str) -> list[str]:
    """The lines of the key files of that use, the first key first."""
    files = sorted(chosen.keys_folder.glob(f"{use}-*.pub"), key=lambda path: int(path.stem.partition("-")[2]))
    return [file.read_text(encoding="utf-8").strip() for file in files]
