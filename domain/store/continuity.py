"""Whether the log behind a new connection is the one that was acknowledged: after a change of leader it may not be."""

from datetime import datetime

import structlog

from domain.log import LogSetBack
from domain.store.batch import Verdict
from domain.store.connecting import Link

_log = structlog.get_logger(__name__)


class Continuity:
    """Remembers the last event that this process acknowledged."""

    def __init__(self) -> None:
        self._position = 0
        self._recorded_at: datetime | None = None

    def note(self, acknowledged: Verdict) -> None:
        if acknowledged.last_position and acknowledged.last_position > self._position:
            self._position, self._recorded_at = acknowledged.last_position, acknowledged.recorded_at

    async def opened(self, link: Link) -> None:
        """A connection that is open, or opened here; a new one leads to a log that holds what was acknowledged.

        Raises LogSetBack, ConnectionLost.
        """
        if link.is_open:
            return
        await link.open()
        if self._recorded_at is None:
            return
        last = {"position": self._position, "recorded_at": self._recorded_at}
        ((is_there,),) = await link.ask("still_there", last)
        if not is_there:
            await link.close()
            _log.critical("log_set_back", acknowledged=self._position)
            raise LogSetBack
