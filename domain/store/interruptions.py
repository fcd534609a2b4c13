"""What keeps a worker from its work on the database is said: once, and again while it lasts, though not with each try."""

from time import monotonic
from typing import Final

import psycopg
import structlog

from domain.store.connecting import Access, ConnectionLost, Link, is_newer

SAY_AGAIN_SECONDS: Final = 60.0
ANSWER_SECONDS: Final = 10.0

_log = structlog.get_logger(__name__)


class Interruptions:
    """Of one worker, which tries again by itself. `event`: what they are called in the operating log."""

    def __init__(self, access: Access, event: str) -> None:
        self._access = access
        self._event = event
        self._said: str | None = None
        self._said_at = 0.0

    async def tell(self, error: psycopg.Error) -> None:
        """Where a later step of the schema may be the reason (0193), it says so. Never in the database's detail: it quotes rows."""
        kind = error.sqlstate or type(error).__name__
        if kind == self._said and monotonic() - self._said_at < SAY_AGAIN_SECONDS:
            return
        self._said, self._said_at = kind, monotonic()
        reason = (error.diag.message_primary or str(error)).strip()
        _log.warning(self._event, error=type(error).__name__, reason=reason)
        if not isinstance(error, psycopg.OperationalError) and await self._is_newer():
            _log.error(
                "refused_by_newer_schema",
                code=error.sqlstate,
                hint="a newer version of Jiandu has migrated the database: have that version do this work",
            )

    async def _is_newer(self) -> bool:
        """Over another connection: that which was refused may be in the middle of something."""
        link = Link(self._access, answer_within_seconds=ANSWER_SECONDS)
        try:
            return await is_newer(link)
        except (ConnectionLost, psycopg.Error):
            return False
        finally:
            await link.close()
