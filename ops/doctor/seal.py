"""The seal: whether the log is signed, how far it is sealed, what is quarantined, and whether the keys lie as they should."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from psycopg import Connection, errors, sql

from domain.proof.signing import Use
from domain.store.key_files import KeyFile, KeyFiles, KeysUnreadable
from domain.store.keys import STREAM
from domain.store.schema import County
from domain.store.statements import STATEMENTS
from ops.acknowledged import acknowledged_of
from ops.doctor.findings import Finding, Health
from ops.seal_memory import trouble_beside
from ops.seal_troubles import told_trouble
from ops.settings import Settings

LATE_SECONDS: Final = 60
"""What is not sealed for so long is not being sealed."""


def findings(connection: Connection[Any], chosen: Settings) -> Iterator[Finding]:
    """None before the county is there."""
    beside = trouble_beside(chosen)
    try:
        is_signed, head, size, trouble, waited, quarantined = _standing(connection, chosen.county)
    except (errors.UndefinedTable, errors.InvalidSchemaName, errors.UndefinedColumn):
        return
    if not is_signed:
        yield _without_keys(head)
        return
    yield _sealed(head, size, waited)
    if trouble := trouble or beside(head):
        zh, en = told_trouble(trouble)
        yield Finding(Health.ill, f"封印停止：{zh}", f"sealing has stopped: {en}")
    yield from _acknowledged(connection, chosen)
    yield Finding.judged(not quarantined, f"隔离 {quarantined} 条", f"{quarantined} events are quarantined")
    yield from _keys(KeyFiles(chosen.keys_folder))


def _acknowledged(connection: Connection[Any], chosen: Settings) -> Iterator[Finding]:
    """What was acknowledged on this machine and stands in the log no more: nothing that records opens then."""
    if (remembered := acknowledged_of(chosen).last()) is None:
        return
    (recorded_at, position), begun_at = remembered
    asked = {"position": position, "recorded_at": recorded_at, "begun_at": begun_at}
    with reading(connection, County.named(chosen.county)):
        connection.execute(sql.SQL("set local search_path to {}").format(sql.Identifier(chosen.county)))
        is_there, is_this_log = connection.execute(STATEMENTS["still_there"], asked).fetchall()[0]
    if is_this_log and not is_there:
        yield Finding(
            Health.ill,
            f"已确认的第 {position} 条不在日志中，不予登记；请运行 jiandu seal missing",
            f"event {position} was acknowledged and is not in the log; nothing is recorded: run `jiandu seal missing`",
        )


def _standing(connection: Connection[Any], county: str) -> tuple[bool, int, int, str | None, float, int]:
    query = sql.SQL("""
        select
            exists (select from {events} where stream = %(keys)s),
            coalesce((select max(position) from {events}), 0),
            coalesce(seal.size, 0),
            seal.trouble,
            coalesce(
                extract(epoch from clock_timestamp() - (
                    select recorded_at from {events} where position = coalesce(seal.size, 0) + 1
                )),
                0
            )::float8,
            (select count(*) from {quarantine} where adopted_at is null)
        from (select) as one
        left join {seal} as seal on true
    """).format(**{name: sql.Identifier(county, name) for name in ("events", "quarantine", "seal")})
    with reading(connection, County.named(county)):
        row: tuple[bool, int, int, str | None, float, int] = connection.execute(
            query, {"keys": STREAM}
        ).fetchall()[0]
    return row


@contextmanager
def reading(connection: Connection[Any], county: County) -> Iterator[None]:
    """As the auditor, who can read and nothing else; a login that may not become one, or where there is none yet, reads as what it came as."""
    with connection.transaction():
        with suppress(errors.InsufficientPrivilege, errors.InvalidParameterValue), connection.transaction():
            connection.execute(sql.SQL("set local role {}").format(sql.Identifier(county.auditor)))
        yield


def _without_keys(head: int) -> Finding:
    return Finding.judged(
        head == 0,
        "日志尚无签名钥" if head == 0 else "日志没有签名钥，未封印；请运行 jiandu keys adopt",
        "the log has no keys yet"
        if head == 0
        else "the log has no keys and is not sealed: run `jiandu keys adopt`",
        otherwise=Health.doubtful,
    )


def _sealed(head: int, size: int, waited: float) -> Finding:
    return Finding.judged(
        waited < LATE_SECONDS,
        f"已封印 {size} 条，共 {head} 条，最早的已等 {waited:.0f} 秒",
        f"sealed up to {size} of {head}; the first that is not has waited {waited:.0f} s",
        otherwise=Health.doubtful,
    )


def _keys(files: KeyFiles) -> Iterator[Finding]:
    try:
        own = [file for file in files.all() if file.is_private]
    except KeysUnreadable as error:
        yield Finding(Health.ill, f"密钥文件无法读取：{error}", f"a key file cannot be read: {error}")
        return
    exposed = [file.name for file in own if _is_exposed(file)]
    names = ", ".join(exposed)
    yield Finding.judged(
        not exposed,
        "私钥只有所有者可读" if not exposed else f"私钥可被他人读取：{names}",
        "private keys are for their owner alone" if not exposed else f"others may read private keys: {names}",
    )
    missing = [use for use in Use if not any(file.use is use for file in own)]
    yield Finding.judged(
        not missing,
        f"签名钥在 {files.folder}",
        f"keys lie in {files.folder}" + (f"; without a private {', '.join(missing)} key" if missing else ""),
        otherwise=Health.doubtful,
    )


def _is_exposed(file: KeyFile) -> bool:
    return bool(stat.S_IMODE(file.path.stat().st_mode) & 0o077)
