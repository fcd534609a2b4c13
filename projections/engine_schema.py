"""Where the views live: three schemas beside the county's, owned by a role that can write nowhere else.

All of it is disposable: what stands in these schemas follows from the log and can be dropped at any time.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection, Connection, IsolationLevel, sql
from psycopg.rows import TupleRow

from domain.store.connecting import Access
from domain.store.passing import made_again
from domain.store.schema import (
    LOCK_TIMEOUT,
    County,
    act_as_migrator,
    back_to_migrator,
    expect_to_become,
    let_migrator_become,
    make_role,
)
from domain.store.statements import statements_of, text_of

TABLES: Final = "engine_tables.sql"
STATEMENTS: Final = statements_of("projections", "engine.sql")
AMENDMENTS: Final = "events_amendments"
_TABLE: Final = re.compile(r"^create table if not exists (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ViewNames:
    """The names of one county's views in the database cluster."""

    county: County

    @property
    def live(self) -> str:
        """The tables that are read, and the engine's own."""
        return f"{self.county.schema}_views"

    @property
    def building(self) -> str:
        """Tables that are being filled, until they take over."""
        return f"{self.live}_building"

    @property
    def as_of(self) -> str:
        """The definitions as views, each standing on the others' views: what answers for another day."""
        return f"{self.live}_as_of"

    @property
    def settled(self) -> str:
        """Views that answer for all cases as of another day, mostly out of the tables: see engine_settled."""
        return f"{self.live}_settled"

    @property
    def seen_of(self) -> dict[str, str]:
        """Schema by schema: where what is shown of one division stands, and of what it is shown. See engine_seen."""
        return {f"{place}_seen": place for place in (self.live, self.as_of, self.settled)}

    @property
    def projector(self) -> str:
        """Owns the four schemas, reads the log's events; cannot log in."""
        return f"jiandu_{self.county.schema}_projector"

    @property
    def path(self) -> sql.Composed:
        return sql.SQL("{}, {}, pg_temp").format(
            sql.Identifier(self.live), sql.Identifier(self.county.schema)
        )


def establish(dsn: str, schema: str) -> None:
    """Makes role, schemas and the engine's tables beside an existing county; again, it changes nothing.

    The login of `dsn` must be allowed to create roles and schemas.
    """
    made_again(partial(_establish, dsn, ViewNames(County.named(schema))))


def _establish(dsn: str, names: ViewNames) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(sql.SQL("set lock_timeout = {}").format(LOCK_TIMEOUT))
        connection.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"jiandu.schema.{names.county.schema}"]
        )
        act_as_migrator(connection, names.county)
        make_role(connection, names.projector)
        let_migrator_become(connection, names.county, names.projector)
        expect_to_become(connection, names.projector)
        _let_recorder_project(connection, names)
        for place in (names.live, names.building, names.as_of, names.settled, *names.seen_of):
            _make_schema(connection, names, place)
        _let_projector_read(connection, names)
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(names.projector)))
        connection.execute(sql.SQL("set local search_path = {}").format(names.path))
        connection.execute(sql.SQL(text_of("projections", TABLES)))
        _let_recorder_read(connection, names)


def lacks_tables(dsn: str, schema: str) -> bool:
    """Whether one of the engine's own is not there: an earlier version knew fewer of them, and counts no steps."""
    wanted = _TABLE.findall(text_of("projections", TABLES))
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "select tablename from pg_tables where schemaname = %s", [ViewNames(County.named(schema)).live]
        ).fetchall()
    return not {(name,) for name in wanted} <= set(rows)


def _let_recorder_project(connection: Connection[TupleRow], names: ViewNames) -> None:
    # noinherit: a login that serves the county may become the projector, but is not one unawares
    roles = {
        "recorder": sql.Identifier(names.county.recorder),
        "projector": sql.Identifier(names.projector),
    }
    row = connection.execute(
        "select pg_has_role(%s, %s, 'member')", [names.county.recorder, names.projector]
    ).fetchone()
    if row != (True,):
        connection.execute(sql.SQL("alter role {recorder} noinherit").format(**roles))
        connection.execute(sql.SQL("grant {projector} to {recorder}").format(**roles))


def _make_schema(connection: Connection[TupleRow], names: ViewNames, place: str) -> None:
    connection.execute(
        sql.SQL("create schema if not exists {} authorization {}").format(
            sql.Identifier(place), sql.Identifier(names.projector)
        )
    )


def _let_projector_read(connection: Connection[TupleRow], names: ViewNames) -> None:
    """The events, and nothing else: no view holds what stands in `people`."""
    words = {
        "schema": sql.Identifier(names.county.schema),
        "events": sql.Identifier(names.county.schema, "events"),
        "projector": sql.Identifier(names.projector),
        "owner": sql.Identifier(names.county.owner),
    }
    connection.execute(sql.SQL("set local role {owner}").format(**words))
    connection.execute(sql.SQL("grant usage on schema {schema} to {projector}").format(**words))
    connection.execute(sql.SQL("grant select on {events} to {projector}").format(**words))
    _index_amendments(connection, words["events"], sql.Identifier(names.county.schema, AMENDMENTS))
    back_to_migrator(connection, names.county)


def _index_amendments(
    connection: Connection[TupleRow], events: sql.Identifier, index: sql.Identifier
) -> None:
    """Dropped, it is made again. To ask for it in vain would wait for whoever appends, and all others behind."""
    row = connection.execute("select to_regclass(%s) is not null", [index.as_string()]).fetchone()
    if row != (True,):
        # serves: was this event corrected or voided? Only amendments stand in it
        connection.execute(
            sql.SQL(
                "create index events_amendments on {} (stream, version)"
                " where topic in ('event.corrected.v1', 'event.voided.v1')"
            ).format(events)
        )


def _let_recorder_read(connection: Connection[TupleRow], names: ViewNames) -> None:
    for place in (names.live, names.as_of, names.settled, *names.seen_of):
        words = {
            "place": sql.Identifier(place),
            "recorder": sql.Identifier(names.county.recorder),
        }
        connection.execute(sql.SQL("grant usage on schema {place} to {recorder}").format(**words))
        connection.execute(
            sql.SQL("grant select on all tables in schema {place} to {recorder}").format(**words)
        )
    _let_auditor_read(connection, names)


def _let_auditor_read(connection: Connection[TupleRow], names: ViewNames) -> None:
    """What is there and what will be: tables are made, filled and switched by the projector alone."""
    for place in (names.live, names.building, names.as_of, names.settled):
        words = {"place": sql.Identifier(place), "auditor": sql.Identifier(names.county.auditor)}
        connection.execute(sql.SQL("grant usage on schema {place} to {auditor}").format(**words))
        connection.execute(
            sql.SQL("grant select on all tables in schema {place} to {auditor}").format(**words)
        )
        connection.execute(
            sql.SQL("alter default privileges in schema {place} grant select on tables to {auditor}").format(
                **words
            )
        )


async def connect(access: Access, *, is_projector: bool = False) -> AsyncConnection[TupleRow]:
    """A connection in the county's views: for reading, or as the projector, whose transactions see one snapshot.

    Raises psycopg.OperationalError.
    """
    connection = await access.connect()
    try:
        await settle(connection, access.county, is_projector=is_projector)
    except BaseException:
        await connection.close()
        raise
    return connection


async def connect_to_fill(access: Access) -> AsyncConnection[TupleRow]:
    """A connection of the projector's for portions of a rebuild: with room for them, and one snapshot a statement.

    Raises psycopg.OperationalError.
    """
    connection = await connect(access, is_projector=True)
    try:
        await connection.set_isolation_level(IsolationLevel.READ_COMMITTED)
        # a portion's pages lie in the system's cache, or the other hands work meanwhile: fetching them through I/O
        # workers costs more than a third of the reading. What one case gives is not looked up again for another
        await connection.execute(
            "set work_mem = '96MB'; set temp_buffers = '128MB'; set maintenance_work_mem = '128MB';"
            " set default_statistics_target = 10; set effective_io_concurrency = 0; set enable_memoize = off"
        )
    except BaseException:
        await connection.close()
        raise
    return connection


async def settle(connection: AsyncConnection[Any], county: County, *, is_projector: bool = False) -> None:
    """Gives a fresh connection its role and schemas."""
    names = ViewNames(county)
    role = names.projector if is_projector else county.recorder
    # jit: compiling such a statement takes longer than running it for a few keys
    await connection.execute(
        sql.SQL(
            "set role {role}; set search_path = {path}; set timezone = 'UTC'; set jit = off; set enable_seqscan = on"
        ).format(role=sql.Identifier(role), path=names.path)
    )
    # a prepared `select *` would not survive a definition with other columns
    connection.prepare_threshold = None
    if is_projector:
        # what a crash takes back, rows and position together, follows from the log again; nobody waits for the disk
        # A round of some thousand events is sorted, and what it gathers is kept, without a file.
        await connection.execute(
            "set synchronous_commit = off; set work_mem = '32MB'; set temp_buffers = '64MB'"
        )
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
