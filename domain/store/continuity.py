"""Whether the log behind a new connection is the one that was acknowledged: after a change of leader it may not be."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import NamedTuple

import structlog
from psycopg.rows import TupleRow

from domain.log import LogSetBack
from domain.store.batch import Verdict
from domain.store.connecting import ConnectionLost, Link

_log = structlog.get_logger(__name__)

Ask = Callable[[str, Mapping[str, object]], Awaitable[list[TupleRow]]]


class Acknowledged(NamedTuple):
    """An event that was recorded, and whoever waited for it told so. Of two, the greater stands behind the other."""

    recorded_at: datetime
    position: int


class Remembered(NamedTuple):
    """What somebody acknowledged last, in the log whose first event was recorded at `begun_at`."""

    last: Acknowledged
    begun_at: datetime


async def is_gone(ask: Ask, last: Acknowledged, begun_at: datetime | None = None) -> bool:
    """Whether it stands there no more. Another log than the one that began then says nothing of that."""
    asked = {"position": last.position, "recorded_at": last.recorded_at, "begun_at": begun_at}
    ((is_there, is_this_log),) = await ask("still_there", asked)
    return is_this_log and not is_there


class Continuity:
    """Remembers the last event that this process acknowledged, and heeds what others did."""

    def __init__(self) -> None:
        self.last: Acknowledged | None = None
        self.remembered: Callable[[], Remembered | None] = lambda: None
        """What was acknowledged last as far as is known outside the database: by other processes, or before this one."""

    def note(self, acknowledged: Verdict) -> None:
        if acknowledged.last_position:
            found = Acknowledged(acknowledged.recorded_at, acknowledged.last_position)
            self.last = max(self.last or found, found)

    async def opened(self, link: Link) -> None:
        """A connection that is open, or opened here; a new one leads to a log that holds what was acknowledged.

        Where it lacks what others acknowledged, it may be a leader that was cut off: another is looked for.
        Raises LogSetBack, ConnectionLost.
        """
        if link.is_open:
            return
        remembered = self.remembered()  # before the connection: what others record meanwhile is no gap
        await link.open()
        if self.last is not None and await is_gone(link.ask, self.last):
            await link.close()
            _log.critical("log_set_back", acknowledged=self.last.position)
            raise LogSetBack
        if remembered is not None and await is_gone(link.ask, *remembered):
            await link.close()
            _log.error("log_lacks_acknowledged", acknowledged=remembered.last.position)
            raise ConnectionLost
