"""What was acknowledged last, remembered outside the database: a file beside the seal's memory, one for all processes here.

One line, `<position> <recorded at> <first event recorded at>`, as ISO 8601. It only ever names an event that was committed and
acknowledged, and in which log; so whoever starts after a change of leader knows what has to be there. A file that cannot be
read or written is told and stops nobody: it knows of the last second, the seal's memory of all before.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn

import psycopg
import structlog

from domain.log import LogBusy
from domain.store.connecting import Readers
from domain.store.continuity import Acknowledged, Continuity, Remembered, is_gone
from domain.store.county import Store
from domain.store.durable import write_anew
from domain.store.key_files import KeyFiles
from domain.store.keys import Told, told
from domain.store.mapper import StoredEvent
from ops.failures import CannotDo
from ops.settings import Settings
from ops.witnesses.heeding import expect_whole

REMEMBER_SECONDS: Final = 0.25
"""So much of what was acknowledged may be forgotten with a process that is killed."""

_log = structlog.get_logger(__name__)


class AcknowledgedMemory:
    """What was acknowledged last of one log, by whichever process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._trouble: str | None = None

    def last(self) -> Remembered | None:
        """None: nothing is known. Why it cannot be read is said when that begins, and when it is something else."""
        try:
            last, trouble = self._read(), None
        except FileNotFoundError:
            last, trouble = None, None
        except (OSError, ValueError) as error:
            last, trouble = None, str(error)
        if trouble not in (None, self._trouble):
            _log.error("acknowledged_unreadable", path=str(self.path), reason=trouble)
        self._trouble = trouble
        return last

    def _read(self) -> Remembered:
        """Raises OSError, ValueError."""
        position, recorded_at, begun_at = self.path.read_text(encoding="ascii").split()
        return Remembered(Acknowledged(_moment(recorded_at), int(position)), _moment(begun_at))

    def remember(self, remembered: Remembered) -> None:
        """On disk when it returns, unless something later of the same log is. Raises OSError."""
        with self._to_itself():
            known = self.last()
            if known is None or known.begun_at != remembered.begun_at or known.last < remembered.last:
                self._write(remembered)

    def renew(self, remembered: Remembered) -> None:
        """Whatever was remembered: it is stated to be lost. Raises OSError."""
        with self._to_itself():
            self._write(remembered)

    def _write(self, remembered: Remembered) -> None:
        (recorded_at, position), begun_at = remembered
        told = f"{position} {recorded_at.isoformat()} {begun_at.isoformat()}\n"
        write_anew(self.path, told.encode())

    @contextmanager
    def _to_itself(self) -> Iterator[None]:
        """One process at a time writes here; the folder itself is locked, so that nobody owns the lock."""
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def acknowledged_of(chosen: Settings) -> AcknowledgedMemory:
    return AcknowledgedMemory(chosen.keys_folder / f"{chosen.county}.acknowledged")


@asynccontextmanager
async def recording(store: Store, chosen: Settings) -> AsyncIterator[None]:
    """Inside, it may be recorded: nothing that was signed or acknowledged is gone, and what is acknowledged is remembered.

    Raises CannotDo.
    """
    memory = await expect_nothing_gone(store, chosen)
    store.log.continuity.remembered = memory.last
    diary = _Diary(store, memory)
    keeping = asyncio.create_task(diary.keep(), name="remember")
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await diary.write()


async def expect_nothing_gone(store: Store, chosen: Settings) -> AcknowledgedMemory:
    """That what was signed or acknowledged stands in the log. Raises CannotDo."""
    memory = acknowledged_of(chosen)
    await expect_whole(chosen, store.events.last_position)
    await _expect_acknowledged(store, chosen, memory)
    return memory


async def gone(readers: Readers, memory: AcknowledgedMemory) -> Remembered | None:
    """What is remembered and stands in the log no more. Raises LogBusy."""
    remembered = memory.last()
    return remembered if remembered and await is_gone(readers.fetch, *remembered) else None


async def excuse_what_is_stated(
    readers: Readers, said: Told, continuity: Continuity, memory: AcknowledgedMemory, files: KeyFiles
) -> None:
    """For who goes on behind a loss without starting anew: what is stated to be lost is expected no more.

    Raises LogBusy, KeysUnreadable.
    """
    if continuity.last and _stated(said, continuity.last, files):
        continuity.last = None
    found = await gone(readers, memory)
    if found and (stands := _stated(said, found.last, files)):
        try:
            memory.renew(_standing_for(found, stands))
        except OSError as error:
            _log.error("acknowledged_not_remembered", path=str(memory.path), reason=str(error))


async def _expect_acknowledged(store: Store, chosen: Settings, memory: AcknowledgedMemory) -> None:
    """Raises CannotDo where it is gone and nobody has stated so."""
    if (found := await gone(store.readers, memory)) is None:
        return
    stands = await _counts_instead(store, chosen, found.last)
    if stands is None:
        raise CannotDo(_told(found.last, await store.events.last_position(), memory.path))
    _renew(memory, _standing_for(found, stands))


async def _counts_instead(store: Store, chosen: Settings, lost: Acknowledged) -> StoredEvent | None:
    """The statement that it is lost; in a log without keys, where nobody can state anything, whatever stands last."""
    said = await told(store.readers)
    if said.origin is None:
        _log.critical("log_set_back", acknowledged=lost.position)
        return (await store.events.stored(await store.events.last_position() - 1, 1))[0]
    return _stated(said, lost, KeyFiles(chosen.keys_folder))


def _stated(said: Told, lost: Acknowledged, files: KeyFiles) -> StoredEvent | None:
    return said.stated_lost(lost.position, lost.recorded_at, files.anchors())


def _standing_for(lost: Remembered, stands: StoredEvent) -> Remembered:
    """What is remembered in place of what is lost for good."""
    return Remembered(Acknowledged(stands.recorded_at, stands.position), lost.begun_at)


def _told(last: Acknowledged, head: int, path: Path) -> str:
    at = last.recorded_at.isoformat()
    return (
        f"Event {last.position}, recorded at {at}, was acknowledged here and is not in the log, which ends at {head}: another"
        " database has taken over and lacks the log's end, or this one was set back. Keep everything as it is and bring back the"
        " database that has it; where none is left, two officers state the loss (`jiandu recover`). Nothing is lost where a copy"
        f" of this county was recorded in under these keys, or is now: then remove {path}, or use a copy of the folder."
        f" 第 {last.position} 条（{at} 登记）已在此确认，而日志止于 {head}，其中没有该条：接替的数据库缺少日志末尾，或数据库曾被回退。"
        "请保全现场，恢复保有该记录的数据库；确无此库的，由两名人员声明（jiandu recover）。"
        f"如系用这些密钥在本县的副本上登记过，或现在所用的正是副本，则并无丢失：请删除 {path}，或改用密钥目录的副本。"
    )


def _renew(memory: AcknowledgedMemory, remembered: Remembered) -> None:
    try:
        memory.renew(remembered)
    except OSError as error:
        raise CannotDo(
            f"{memory.path} names an event that is lost for good, and cannot be written anew: {error}. Remove the file."
            f" {memory.path} 所记的记录已确定丢失，而该文件无法改写（{error}）。请删除该文件。"
        ) from error


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(f"{written}: no moment")
    return moment


class _Diary:
    """Writes down what a process acknowledges, now and then and at its end."""

    def __init__(self, store: Store, memory: AcknowledgedMemory) -> None:
        self._store = store
        self._memory = memory
        self._written: Acknowledged | None = None
        self._begun_at: datetime | None = None
        self._is_troubled = False

    async def keep(self) -> NoReturn:
        while True:
            await asyncio.sleep(REMEMBER_SECONDS)
            await self.write()

    async def write(self) -> None:
        """Where that cannot be done it is said once, and tried again."""
        last = self._store.log.continuity.last
        if last is None or last == self._written:
            return
        try:
            remembered = Remembered(last, await self._begun())
            await asyncio.to_thread(self._memory.remember, remembered)
        except (OSError, LogBusy, psycopg.Error, IndexError) as error:
            if not self._is_troubled:
                _log.error("acknowledged_not_remembered", path=str(self._memory.path), reason=str(error))
            self._is_troubled = True
            return
        self._written, self._is_troubled = last, False

    async def _begun(self) -> datetime:
        if self._begun_at is None:
            first = await self._store.events.stored(0, 1)
            self._begun_at = first[0].recorded_at
        return self._begun_at
