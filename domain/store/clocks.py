"""Whose clock is wrong, people must find out; that they differ is said here.

The log's stamps come from the database's clock and never run backwards: after a jump they stand still until the clock
has caught up. What happened when, callers say by their own.
"""

from datetime import UTC, datetime
from typing import Final

import structlog

from domain.store.metrics import Metrics

MAY_DIFFER_SECONDS: Final = 60

log = structlog.get_logger(__name__)


class ClockWatch:
    """Compares what is stamped on the log with this process's clock."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._do_differ = False

    def look(self, recorded_at: datetime) -> None:
        """Just now something was recorded with this stamp."""
        ahead = (recorded_at - datetime.now(UTC)).total_seconds()
        self._metrics.clock_ahead_seconds.set(ahead)
        do_differ = abs(ahead) > MAY_DIFFER_SECONDS
        if do_differ != self._do_differ:
            self._do_differ = do_differ
            log.warning("clocks_differ" if do_differ else "clocks_agree", log_ahead_seconds=round(ahead))
