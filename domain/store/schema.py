"""Making a county's schema, and bringing it up to date: forward only, once, whoever comes first.

Running it again changes nothing. Two processes may run it at the same time.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal, Self

import psycopg
from psycopg import Connection, sql
from psycopg.errors import DuplicateObject, InsufficientPrivilege, UniqueViolation

STEPS: Final = (
    "log.sql",
    "seal.sql",
    "vault.sql",
    "access.sql",
    "witness.sql",
    "guards.sql",
    "sign_in.sql",
    "batches.sql",
    "named.sql",
    "erased.sql",
)
"""The files that make the schema, in order; the n-th takes it from version n-1 to n."""

Admitted = Literal["recorder", "auditor", "migrator"]
"""As what a login can be admitted."""

LOCK_TIMEOUT: Final = "10s"
"""How long a step waits for a lock before it gives up, so that it never holds up a running county for long."""


class SchemaTooNew(Exception):  # noqa: N818  — the domain's word
    """The schema was made by a newer version of the programme than this one."""


class SchemaMissing(Exception):  # noqa: N818
    """The schema is not there, or older than this version of the programme needs: run `jiandu migrate`."""


class SchemaNameRefused(ValueError):  # noqa: N818
    """A county's schema is named with small letters, digits and _, beginning with a letter, at most 40 characters."""


@dataclass(frozen=True, slots=True)
class County:
    """The names of one county's things in the database cluster."""

    schema: str

    @classmethod
    def named(cls, schema: str) -> Self:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", schema):
            raise SchemaNameRefused(schema)
        return cls(schema)

    @property
    def owner(self) -> str:
        """Owns schema, tables and functions; cannot log in."""
        return f"jiandu_{self.schema}_owner"

    @property
    def recorder(self) -> str:
        """What programmes act as: selects and executes, nothing else; cannot log in."""
        return f"jiandu_{self.schema}_recorder"

    @property
    def sealer(self) -> str:
        """What the sealing worker acts as: reads the events, writes the tree; cannot log in."""
        return f"jiandu_{self.schema}_sealer"

    @property
    def vault(self) -> str:
        """The schema of people's sealed data: backed up apart from the log."""
        return f"{self.schema}_vault"

    @property
    def vault_owner(self) -> str:
        """Owns the vault and sees nothing of the log; cannot log in."""
        return f"jiandu_{self.schema}_vault"

    @property
    def auditor(self) -> str:
        """What auditing programmes act as: selects the log, its tree and the views, nothing else; cannot log in."""
        return f"jiandu_{self.schema}_auditor"

    @property
    def migrator(self) -> str:
        """What `jiandu migrate` may act as: makes schemas and roles and becomes any of the county's; cannot log in."""
        return f"jiandu_{self.schema}_migrator"

    @property
    def channel(self) -> str:
        """Where `announce` notifies."""
        return f"{self.schema}.appended"


def create(dsn: str, schema: str) -> int:
    """Creates the county's schema and roles, or brings them up to date; answers the schema's version.

    The login of `dsn` must be allowed to create roles and, in the database, schemas.
    Raises SchemaTooNew, SchemaNameRefused, psycopg.errors.LockNotAvailable after LOCK_TIMEOUT.
    """
    county = County.named(schema)
    with psycopg.connect(dsn) as connection:
        connection.execute(sql.SQL("set lock_timeout = {}").format(LOCK_TIMEOUT))
        connection.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"jiandu.schema.{schema}"]
        )
        act_as_migrator(connection, county)
        _make_roles(connection, county)
        return _apply_steps(connection, county)


def expect_no_newer(dsn: str, schema: str) -> None:
    """Raises SchemaTooNew, SchemaNameRefused. Where nobody can say, there is nothing to refuse."""
    county = County.named(schema)
    with suppress(psycopg.OperationalError, InsufficientPrivilege), psycopg.connect(dsn) as connection:
        _refuse_newer(_version(connection, county) or 0, county)


def admit(dsn: str, schema: str, login: str, *, role: Admitted = "recorder") -> None:
    """Lets an existing login work in the county as its recorder, or as what else `role` says."""
    county = County.named(schema)
    grant = sql.SQL("grant {role} to {login}")
    with psycopg.connect(dsn) as connection:
        act_as_migrator(connection, county)
        name = sql.Identifier(getattr(county, role))
        connection.execute(grant.format(role=name, login=sql.Identifier(login)))


def counties(dsn: str) -> list[str]:
    """The schemas of this database that hold a county's log, whoever asks."""
    with psycopg.connect(dsn) as connection:
        return [name for (name,) in connection.execute(_COUNTIES)]


_COUNTIES: Final = """
    select nspname
    from pg_namespace
    where exists (select from pg_class where relnamespace = pg_namespace.oid and relname = 'events')
        and exists (select from pg_class where relnamespace = pg_namespace.oid and relname = 'schema_steps')
    order by nspname
"""


def refuse_unfit(version: int | None) -> None:
    """Raises SchemaMissing, SchemaTooNew where a schema of this version is not what this programme works with."""
    if version is None or version < len(STEPS):
        raise SchemaMissing(f"version {version or 0}, needed {len(STEPS)}")
    if version > len(STEPS):
        raise SchemaTooNew(f"version {version}, known {len(STEPS)}")


def act_as_migrator(connection: Connection, county: County) -> None:
    """A login that may make no roles itself acts as the county's migrator, where it may."""
    row = connection.execute(
        """
        select exists (select from pg_roles where rolname = current_user and (rolsuper or rolcreaterole)),
            coalesce((select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = %s), false)
        """,
        [county.migrator],
    ).fetchone()
    if row == (False, True):
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(county.migrator)))


def back_to_migrator(connection: Connection, county: County) -> None:
    """After acting as another role: whoever came in, as whom they came in."""
    connection.execute("reset role")
    act_as_migrator(connection, county)


def _make_roles(connection: Connection, county: County) -> None:
    roles = (county.owner, county.recorder, county.sealer, county.auditor, county.vault_owner)
    for role in roles:
        make_role(connection, role)
    make_role(connection, county.migrator, may_make_roles=True)
    for role in roles:
        let_migrator_become(connection, county, role)
    _let_migrator_make_schemas(connection, county)
    _let_recorder_become(connection, county, county.sealer)
    for role in (county.owner, county.vault_owner):
        expect_to_become(connection, role)


def _let_recorder_become(connection: Connection, county: County, role: str) -> None:
    # noinherit: a login that serves the county may become the sealer, but is not one unawares
    names = {"recorder": sql.Identifier(county.recorder), "role": sql.Identifier(role)}
    row = connection.execute("select pg_has_role(%s, %s, 'member')", [county.recorder, role]).fetchone()
    if row != (True,):
        connection.execute(sql.SQL("alter role {recorder} noinherit").format(**names))
        connection.execute(sql.SQL("grant {role} to {recorder}").format(**names))


def let_migrator_become(connection: Connection, county: County, role: str) -> None:
    """Also to admit others to it. Whoever made the role may say so; where somebody else did, it stays with them."""
    row = connection.execute(
        "select pg_has_role(%s, %s, 'member with admin option')", [county.migrator, role]
    ).fetchone()
    if row != (True,):
        names = {"role": sql.Identifier(role), "migrator": sql.Identifier(county.migrator)}
        connection.execute(sql.SQL("grant {role} to {migrator} with admin option").format(**names))


def _let_migrator_make_schemas(connection: Connection, county: County) -> None:
    database = connection.info.dbname
    row = connection.execute(
        "select has_database_privilege(%s, %s, 'create')", [county.migrator, database]
    ).fetchone()
    if row != (True,):
        names = {"database": sql.Identifier(database), "migrator": sql.Identifier(county.migrator)}
        connection.execute(sql.SQL("grant create on database {database} to {migrator}").format(**names))


def expect_to_become(connection: Connection, role: str) -> None:
    """Whoever gives a schema to a role must be able to become it; a superuser always is."""
    if not _may_become(connection, role):
        connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(role)))


def _may_become(connection: Connection, role: str) -> bool:
    # Since 16 who makes a role is its member, but may not become it without being told so.
    right = "set" if connection.info.server_version >= 160_000 else "member"  # noqa: PLR2004
    row = connection.execute("select pg_has_role(current_user, %s, %s)", [role, right]).fetchone()
    return row == (True,)


def make_role(connection: Connection, role: str, *, may_make_roles: bool = False) -> None:
    """Roles belong to the cluster: another database's county of this name may be making them just now."""
    if connection.execute("select from pg_roles where rolname = %s", [role]).fetchone() is not None:
        return
    try:
        with connection.transaction():
            attributes = sql.SQL("nologin noinherit createrole" if may_make_roles else "nologin")
            connection.execute(sql.SQL("create role {} {}").format(sql.Identifier(role), attributes))
    except (DuplicateObject, UniqueViolation):
        pass


def _apply_steps(connection: Connection, county: County) -> int:
    names = {
        "schema": sql.Identifier(county.schema),
        "owner": sql.Identifier(county.owner),
        "recorder": sql.Identifier(county.recorder),
        "sealer": sql.Identifier(county.sealer),
        "auditor": sql.Identifier(county.auditor),
        "vault": sql.Identifier(county.vault),
        "vault_owner": sql.Identifier(county.vault_owner),
    }
    connection.execute(sql.SQL("create schema if not exists {schema} authorization {owner}").format(**names))
    connection.execute(
        sql.SQL("create schema if not exists {vault} authorization {vault_owner}").format(**names)
    )
    connection.execute(sql.SQL("set local role {owner}").format(**names))
    version = _version(connection, county) or 0
    _refuse_newer(version, county)
    connection.execute(sql.SQL("set local search_path = {schema}, pg_temp").format(**names))
    if version < len(STEPS):
        _hold_back_writers(connection, county)
    for step, file in enumerate(STEPS[version:], start=version + 1):
        connection.execute(sql.SQL(_text(file)).format(**names))
        connection.execute("insert into schema_steps (step, applied_at) values (%s, now())", [step])
    return len(STEPS)


def _refuse_newer(version: int, county: County) -> None:
    if version > len(STEPS):
        raise SchemaTooNew(f"{county.schema}: version {version}, known {len(STEPS)}")


def _hold_back_writers(connection: Connection, county: County) -> None:
    """Whoever appends waits before it touches a table: table by table, it and the steps would wait for each other."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"jiandu.log.{county.schema}"]
    )


def _version(connection: Connection, county: County) -> int | None:
    table = sql.Identifier(county.schema, "schema_steps")
    exists = connection.execute("select to_regclass(%s)", [table.as_string(connection)]).fetchone()
    if exists is None or exists[0] is None:
        return None
    row = connection.execute(sql.SQL("select max(step) from {}").format(table)).fetchone()
    return row[0] if row else None


def _text(file: str) -> str:
    return resources.files("domain.store").joinpath(file).read_text(encoding="utf-8")
