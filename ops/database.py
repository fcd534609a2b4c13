"""Which database a command works on: the configured one, the one that is running, or one started for it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import psycopg

from domain.log import LogBusy, LogSetBack, NewerSchema, OutcomeUnknown, StorageFull
from domain.store.schema import counties
from ops.embedded import EmbeddedPostgres, is_made, running_dsn
from ops.failures import CannotDo
from ops.settings import Settings

_NOT_NOW: Final[Mapping[type[Exception], str]] = {
    LogSetBack: "The database lacks records that were acknowledged; nothing is recorded until they are brought back."
    " 数据库中缺少已确认登记的记录，恢复之前不作登记。",
    NewerSchema: "A newer version of Jiandu has migrated the database and refuses this; use that version."
    " 数据库已由更新版本的程序升级并拒收，请使用该版本。",
    StorageFull: "The storage under the database is full; free some and try again."
    " 数据库所在存储空间已满，请腾出空间后重试。",
    LogBusy: "The database did not answer in time; try again shortly. 数据库未及时答复，请稍后重试。",
    OutcomeUnknown: "The database was lost while it recorded; look whether it did before you try again."
    " 登记时与数据库失去联系；重试前请先查明是否已登记。",
}
"""The first that fits: what is more special stands before what it is a kind of."""


@contextmanager
def opened(settings: Settings) -> Iterator[str]:
    """As `opened_to_set_up`, where the county is there: a name that was mistyped makes none.

    Raises CannotDo.
    """
    if not (configured(settings) or is_made(settings.data_dir)):
        raise CannotDo(
            f"There is no database in {settings.data_dir} (JIANDU_DATA_DIR); `jiandu migrate` makes one."
            f" {settings.data_dir} 中没有数据库（见 JIANDU_DATA_DIR）；以 `jiandu migrate` 建立。"
        )
    with opened_to_set_up(settings) as dsn:
        if settings.county not in (found := counties(dsn)):
            raise _no_county(settings.county, found)
        yield dsn


@contextmanager
def opened_to_set_up(settings: Settings) -> Iterator[str]:
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


def embedded(settings: Settings, *, restarts_itself: bool = True) -> EmbeddedPostgres:
    """Not started yet: a context manager."""
    return EmbeddedPostgres(
        settings.data_dir,
        start_timeout_seconds=settings.database_start_seconds,
        restarts_itself=restarts_itself,
    )


def not_now(error: LogBusy | OutcomeUnknown) -> CannotDo:
    """What to say when the log takes nothing, or does not say whether it did."""
    return CannotDo(next(told for kind, told in _NOT_NOW.items() if isinstance(error, kind)))


def _no_county(county: str, found: Sequence[str]) -> CannotDo:
    """What to say where the log is missing that the settings name: which there are."""
    en, zh = (f"but {', '.join(found)}", f"现有 {'、'.join(found)}") if found else ("nor any", "尚无任何日志")
    return CannotDo(
        f"The database holds no log {county} (JIANDU_COUNTY), {en}; `jiandu migrate` makes one."
        f" 数据库中没有该名称的日志 {county}（见 JIANDU_COUNTY），{zh}；以 `jiandu migrate` 建立。"
    )


def unanswered(by_database: str | None = None) -> CannotDo:
    """What to say when a log cannot be read though its database stands: most often there is none under that name.

    `by_database`: in its words.
    """
    told = f"\n  {by_database}" if by_database else ""
    return CannotDo(
        "The database does not answer, or holds no log of that name (JIANDU_COUNTY; `jiandu migrate` makes one)."
        " 数据库无应答，或其中没有该名称的日志（见 JIANDU_COUNTY；以 `jiandu migrate` 建立）。" + told
    )


def unreachable(error: psycopg.OperationalError) -> CannotDo:
    """What to say when the database does not answer; libpq's words name host and user, never the password."""
    return CannotDo(f"The database cannot be used. 数据库无法使用。\n  {str(error).strip()}")
