"""Keeping the views in a process of their own: `jiandu serve` has one beside it, `jiandu projections keep` is one.

Under load a server's event loop is busy with requests: a worker inside it waits for its turn at every statement, and the
views fall behind by seconds that nobody works on (0091).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from psycopg.errors import LockNotAvailable

from domain.store.bell import Bell
from domain.store.connecting import Access, Readers
from domain.store.schema import County
from ops.beside import while_attached
from ops.failures import CannotDo
from projections.asked import ViewsTakenOver
from projections.engine_desk import Desk
from projections.engine_schema import ViewNames, connect
from projections.engine_views import make_first_views
from projections.engine_worker import Worker
from projections.registry import PROJECTIONS

ANSWER_SECONDS: Final = 30.0


async def keep_views(dsn: str, county: str) -> NoReturn:
    """Follows the log with every view that no other process keeps, until it is cancelled."""
    access = Access(dsn, County.named(county))
    readers = Readers(access, size=1, answer_within_seconds=ANSWER_SECONDS)
    bell = Bell(access, readers)
    try:
        await bell.start()
        await Worker(access, PROJECTIONS, bell.beyond).run()
    finally:
        await bell.close()
        await readers.close()


async def keep_views_while_attached(dsn: str, county: str) -> None:
    """The same for as long as standard input is open."""
    await while_attached(keep_views(dsn, county))


@contextmanager
def told_when_being_read() -> Iterator[None]:
    """For a command that makes definitions. Raises CannotDo where they are being read for longer than a moment (0190)."""
    try:
        yield
    except LockNotAvailable as error:
        raise CannotDo(
            "The views are being read, by a long export or a server that builds its tables: try again when it is done."
            " 视图正在被读取（较长的导出，或服务正在建表），请待其结束后重试。"
        ) from error


async def expect_own_views(dsn: str, county: str) -> None:
    """For a command that is no keeper: this version's definitions stand, made where nobody has served yet.

    Raises CannotDo where another version's stand. A command that put its own in their place would end what that version's
    server answers (0190).
    """
    access = Access(dsn, County.named(county))
    async with await connect(access, is_projector=True) as connection:
        try:
            with told_when_being_read():
                await make_first_views(Desk(connection, ViewNames(access.county)), PROJECTIONS)
        except ViewsTakenOver as error:
            raise CannotDo(
                "Another version of the programme keeps the views: read with that version, or let this one take them over"
                " first (`jiandu serve`, `jiandu projections keep`). 视图由另一版本的程序维护：请用该版本读取，或先由本版本接管"
                "（jiandu serve、jiandu projections keep）。"
            ) from error
