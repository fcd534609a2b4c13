"""Keeping a county sealed: one process at a time holds its seat, others wait for it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Final, NoReturn

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.attestation import ATTESTATIONS, HEADS
from domain.grammar import Rejected
from domain.log import LogBusy, OutcomeUnknown, VersionConflict
from domain.store.append import Appender
from domain.store.attesting import Attester
from domain.store.bell import Bell
from domain.store.connecting import Access, Readers
from domain.store.continuity import Continuity
from domain.store.interruptions import Interruptions
from domain.store.key_files import KeyFiles, KeysUnreadable
from domain.store.keys import signer_among, told
from domain.store.log import PostgresLog
from domain.store.mapper import Mapper
from domain.store.metrics import Metrics
from domain.store.pen import Pen
from domain.store.schema import County
from domain.store.sealing import SealDesk, SealMoved, connect
from ops.acknowledged import AcknowledgedMemory, acknowledged_of, excuse_what_is_stated
from ops.heads import SEALER, Rooting
from ops.leaf_copy import LeafCopy, leaf_copy_of
from ops.seal_memory import MemoryUnreadable, SealMemory, memory_of
from ops.sealing import PORTION, Sealing, SealingRefused
from ops.settings import Settings
from ops.witnesses.heeding import heed, policy_of

ROUND_SECONDS: Final = 0.5
"""So long a round takes at least: under load one checkpoint then covers many events."""
LOOK_SECONDS: Final = 1.0
"""So soon it looks again where it could not go on."""
AGAIN_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 30.0

NOT_NOW: Final = (
    psycopg.Error,
    SealMoved,
    LogBusy,
    OutcomeUnknown,
    VersionConflict,
    Rejected,
    KeysUnreadable,
)
"""What keeps a root of the heads from being said now; the next time finds the same again."""

SET_BACK: Final = ("log-shorter", "memory-contradicts")
"""Troubles of a log that is not the one which was signed: nothing may be recorded over the gap."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Seat:
    """What a process needs to seal: a connection that holds the county's seat, a pen for its own statements."""

    access: Access
    readers: Readers
    pen: Pen
    log: PostgresLog
    files: KeyFiles
    memory: SealMemory
    copy: LeafCopy
    acknowledged: AcknowledgedMemory
    continuity: Continuity


@asynccontextmanager
async def _seat(dsn: str, chosen: Settings) -> AsyncIterator[Seat]:
    access = Access(dsn, County.named(chosen.county))
    async with AsyncExitStack() as stack:
        readers = Readers(access, size=1, answer_within_seconds=ANSWER_SECONDS)
        stack.push_async_callback(readers.close)
        bell = Bell(access, readers)
        await bell.start_telling()
        stack.push_async_callback(bell.close)
        pen = Pen()
        appender = Appender(
            access,
            Metrics(chosen.county),
            pen,
            on_growth=lambda first, last, _: bell.ring(first, last),
            writers=1,
        )
        acknowledged = acknowledged_of(chosen)
        appender.continuity.remembered = acknowledged.last
        appender.start()
        stack.push_async_callback(appender.close)
        log = PostgresLog(appender, readers, Mapper(ATTESTATIONS))
        yield Seat(
            access,
            readers,
            pen,
            log,
            KeyFiles(chosen.keys_folder),
            memory_of(chosen),
            leaf_copy_of(chosen),
            acknowledged,
            appender.continuity,
        )


async def keep_sealed(dsn: str, chosen: Settings) -> NoReturn:
    """Seals whatever is recorded, until it is cancelled. A lost database is waited for."""
    async with _seat(dsn, chosen) as seat:
        interruptions = Interruptions(seat.access, "sealing_interrupted")
        if (policy := policy_of(chosen)) is not None:
            await heed(policy, seat.files, seat.memory)
        while True:
            try:
                async with await connect(seat.access) as connection:
                    await _sit(seat, connection, chosen.heads_seconds)
            except psycopg.Error as error:
                await interruptions.tell(error)
            except LogBusy:
                pass
            await asyncio.sleep(AGAIN_SECONDS)


async def _sit(seat: Seat, connection: AsyncConnection[TupleRow], heads_seconds: int) -> None:
    """Waits for the seat, and seals for as long as the connection lasts."""
    await connection.set_autocommit(True)
    desk = SealDesk(connection)
    await _take_seat(desk)
    sealing = Sealing(
        desk, seat.files, seat.memory, before_signing=partial(copied_before_signing, seat.copy, desk)
    )
    rooting = Rooting(desk, Attester(seat.log, seat.readers, HEADS, SEALER))
    rooted = monotonic()
    while True:  # it looks by itself: a log that grows rings a bell some hundred times a round
        began = monotonic()
        goes_on = await _round(sealing, desk)
        if heads_seconds and monotonic() - rooted >= heads_seconds:
            rooted = monotonic()
            await _root(seat, desk, rooting)
        await asyncio.sleep(max(0.0, began + ROUND_SECONDS - monotonic()) if goes_on else LOOK_SECONDS)


async def copied_before_signing(copy: LeafCopy, desk: SealDesk, origin: str, sealed: int, size: int) -> None:
    """Of a tree about to be signed. A disk that is full keeps nothing from being sealed: it is said, and tried again."""
    try:
        copy.cut(sealed)  # what was copied and then not signed may have been lost since
        while len(copy) < size:
            copy.extend(await desk.leaves(origin, len(copy) + 1, min(size, len(copy) + PORTION)))
    except OSError as error:
        _log.error("leaves_not_copied", reason=str(error))


async def _take_seat(desk: SealDesk) -> None:
    while not await desk.is_seated():  # noqa: ASYNC110  — another process's end rings no bell here
        await asyncio.sleep(LOOK_SECONDS)


async def _round(sealing: Sealing, desk: SealDesk) -> bool:
    """Whether sealing can go on. What keeps it from going on stands in the database."""
    try:
        sealed = await sealing.round()
    except SealMoved:
        raise psycopg.OperationalError("the seal was moved") from None
    except (SealingRefused, MemoryUnreadable, KeysUnreadable, OSError) as error:
        await _complain(desk, _trouble(error), error)
        return False
    if sealed.quarantined is None:
        if sealed.trouble is not None:
            await desk.complain(None)
        return True
    await _complain(desk, f"quarantine {sealed.quarantined}")
    return False


def _trouble(error: Exception) -> str:
    match error:
        case SealingRefused(trouble=trouble):
            return trouble
        case MemoryUnreadable():
            return "memory-unreadable"
        case _:
            return "keys-unreadable"


async def _complain(desk: SealDesk, trouble: str, error: Exception | None = None) -> None:
    """Said once, and left standing until sealing goes on."""
    if (await desk.standing()).trouble != trouble:
        level = logging.INFO if trouble == "unsigned-log" else logging.CRITICAL
        _log.log(level, "not_sealing", trouble=trouble, reason=str(error or ""))
        await desk.complain(trouble)


async def _root(seat: Seat, desk: SealDesk, rooting: Rooting) -> None:
    """What cannot be said now is said the next time."""
    try:
        if (await desk.standing()).trouble in SET_BACK:
            return
        said = await told(seat.readers)
        await excuse_what_is_stated(seat.readers, said, seat.continuity, seat.acknowledged, seat.files)
        if said.origin is not None:
            ring = said.ring(said.origin, seat.files.anchors())
            next_position = (await desk.standing()).head + 1
            seat.pen.signer = signer_among(seat.files, ring, said.origin, next_position)
        if seat.pen.signer is not None:
            await rooting.root()
    except NOT_NOW as trouble:
        _log.warning("case_heads_put_off", reason=type(trouble).__name__)
