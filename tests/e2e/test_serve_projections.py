"""The views behind a running county, as an operator sees them."""

import re
from pathlib import Path

import httpx
import psycopg
import pytest

from ops.command import app_for
from ops.projections import projections
from projections.registry import PROJECTIONS
from tests.serving import WITH_VIEWS, jiandu, serving, settle_county
from tests.waiting import wait_until


@pytest.fixture
async def county(database18):
    await settle_county(database18)
    return database18


def is_current(dsn):
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "select position = (select max(position) from county.events) and definition is not null"
            " from county_views.projections"
        ).fetchall()
    return len(rows) == len(PROJECTIONS) and all(row[0] for row in rows)


def test_every_word_about_views_is_explained_in_both_languages():
    assert any(group.name == "projections" for group in app_for([]).registered_groups)
    for word in projections.registered_commands:
        chinese, _, english = word.help.partition(" · ")
        assert not chinese.isascii()
        assert english.isascii()


def test_the_views_are_listed_with_their_versions():
    listed = jiandu("projections", "list", settings={})
    for projection in PROJECTIONS:
        assert projection.name in listed.stdout
        assert projection.hash in listed.stdout


def test_a_served_county_has_its_views_rebuilds_and_checks_them(county):
    settings = {"JIANDU_DATABASE_URL": county} | WITH_VIEWS
    with serving(settings) as server:
        wait_until(lambda: is_current(county))
        metrics = httpx.get(f"{server.address}/metrics").text
        for projection in PROJECTIONS:
            figure = rf'jiandu_projection_failing{{county="county",projection="{projection.name}"}} 0\.0'
            assert re.search(figure, metrics)
        rebuilt = jiandu("projections", "rebuild", "custody", settings=settings)
        assert "rebuilt: custody" in rebuilt.stdout, rebuilt.stderr
        checked = jiandu("projections", "check", settings=settings)
        assert checked.returncode == 0, checked.stdout
        assert "live" in jiandu("projections", "state", settings=settings).stdout


def test_a_server_that_is_to_keep_no_views_leaves_them_to_others(county):
    with serving({"JIANDU_DATABASE_URL": county, "JIANDU_KEEP_VIEWS": "false"}) as server:
        assert processes_below(server.process.pid) == set()
    with serving({"JIANDU_DATABASE_URL": county, "JIANDU_KEEP_VIEWS": "true"}) as server:
        wait_until(lambda: processes_below(server.process.pid))


def processes_below(parent):
    """Ids of the processes that it started and that still run."""
    return {
        int(status.parent.name)
        for status in Path("/proc").glob("[0-9]*/status")
        if f"PPid:\t{parent}\n" in told(status)
    }


def told(path):
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""  # it ended in between


def test_a_view_that_was_tampered_with_is_found_out_and_mended_without_a_server(county):
    settings = {"JIANDU_DATABASE_URL": county}
    assert jiandu("projections", "rebuild", settings=settings).returncode == 0
    with psycopg.connect(county) as connection:
        connection.execute("delete from county_views.calendar where day = '2026-11-22'")
    checked = jiandu("projections", "check", settings=settings)
    assert checked.returncode == 1
    assert "calendar" in checked.stderr
    jiandu("projections", "rebuild", "calendar", settings=settings)
    assert jiandu("projections", "check", settings=settings).returncode == 0


def test_a_view_that_does_not_exist_is_said_not_to(county):
    asked = jiandu("projections", "check", "nothing", settings={"JIANDU_DATABASE_URL": county})
    assert asked.returncode == 1
    assert "There is no view nothing" in asked.stderr


def test_a_login_that_may_only_serve_keeps_the_views_too(county):
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute("drop role if exists views_of_test")
        connection.execute("create role views_of_test login password 'secret'")
    try:
        migrated = jiandu("migrate", "--admit", "views_of_test", settings={"JIANDU_DATABASE_URL": county})
        assert migrated.returncode == 0, migrated.stderr
        hall = psycopg.conninfo.make_conninfo(county, user="views_of_test", password="secret")
        with serving({"JIANDU_DATABASE_URL": hall} | WITH_VIEWS):
            wait_until(lambda: is_current(county))
    finally:
        with psycopg.connect(county, autocommit=True) as connection:
            connection.execute("drop owned by views_of_test")
            connection.execute("drop role views_of_test")
