"""Keeping the views in a process of their own: `jiandu serve` has one beside it, `jiandu projections keep` is one.

Under load a server's event loop is busy with requests: a worker inside it waits for its turn at every statement, and the
views fall behind by seconds that nobody works on (0091).
"""

from typing import Final, NoReturn

from domain.store.bell import Bell
from domain.store.connecting import Access, Readers
from domain.store.schema import County
from ops.beside import while_attached
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
