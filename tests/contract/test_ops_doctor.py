"""The doctor finds what is ill, and finds nothing where all is well."""

import psycopg
import pytest

from ops.doctor import examine
from ops.doctor.findings import Health
from ops.settings import Settings
from tests.templates import make_county

INSERT = """
    insert into county.events (position, stream, version, topic, occurred_at, recorded_at, state)
    values (%s, 'case:A', %s, 'case.received.v1', now(), %s, '{}')
"""


@pytest.fixture
def county(database):
    make_county(database, "county")
    return database


def ills(dsn):
    found = examine(Settings(database_url=dsn))
    return [finding.en for finding in found if finding.health is Health.ill]


def ail(dsn, *statements):
    """What only a superuser can do, with the guards off."""
    with psycopg.connect(dsn) as connection:
        for statement in statements:
            connection.execute(*statement) if isinstance(statement, tuple) else connection.execute(statement)


def test_a_fresh_county_is_well(county):
    assert ills(county) == []


def test_a_county_that_was_never_made_is_named(database):
    assert ills(database) == ["there is no schema county: run `jiandu migrate`"]


def test_a_database_that_is_not_there_is_named():
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    assert any("cannot be used" in sentence for sentence in ills(nowhere))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "grant update on county.events to jiandu_county_recorder",
            "programmes can read the tables and write none",
        ),
        ("grant insert on county.people to public", "nobody else was given anything"),
        ("grant execute on all functions in schema county to public", "nobody else was given anything"),
        ("alter table county.events disable trigger events_stand", "the guards against changes are in place"),
        (
            "alter table county.commands enable trigger commands_stand",
            "the guards against changes are in place",
        ),
        ("drop trigger events_stand on county.events", "the guards against changes are in place"),
        ("insert into county.schema_steps values (99, now())", "schema county is at step 99"),
    ],
)
def test_an_opened_door_is_found(county, statement, said):
    ail(county, statement)
    assert any(sentence.startswith(said) for sentence in ills(county)), ills(county)


def test_a_login_made_of_a_role_is_found(county):
    try:
        ail(county, "alter role jiandu_county_recorder login")
        assert any(sentence.startswith("roles hold no more") for sentence in ills(county))
    finally:
        ail(county, "alter role jiandu_county_recorder nologin")


def test_commits_that_are_not_waited_for_are_found(county):
    name = psycopg.conninfo.conninfo_to_dict(county)["dbname"]
    ail(county, f"alter database {name} set synchronous_commit = off")
    assert "role * is set to synchronous_commit=off" in ills(county)
    assert "durability: synchronous_commit is off" in ills(county)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(1, 1, "2026-01-01"), (3, 2, "2026-01-01")], "the log holds 2 events, the last at position 3"),
        ([(2, 1, "2026-01-01")], "the log holds 1 events, the last at position 2"),
        ([(1, 1, "2026-01-01"), (2, 3, "2026-01-01")], "the versions of each stream are whole"),
        ([(1, 1, "2026-01-02"), (2, 2, "2026-01-01")], "recording times never run backwards"),
        ([(1, 1, "2099-01-01")], "recording times never run backwards"),
    ],
)
def test_a_log_whose_numbering_is_not_whole_is_found(county, rows, said):
    ail(county, *((INSERT, row) for row in rows))
    assert any(sentence.startswith(said) for sentence in ills(county)), ills(county)


def test_every_finding_is_said_in_both_languages(county):
    for finding in examine(Settings(database_url=county)):
        assert finding.zh
        assert finding.en
