"""Which database a command works on: the configured one, the one that is running, or one started for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from ops.embedded import EmbeddedPostgres, running_dsn
from ops.failures import CannotDo
from ops.settings import Settings


@contextmanager
def opened(settings: Settings) -> Iterator[str]:
    """The libpq URL of its owner. A database that was started for this is stopped afterwards.

    Raises CannotDo.
    """
    if dsn := configured(settings) or running_dsn(settings.data_dir):
        yield dsn
    else:
        with embedded(settings) as postgres:
            yield postgres.dsn


def configured(settings: Settings) -> str | None:
    return settings.database_url.get_secret_value() if settings.database_url else None


def embedded(settings: Settings) -> EmbeddedPostgres:
    """Not started yet: a context manager."""
    return EmbeddedPostgres(settings.data_dir, start_timeout_seconds=settings.database_start_seconds)


def unanswered() -> CannotDo:
    """What to say when a log cannot be read though its database stands: most often there is none under that name."""
    return CannotDo(
        "The database does not answer, or holds no log of that name (JIANDU_COUNTY; `jiandu migrate` makes one)."
        " 数据库无应答，或其中没有该名称的日志（见 JIANDU_COUNTY；以 `jiandu migrate` 建立）。"
    )


def unreachable(error: psycopg.OperationalError) -> CannotDo:
    """What to say when the database does not answer; libpq's words name host and user, never the password."""
    return CannotDo(f"The database cannot be used. 数据库无法使用。\n  {str(error).strip()}")
