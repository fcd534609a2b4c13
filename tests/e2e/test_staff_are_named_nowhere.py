"""Officers are people too: whom a catalogue names, with their telephones, only the vault knows; no event, view,
log line or error."""

import json
import subprocess
from shutil import copytree

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ops.embedded.binaries import wheel_bin_dir
from tests.markers import Markers, person
from tests.serving import ROOT, SCHEMA, jiandu

OFFICERS = [person(number) for number in range(40)]
MARKERS = Markers(OFFICERS)
BROKEN = person(40)
"""Whose entry cannot be taken."""


def entry(number, officer, phone):
    return json.dumps(
        {"staff_id": f"M{number:04d}", "unit_code": "CX-ZX", "name": officer["name"], "phone": phone},
        ensure_ascii=False,
    )


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    """The demo county's, with officers who can be told from everything else in the world."""
    folder = tmp_path_factory.mktemp("catalogue") / "county"
    copytree(ROOT / "ops" / "demo_county", folder)
    named = [f"  - {entry(number, officer, officer['phone'])}" for number, officer in enumerate(OFFICERS)]
    with (folder / "staff.yaml").open("a", encoding="utf-8") as staff:
        staff.write("\n" + "\n".join(named) + "\n")
    return folder


@pytest.fixture
def settings(database18, tmp_path):
    return {
        "JIANDU_DATABASE_URL": database18,
        "JIANDU_COUNTY": SCHEMA,
        "JIANDU_KEYS_DIR": str(tmp_path / "keys"),
        "JIANDU_LOG_LEVEL": "debug",
    }


def dumped(dsn):
    words = [wheel_bin_dir() / "pg_dump", "--dbname", make_conninfo(dsn)]
    return subprocess.run(words, capture_output=True, check=True).stdout


def test_a_catalogue_s_officers_stand_in_the_vault_alone(catalogue, settings):
    said = [
        jiandu(*words, settings=settings)
        for words in (("load-catalogue", str(catalogue)), ("projections", "rebuild"))
    ]
    assert [each.returncode for each in said] == [0, 0], [each.stderr for each in said]
    with psycopg.connect(settings["JIANDU_DATABASE_URL"]) as connection:
        count = (
            "select count(*) from county.events where topic = 'staff.enrolled.v1' and stream like 'staff:M%'"
        )
        assert connection.execute(count).fetchone() == (len(OFFICERS),)
    assert MARKERS.within((catalogue / "staff.yaml").read_bytes()) == {
        officer[part] for officer in OFFICERS for part in ("name", "phone")
    }
    assert MARKERS.within(dumped(settings["JIANDU_DATABASE_URL"])) == set()
    assert MARKERS.within("".join(each.stdout + each.stderr for each in said).encode()) == set()


def test_what_is_wrong_about_an_officer_is_said_without_a_name(settings, tmp_path):
    folder = tmp_path / "broken"
    copytree(ROOT / "ops" / "demo_county", folder)
    with (folder / "staff.yaml").open("a", encoding="utf-8") as staff:
        staff.write(f"  - {{staff_id: M0098, unit_code: CX-ZX, nickname: {BROKEN['name']}}}\n")
        staff.write(f"  - {{staff_id: {BROKEN['phone']}, unit_code: CX-ZX, name: {BROKEN['name']}}}\n")
    refused = jiandu("load-catalogue", str(folder), settings=settings)
    assert refused.returncode == 1
    assert refused.stderr.count("\nstaff.yaml:") == 3
    assert Markers([BROKEN]).within((refused.stdout + refused.stderr).encode()) == set()


def test_an_officer_s_own_number_becomes_no_staff_number(settings, tmp_path):
    folder = tmp_path / "numbered"
    copytree(ROOT / "ops" / "demo_county", folder)
    with (folder / "staff.yaml").open("a", encoding="utf-8") as staff:
        for number in (BROKEN["phone"], BROKEN["id_number"]):
            staff.write(f"  - {{staff_id: '{number}', unit_code: CX-ZX, name: {BROKEN['name']}}}\n")
    refused = jiandu("load-catalogue", str(folder), settings=settings)
    assert refused.returncode == 2, refused.stderr
    assert refused.stdout.count("手机号码、公民身份号码不得用作工号") == 2
    assert Markers([BROKEN]).within((refused.stdout + refused.stderr).encode()) == set()
    assert Markers([BROKEN]).within(dumped(settings["JIANDU_DATABASE_URL"])) == set()
