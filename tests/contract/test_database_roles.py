"""Every role of the database against every object and every statement: what happens is what docs/database-roles.md says."""

import re
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from domain.store import schema
from domain.store.schema import County
from ops.county import opened_store
from ops.failures import CannotDo
from ops.migrate import NotAllowed, bring_up_to_date
from projections.engine_schema import ViewNames, establish
from tests.notes import append_notes
from tests.servers import fresh_database

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "database-roles.md").read_text()
COUNTY = "rights"
NAMES = County.named(COUNTY)
VIEWS = ViewNames(NAMES)
NAME_BY_ROLE = {
    "owner": NAMES.owner,
    "recorder": NAMES.recorder,
    "sealer": NAMES.sealer,
    "projector": VIEWS.projector,
    "auditor": NAMES.auditor,
    "vault": NAMES.vault_owner,
    "migrator": NAMES.migrator,
}
SCHEMA_BY_PREFIX = {"views": VIEWS.live, "vault": NAMES.vault}
"""Objects of other schemas than the county's own stand on the page with a prefix."""
STATEMENTS = {
    "S": "select * from {table} limit 0",
    "I": "insert into {table} select * from {table} where false",
    "U": "update {table} set {column} = {column} where false",
    "D": "delete from {table} where false",
    "T": "truncate {table}",
    "A": (
        "alter table {table} add column more integer",
        "drop table {table} cascade",
        "create index on {table} ({column})",
    ),
}


def rows_of(heading):
    """The rows of the page's table under the heading, as lists of cells."""
    part = PAGE.split(heading, 1)[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return cells[0], cells[2:]


HEAD, OBJECTS = rows_of("## 对象 · Objects")
ROLES = HEAD[1:]
SAID = {
    (row[0], role): set(cell.split()) for row in OBJECTS for role, cell in zip(ROLES, row[1:], strict=True)
}
TABLES = [
    row[0] for row in OBJECTS if "X" not in set(" ".join(row[1:]).split()) and row[0] != "refuse_change"
]
FUNCTIONS = [row[0] for row in OBJECTS if row[0] not in TABLES]
_, MEMBERS = rows_of("## 谁可成为谁 · Who may become whom")


@pytest.fixture(scope="module")
def county(postgres):
    """With a note in it, and its views."""
    with fresh_database(postgres.dsn) as dsn:
        schema.create(dsn, COUNTY)
        establish(dsn, COUNTY)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("set search_path = {}, pg_temp").format(sql.Identifier(COUNTY)))
            append_notes(connection, "note:1", [1, 2], key="k")
        yield dsn


@contextmanager
def acting(dsn, role, *, replication="origin"):
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("set session_replication_role = {}").format(replication))
        connection.execute(sql.SQL("set search_path = {}, pg_temp").format(sql.Identifier(COUNTY)))
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(NAME_BY_ROLE.get(role, role))))
        yield connection


def outcome(connection, statement):
    """ "": refused; "!": refused by a trigger; "yes": nothing stood in the way. Nothing of it stays."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except errors.InsufficientPrivilege:
        return ""
    except errors.RestrictViolation:
        return "!"
    except psycopg.Error:
        return "yes"  # it was let in, and called with nothing
    return "yes"


def schema_of(name):
    return SCHEMA_BY_PREFIX.get(name.rpartition(".")[0], COUNTY)


def place_of(name):
    return sql.Identifier(schema_of(name), name.rpartition(".")[2])


def a_column_of(dsn, name):
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "select column_name from information_schema.columns where table_schema = %s and table_name = %s"
            " order by ordinal_position limit 1",
            [schema_of(name), name.rpartition(".")[2]],
        ).fetchone()
    return sql.Identifier(row[0])


def found(dsn, connection, table):
    """What may be done to the table, as the page writes it."""
    names = {"table": place_of(table), "column": a_column_of(dsn, table)}
    for letter, texts in STATEMENTS.items():
        told = {
            outcome(connection, sql.SQL(text).format(**names))
            for text in ((texts,) if isinstance(texts, str) else texts)
        }
        assert len(told) == 1, f"{table}: {letter} is neither allowed nor refused as a whole"
        (said,) = told
        if said:
            yield letter + said.removeprefix("yes")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_can_do_to_a_table_what_the_page_says_and_nothing_else(county, role):
    with acting(county, role) as connection:
        told = {table: set(found(county, connection, table)) for table in TABLES}
    assert told == {table: SAID[table, role] for table in TABLES}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_can_call_what_the_page_says_and_nothing_else(county, role):
    with acting(county, role) as connection:
        allowed = {name for name, call in calls(county) if outcome(connection, call)}
    assert allowed == {name for name in FUNCTIONS if "X" in SAID[name, role]}


def calls(dsn):
    """By the page's name, each function called with nothing. A trigger's function is called by nobody."""
    for place, name, types in objects(dsn, FUNCTION_TYPES):
        nothing = sql.SQL(", ").join(sql.SQL("null::" + each) for each in types)
        where = sql.Identifier(schema_of(place + name), name)
        yield place + name, sql.SQL("select {}({})").format(where, nothing)


FUNCTION_TYPES = """
    select pronamespace::regnamespace::text, proname, proargtypes::regtype[]::text[]
    from pg_proc
    where pronamespace::regnamespace::text = any (%s) and prorettype <> 'trigger'::regtype
"""
FUNCTIONS_THERE = "select pronamespace::regnamespace::text, proname from pg_proc where pronamespace::regnamespace::text = any (%s)"
TABLES_THERE = """
    select relnamespace::regnamespace::text, relname
    from pg_class
    where relnamespace::regnamespace::text = any (%s) and relkind in ('r', 'p', 'v', 'm', 'S')
"""
PREFIX_BY_SCHEMA = {COUNTY: "", NAMES.vault: "vault."}


def objects(dsn, statement):
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(statement, [list(PREFIX_BY_SCHEMA)]).fetchall()
    return [(PREFIX_BY_SCHEMA[where], *more) for where, *more in rows]


def test_the_page_leaves_out_no_table_and_no_function(county):
    tables = {place + name for place, name in objects(county, TABLES_THERE)}
    functions = {place + name for place, name in objects(county, FUNCTIONS_THERE)}
    assert tables == {name for name in TABLES if not name.startswith("views.")}
    assert functions == set(FUNCTIONS)


GUARDED = [(table, mark[0]) for table in TABLES for mark in SAID[table, "owner"] if mark.endswith("!")]


@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_the_triggers_stand_under_replication_too(county, role):
    """As a superuser who did not take them away."""
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(sql.SQL("set search_path = {}, pg_temp").format(sql.Identifier(COUNTY)))
        if role != "superuser":
            connection.execute(sql.SQL("set role {}").format(sql.Identifier(NAME_BY_ROLE[role])))
        for table, letter in GUARDED:
            names = {"table": place_of(table), "column": a_column_of(county, table)}
            assert outcome(connection, sql.SQL(STATEMENTS[letter]).format(**names)) == "!", (table, letter)
    assert len(GUARDED) == 14


@pytest.mark.parametrize("row", MEMBERS, ids=lambda row: row[0])
def test_a_role_becomes_whom_the_page_says_and_nobody_else(county, row):
    role, becomes, makes_roles = row
    wanted = {NAME_BY_ROLE[each] for each in re.findall(r"\w+", becomes)}
    with psycopg.connect(county) as connection:
        told = connection.execute(
            "select rolname from pg_roles where rolname = any (%s) and rolname <> %s and pg_has_role(%s, oid, 'member')",
            [list(NAME_BY_ROLE.values()), NAME_BY_ROLE[role], NAME_BY_ROLE[role]],
        ).fetchall()
        attributes = connection.execute(
            "select rolcanlogin, rolsuper, rolcreatedb, rolbypassrls, rolreplication, rolcreaterole from pg_roles"
            " where rolname = %s",
            [NAME_BY_ROLE[role]],
        ).fetchone()
    assert set(chain.from_iterable(told)) == wanted
    assert attributes == (False, False, False, False, False, makes_roles == "yes")


def test_a_stranger_can_do_nothing(county):
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute("drop role if exists passer_by")
        connection.execute("create role passer_by")
    with acting(county, "passer_by") as connection:
        assert {table: set(found(county, connection, table)) for table in TABLES} == {
            table: set() for table in TABLES
        }
        assert {outcome(connection, call) for _, call in calls(county)} == {""}


@contextmanager
def a_login(dsn, name):
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("create role {} login password {}").format(sql.Identifier(name), name))
    yield make_conninfo(dsn, user=name, password=name)


def test_a_login_admitted_as_migrator_takes_the_schema_further(postgres, monkeypatch):
    """It may make no roles by itself; as the migrator it makes those of the steps to come, and the views'."""
    with fresh_database(postgres.dsn) as dsn, a_login(dsn, "mover") as mover:
        with monkeypatch.context() as patched:
            patched.setattr(schema, "STEPS", schema.STEPS[:2])
            schema.create(dsn, "further")
        schema.admit(dsn, "further", "mover", role="migrator")
        assert schema.create(mover, "further") == len(schema.STEPS)
        establish(mover, "further")
        establish(dsn, "further")
        assert schema.create(dsn, "further") == len(schema.STEPS)


async def test_a_login_that_only_serves_is_told_to_migrate_where_a_table_of_the_views_is_lacking(postgres):
    """A version that knows one more, started without `jiandu migrate`: it would answer no past day, and never say why."""
    with fresh_database(postgres.dsn) as dsn, a_login(dsn, "counter") as counter:
        schema.create(dsn, "lagging")
        establish(dsn, "lagging")
        schema.admit(dsn, "lagging", "counter")
        with psycopg.connect(dsn) as connection:
            connection.execute("drop table lagging_views.defining")
        with pytest.raises(CannotDo, match="run `jiandu migrate`"):
            async with opened_store(counter, "lagging"):
                pass
        with pytest.raises(CannotDo) as told:
            bring_up_to_date(counter, "lagging")
        assert not isinstance(told.value, NotAllowed), "commands that read go on where that alone is told"
        establish(dsn, "lagging")
        async with opened_store(counter, "lagging") as store:
            assert await store.events.last_position() == 0


def test_a_login_admitted_as_auditor_reads_what_was_recorded_and_what_will_be(county):
    with a_login(county, "reviser") as reviser:
        schema.admit(county, COUNTY, "reviser", role="auditor")
        with acting(county, "projector") as connection:
            connection.execute(
                sql.SQL("create table {} (kept text)").format(sql.Identifier(VIEWS.live, "later"))
            )
        with psycopg.connect(reviser) as connection:
            assert connection.execute(f"select count(*) from {COUNTY}.events").fetchone() == (2,)  # noqa: S608  — a constant
            assert connection.execute(f"select * from {VIEWS.live}.later").fetchall() == []  # noqa: S608  — a constant
        with psycopg.connect(reviser) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(f"select * from {COUNTY}.people")  # noqa: S608  — a constant
