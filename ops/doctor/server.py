"""The database server: its version, whether it keeps what it acknowledges, its clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from ops.doctor.findings import Finding, Health

OLDEST_SERVER: Final = 150000
DURABLE: Final = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "remote_write", "remote_apply"},
}
"""With any other value, a power cut can lose what was acknowledged."""
CLOCKS_AGREE: Final = timedelta(seconds=2)


def findings(connection: Connection[Any]) -> Iterator[Finding]:
    yield _version(connection)
    yield from (_durable(connection, name, wanted) for name, wanted in DURABLE.items())
    yield from _overridden(connection)
    yield _checksums(connection)
    yield _encoding(connection)
    yield _clock(connection)


def _version(connection: Connection[Any]) -> Finding:
    number = connection.info.server_version
    said = f"PostgreSQL {number // 10000}.{number % 10000}"
    return Finding.judged(number >= OLDEST_SERVER, said, f"{said} (15 or newer is needed)")


def _durable(connection: Connection[Any], name: str, wanted: set[str]) -> Finding:
    value = _setting(connection, name)
    return Finding.judged(value in wanted, f"持久性 {name} = {value}", f"durability: {name} is {value}")


def _overridden(connection: Connection[Any]) -> Iterator[Finding]:
    """A role or a database can be set to lose commits, whatever the server says."""
    query = """
        select coalesce(pg_roles.rolname, '*'), setting
        from pg_db_role_setting
        left join pg_roles on pg_roles.oid = setrole
        left join pg_database on pg_database.oid = setdatabase
        cross join unnest(setconfig) as setting
        where setdatabase = 0 or pg_database.datname = current_database()
    """
    for role, setting in connection.execute(query).fetchall():
        name, _, value = setting.partition("=")
        if name in DURABLE and value not in DURABLE[name]:
            yield Finding(Health.ill, f"角色 {role} 设为 {setting}", f"role {role} is set to {setting}")


def _checksums(connection: Connection[Any]) -> Finding:
    value = _setting(connection, "data_checksums")
    return Finding.judged(
        value == "on",
        f"数据校验 data_checksums = {value}",
        f"page checksums are {value}",
        otherwise=Health.doubtful,
    )


def _encoding(connection: Connection[Any]) -> Finding:
    value = _setting(connection, "server_encoding")
    return Finding.judged(value == "UTF8", f"编码 {value}", f"the database is encoded in {value}")


def _clock(connection: Connection[Any]) -> Finding:
    before = datetime.now(UTC)
    theirs = _one(connection, "select clock_timestamp()")
    after = datetime.now(UTC)
    apart = max(before - theirs, theirs - after, timedelta(0))
    said = f"{apart.total_seconds():.1f} s"
    return Finding.judged(
        apart <= CLOCKS_AGREE,
        f"本机与数据库时钟相差 {said}",
        f"this machine's clock and the database's differ by {said}",
        otherwise=Health.doubtful,
    )


def _setting(connection: Connection[Any], name: str) -> str:
    return str(_one(connection, "select current_setting(%s)", name))


def _one(connection: Connection[Any], query: str, *parameters: object) -> Any:
    row = connection.execute(query.encode(), parameters).fetchone()
    return row[0] if row else None
