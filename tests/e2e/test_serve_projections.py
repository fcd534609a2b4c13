"""The views behind a running county, as an operator sees them."""

from pathlib import Path

import psycopg
import pytest

from ops.command import app_for
from ops.projections import projections
from projections.registry import PROJECTIONS
from tests import asking
from tests.county import HOMESTEAD, TOWN_CLERK_POST
from tests.examples import VILLAGER
from tests.serving import KEY, WITH_VIEWS, jiandu, serving, settle_county
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
        for projection in PROJECTIONS:
            wait_until(lambda name=projection.name: is_told_to_be_failing(server, name, "0.0"))
        rebuilt = jiandu("projections", "rebuild", "custody", settings=settings)
        assert "rebuilt: custody" in rebuilt.stdout, rebuilt.stderr
        assert "custody" not in rebuilt.stderr  # how far it is, a terminal is told
        checked = jiandu("projections", "check", settings=settings)
        assert checked.returncode == 0, checked.stdout
        assert "live" in jiandu("projections", settings=settings).stdout


POISON = """
    create function county_views.refuse() returns trigger language plpgsql
        as $$ begin raise exception 'a card that cannot be written'; end $$;
    create trigger refuse before insert or update or delete on county_views.case_card
        for each row execute function county_views.refuse()
"""
CURE = "drop trigger refuse on county_views.case_card; drop function county_views.refuse()"


def test_a_view_that_fails_stops_alone_says_why_everywhere_and_goes_on_once_it_can(county):
    settings = {"JIANDU_DATABASE_URL": county} | WITH_VIEWS
    with serving(settings) as server, asking.a_client(base_url=server.address, headers=KEY) as http:
        wait_until(lambda: is_current(county))
        with psycopg.connect(county, autocommit=True) as connection:
            connection.execute(POISON)
            event = receive_case(http)
            # at first it is one of several events
            failure = wait_until(lambda: one_event(health(http)["case_card"]["failure"]))
            assert (failure["stream"], failure["topic"]) == (event["stream"], "case.received.v1")
            assert "a card that cannot be written" in failure["error"]
            wait_until(lambda: health(http)["custody"]["position"] >= event["position"])
            said = jiandu("projections", settings=settings).stdout
            assert (
                f"case_card: 失败于 failing at {event['position']} {event['stream']} case.received.v1: "
                in said
            )
            assert "a card that cannot be written" in said
            assert "failing at" not in said.replace("case_card: 失败于 failing at", "")
            wait_until(lambda: is_told_to_be_failing(server, "case_card", "1.0"))
            connection.execute(CURE)
        wait_until(lambda: health(http)["case_card"]["failure"] is None)
        case_no = event["stream"].removeprefix("case:")
        assert http.get(f"/v1/cases/{case_no}/card").json()["card"]["status"] == "registered"


def receive_case(http):
    """Its one event."""
    action = {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": VILLAGER}
    clerk = {"X-Jiandu-Speaks-For": f"a-town-clerk@{TOWN_CLERK_POST}"}
    recorded = http.post("/v1/cases", json={"action": action}, headers=clerk).json()
    return {"stream": f"case:{recorded['case_no']}", "position": recorded["events"][0]["position"]}


def is_told_to_be_failing(server, projection, figure):
    """The metrics page tells of the views once a second."""
    metrics = asking.get(f"{server.address}/metrics").text
    return f'jiandu_projection_failing{{county="county",projection="{projection}"}} {figure}\n' in metrics


def one_event(failure):
    return failure if failure and failure["stream"] else None


def health(http):
    """By view."""
    return {view["health"]["name"]: view["health"] for view in http.get("/v1/projections").json()["views"]}


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


OF_AN_EARLIER_VERSION = """
    insert into county_views.projections (name, failed_at, failed_after, failed_upto, failure)
    values ('retired', now(), 0, 1, 'nobody keeps it any more')
"""


def test_a_view_that_there_is_no_more_is_not_told_to_fail(county):
    settings = {"JIANDU_DATABASE_URL": county}
    assert jiandu("projections", settings=settings).returncode == 0
    with psycopg.connect(county) as connection:
        connection.execute(OF_AN_EARLIER_VERSION)
    told = jiandu("projections", settings=settings)
    assert (told.returncode, "retired" in told.stdout) == (0, False)


NO_ROOM = """
    create function no_room() returns event_trigger language plpgsql
        as $$ begin raise exception 'no room for a table'; end $$;
    create event trigger no_room on ddl_command_end when tag in ('CREATE TABLE AS') execute function no_room()
"""


def test_a_rebuild_that_fails_says_why(county):
    with psycopg.connect(county) as connection:
        connection.execute(NO_ROOM)
    refused = jiandu("projections", "rebuild", "calendar", settings={"JIANDU_DATABASE_URL": county})
    assert refused.returncode == 1
    assert "calendar: 失败于 failing at 1–" in refused.stderr
    assert "no room for a table" in refused.stderr


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
