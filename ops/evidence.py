"""`jiandu evidence`: one case with everything that proves it, as a file to take away."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import typer

from api.evidence import taking
from domain.access.permissions import Action
from domain.case import CASE
from domain.evidence.bundle import Evidence, bundle
from domain.store.connecting import Access, Readers
from domain.store.evidence import STANDSTILL, EvidenceNotYet, EvidenceReader, NoSuchStream
from domain.store.schema import County
from domain.store.seal_reading import SealReader
from ops import database, settings
from ops.failures import CannotDo
from ops.looking import As, Looking, Under
from ops.settings import Settings

READERS: Final = 2
NOBODY_SEALS: Final = timedelta(0)
"""A closed log is taken as it was left."""
NOT_YET: Final = "The case is not sealed and rooted yet: the server does both within a minute. 该办件尚未封印并归入案头，请稍候一分钟。"
NEVER_ROOTED: Final = (
    "The log stopped before a root of case heads covered the case: nothing proves it as a case. `jiandu verify` checks its events with"
    " all others. 日志停止时，尚无案头归根覆盖该办件，无从整案取证；其各条事件仍可由 `jiandu verify` 随整个日志核验。"
)


def evidence(
    case_no: Annotated[str, typer.Argument(help="办件编号 · case number")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="写入此文件，缺省为 <办件编号>.zip · to this file")
    ] = None,
    since: Annotated[
        list[int] | None,
        typer.Option(
            help="所持检查点的大小，可多次：证据包附其后的一致性证明 · size of a checkpoint that somebody holds"
        ),
    ] = None,
    closed: Annotated[
        str | None,
        typer.Option(
            help="已封存的旧日志所在模式，查阅登记于现行日志 · out of a closed log beside this one, by its schema; the look stands in this one"
        ),
    ] = None,
    by: As = None,
    under: Under = None,
) -> None:
    chosen = settings.read()
    read = chosen.model_copy(update={"county": closed or chosen.county})
    with database.opened(chosen) as dsn:
        stream, standstill = CASE.stream(case_no), NOBODY_SEALS if closed else STANDSTILL
        found = asyncio.run(gathered(dsn, read, stream, since or (), standstill=standstill))
        packed = bundle(found)
        look = taking(case_no, found, packed)
        asyncio.run(Looking(by, under).record(dsn, chosen, Action.take_evidence, look))
    path = out or Path(f"{case_no}.zip")
    path.write_bytes(packed)
    print(
        f"{path}: 事件 {len(found.case)} 条 · {len(found.case)} events; SHA-256 {sha256(packed).hexdigest()}"
    )
    for each in found.later:
        print(f"  ! 未证，仅列其名 · named, NOT proved: {each}")


async def gathered(
    dsn: str,
    chosen: Settings,
    stream: str,
    since: Sequence[int] = (),
    *,
    standstill: timedelta = STANDSTILL,
) -> Evidence:
    """Raises CannotDo."""
    readers = Readers(Access(dsn, County.named(chosen.county)), size=READERS)
    try:
        return await EvidenceReader(SealReader(readers)).of(stream, since=since, standstill=standstill)
    except NoSuchStream:
        raise CannotDo("The log holds no such case. 日志中没有此办件。") from None
    except EvidenceNotYet:
        raise CannotDo(NEVER_ROOTED if standstill == NOBODY_SEALS else NOT_YET) from None
    finally:
        await readers.close()


def public_keys(chosen: Settings, use: str) -> list[str]:
    """The lines of the key files of that use, the first key first."""
    files = sorted(chosen.keys_folder.glob(f"{use}-*.pub"), key=lambda path: int(path.stem.partition("-")[2]))
    return [file.read_text(encoding="utf-8").strip() for file in files]
