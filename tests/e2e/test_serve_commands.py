"""The other words of the command `jiandu`, as processes beside a county."""

import signal

import psycopg
import pytest

from ops.command import app_for
from ops.embedded import EmbeddedPostgres
from tests.servers import open_directory
from tests.serving import jiandu, launched
from tests.templates import make_county
from tests.waiting import wait_until

INSERT = """
    insert into county.events (position, stream, version, topic, occurred_at, recorded_at, state)
    values (%s, 'case:A', %s, %s, '2026-05-20 16:30:00+00', now(), %s)
"""
STATE = (
    b'{"envelope":{"actor":{"post_id":"P-1","role":"window_clerk","staff_id":"s-1"},"circumstances":{},'
    b'"correlation":"c","irregularities":["P05"]},"fact":{}}'
)


def write(dsn, position, topic="case.received.v1"):
    with psycopg.connect(dsn) as connection:
        connection.execute(INSERT, [position, position, topic, STATE])


@pytest.fixture
def county(database18):
    """A migrated county that holds 25 events."""
    make_county(database18, "county")
    for position in range(1, 26):
        write(database18, position)
    return database18


def test_every_word_is_explained_in_both_languages():
    for command in app_for([]).registered_commands:
        chinese, _, english = command.help.partition(" · ")
        assert not chinese.isascii(), command.callback
        assert english.isascii(), command.callback
        assert english, command.callback


def test_the_version_is_said():
    assert "简牍 Jiandu 0.1.0" in jiandu("version", settings={}).stdout


def test_migrating_again_changes_nothing(database18):
    settings = {"JIANDU_DATABASE_URL": database18}
    first, second = (jiandu("migrate", settings=settings) for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout
    assert "is up to date" in first.stdout


def test_a_login_that_does_not_exist_is_not_admitted(database18):
    admitting = jiandu("migrate", "--admit", "nobody_of_test", settings={"JIANDU_DATABASE_URL": database18})
    assert admitting.returncode == 1
    assert "There is no login nobody_of_test" in admitting.stderr
    assert "没有登录 nobody_of_test" in admitting.stderr


def test_a_command_starts_the_embedded_database_and_stops_it_again():
    with open_directory() as data_dir:
        assert jiandu("migrate", settings={"JIANDU_DATA_DIR": str(data_dir)}).returncode == 0
        with EmbeddedPostgres(data_dir) as postgres, psycopg.connect(postgres.dsn) as connection:
            assert connection.execute("select count(*) from county.events").fetchone() == (0,)


def test_without_a_wish_the_last_twenty_events_are_printed(county):
    lines = jiandu("events", settings={"JIANDU_DATABASE_URL": county}).stdout.splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(6, 26))
    assert lines[0].strip() == (
        "6  2026-05-21 00:30:00  case:A v6  收件登记 Case received  s-1@P-1  [P05]"
    )  # the China day


def test_filters_begin_at_the_beginning(county):
    write(county, 26, topic="case.accepted.v1")
    settings = {"JIANDU_DATABASE_URL": county}
    accepted = jiandu("events", "--topic", "case.accepted.v1", settings=settings).stdout.splitlines()
    assert [int(line.split()[0]) for line in accepted] == [26]
    some = jiandu("events", "--stream", "case:A", "--limit", "3", settings=settings).stdout.splitlines()
    assert [int(line.split()[0]) for line in some] == [1, 2, 3]


def test_an_event_of_a_later_version_of_the_programme_is_printed_too(county):
    write(county, 26, topic="case.teleported.v1")
    said = jiandu("events", "--after", "25", settings={"JIANDU_DATABASE_URL": county}).stdout
    assert "case.teleported.v1" in said


def test_following_prints_what_is_recorded_later_until_it_is_stopped(county):
    with launched("events", "--follow", settings={"JIANDU_DATABASE_URL": county}) as following:
        wait_until(lambda: any("v25 " in line for line in following.output))
        write(county, 26)
        wait_until(lambda: any("v26 " in line for line in following.output))
        following.stop(signal.SIGINT)
    assert "Traceback" not in following.said


def test_a_folder_that_is_not_there_is_said_in_a_sentence(county):
    refused = jiandu("load-catalogue", "/nowhere", settings={"JIANDU_DATABASE_URL": county})
    assert refused.returncode == 1
    assert "There is no folder /nowhere. 没有文件夹 /nowhere。" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_login_that_may_not_migrate_is_told_who_can(county):
    with psycopg.connect(county) as connection:
        connection.execute("create role guest_of_test login password 'guest'")
        connection.execute("drop schema county cascade")
    try:
        guest = psycopg.conninfo.make_conninfo(county, user="guest_of_test", password="guest")
        refused = jiandu("migrate", settings={"JIANDU_DATABASE_URL": guest})
        assert refused.returncode == 1
        assert "run `jiandu migrate` once with an owner's URL" in refused.stderr
    finally:
        with psycopg.connect(county) as connection:
            connection.execute("drop role guest_of_test")
