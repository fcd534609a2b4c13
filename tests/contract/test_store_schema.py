"""What the county's schema promises by itself, whoever connects."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from domain.store import schema
from domain.store.county import Store
from domain.store.schema import County
from ops.migrate import bring_up_to_date
from projections.engine_schema import ViewNames
from tests.notes import COUNTY, NOTE, append_notes, in_county
from tests.servers import fresh_database

NAMES = County.named(COUNTY)


def founded(dsn):
    schema.create(dsn, COUNTY)
    with in_county(dsn) as connection:
        append_notes(connection, "note:1", [1, 2], key="k")
    return dsn


@pytest.fixture
def county(database):
    """A county with two notes."""
    return founded(database)


@pytest.fixture(scope="module")
def standing(postgres):
    """Likewise, shared by the tests that leave it as it is."""
    with fresh_database(postgres.dsn) as dsn:
        yield founded(dsn)


def test_making_the_schema_again_changes_nothing(county):
    with in_county(county) as connection:
        before = connection.execute("select * from schema_steps").fetchall()

        assert schema.create(county, COUNTY) == len(schema.STEPS)

        assert connection.execute("select * from schema_steps").fetchall() == before
        assert connection.execute("select count(*) from events").fetchone() == (2,)


def test_many_may_make_the_schema_at_once(database):
    with ThreadPoolExecutor(8) as threads:
        versions = list(threads.map(lambda _: schema.create(database, COUNTY), range(8)))

    assert versions == [len(schema.STEPS)] * 8


def test_counties_of_one_name_in_two_databases_share_a_cluster(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create database neighbour template template0")
    neighbour = make_conninfo(database, dbname="neighbour")
    try:
        with ThreadPoolExecutor(2) as threads:
            versions = list(threads.map(lambda dsn: schema.create(dsn, "twins"), (database, neighbour)))
        assert versions == [len(schema.STEPS)] * 2
    finally:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("drop database neighbour with (force)")


def test_a_schema_of_a_newer_programme_is_refused(county):
    with in_county(county) as connection:
        connection.execute("insert into schema_steps values (99, now())")

    with pytest.raises(schema.SchemaTooNew):
        schema.create(county, COUNTY)


async def test_a_store_does_not_open_on_a_newer_schema(county):
    with in_county(county) as connection:
        connection.execute("insert into schema_steps values (99, now())")

    with pytest.raises(schema.SchemaTooNew):
        async with Store.open(county, COUNTY, [NOTE]):
            pass


async def test_a_store_does_not_open_without_its_schema(database):
    with pytest.raises(schema.SchemaMissing):
        async with Store.open(database, COUNTY, [NOTE]):
            pass


@pytest.mark.parametrize("name", ["", "1a", "Qingxi", 'a"b', "a b", "pg temp", "a" * 41, "清溪", "a\n"])
def test_a_county_with_a_strange_name_is_refused(name):
    with pytest.raises(schema.SchemaNameRefused):
        County.named(name)


def test_a_step_gives_up_on_a_lock_that_is_held(county, monkeypatch):
    monkeypatch.setattr(schema, "LOCK_TIMEOUT", "100ms")
    with in_county(county) as connection, connection.transaction():
        connection.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"jiandu.schema.{COUNTY}"]
        )

        with pytest.raises(errors.LockNotAvailable):
            schema.create(county, COUNTY)


def test_an_owner_who_is_no_superuser_can_make_a_county(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("drop role if exists migrator")
        connection.execute("create role migrator login createrole")
        connection.execute(
            sql.SQL("grant create on database {} to migrator").format(sql.Identifier(connection.info.dbname))
        )
        # roles belong to the cluster: this county must be nobody else's
        own = County("ownland")
        names = (own.owner, own.recorder, own.sealer, own.auditor, own.vault_owner, ViewNames(own).projector)
        for role in (*names, own.migrator):
            connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(role)))

        bring_up_to_date(make_conninfo(database, options="-c role=migrator"), "ownland")

        owner = connection.execute(
            "select nspowner::regrole::text from pg_namespace where nspname = 'ownland'"
        )
        assert owner.fetchone() == ("jiandu_ownland_owner",)


CHANGES = (
    "update {} set recorded_at = now()",
    "update {} set recorded_at = now() where false",
    "delete from {}",
    "truncate {}",
)


@pytest.mark.parametrize("who", ["superuser", NAMES.owner])
@pytest.mark.parametrize("replication_role", ["origin", "replica"])
def test_the_record_is_never_changed_whoever_asks(standing, who, replication_role):
    with in_county(standing) as connection:
        connection.execute(sql.SQL("set session_replication_role = {}").format(replication_role))
        if who != "superuser":
            connection.execute(sql.SQL("set role {}").format(sql.Identifier(who)))

        for table, change in product(("events", "commands"), CHANGES):
            with pytest.raises(errors.RestrictViolation, match="the record is never changed"):
                connection.execute(sql.SQL(change).format(sql.Identifier(table)))


TABLES = {
    "events": "version",
    "commands": "digest",
    "snapshots": "version",
    "tracking": "position",
    "people": "phone",
    "schema_steps": "step",
    "tiles": "hashes",
    "checkpoints": "note",
    "seal": "size",
    "heads": "hash",
    "quarantine": "reason",
}
TRESPASSES = (
    "insert into {table} select * from {table}",
    "update {table} set {column} = null",
    "delete from {table}",
    "truncate {table}",
    "drop table {table}",
    "alter table {table} disable trigger all",
    "create index on {table} ({column})",
)


def test_a_programme_can_read_but_not_write_past_the_functions(standing):
    with in_county(standing, role=NAMES.recorder) as connection:
        for (table, column), trespass in product(TABLES.items(), TRESPASSES):
            names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
            connection.execute(sql.SQL("select * from {table}").format(**names))
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(sql.SQL(trespass).format(**names))


def test_a_programme_holds_no_right_but_to_read_and_to_call(standing):
    with in_county(standing) as connection:
        rights = connection.execute(
            """
            select distinct privilege_type
            from pg_class
            join pg_namespace on pg_namespace.oid = relnamespace
            cross join lateral aclexplode(relacl) as acl
            where nspname = %s and acl.grantee = %s::regrole
            """,
            (COUNTY, NAMES.recorder),
        ).fetchall()

    assert rights == [("SELECT",)]


@pytest.mark.parametrize(
    "inner", ["insert_events(0, now(), '{}', '{}', '{}', '{}', '{}', '{}')", "first_gap('{}', '{}')"]
)
def test_the_inner_functions_are_not_for_programmes(standing, inner):
    with (
        in_county(standing, role=NAMES.recorder) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(f"select {inner}".encode())


def test_strangers_can_do_nothing(standing):
    with in_county(standing) as connection:
        connection.execute("drop role if exists stranger")
        connection.execute("create role stranger")
        connection.execute("set role stranger")

        for attempt in ("select * from qingxi.events", "select qingxi.announce(1)"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(attempt)


def test_a_table_of_the_callers_own_does_not_stand_in_for_the_log(county):
    with in_county(county, role=NAMES.recorder) as connection:
        connection.execute("create temp table events (like events)")
        connection.execute("create temp table commands (like commands)")
        connection.execute(f"set search_path = pg_temp, {COUNTY}".encode())

        assert append_notes(connection, "note:1", [3])[:3] == ("appended", 3, 3)


async def test_a_login_that_was_admitted_can_work(county):
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute("drop role if exists hall")
        connection.execute("create role hall login")
    schema.admit(county, COUNTY, "hall")

    async with Store.open(make_conninfo(county, options="-c role=hall"), COUNTY, [NOTE]) as store:
        assert await store.events.last_position() == 2
