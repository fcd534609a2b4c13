"""An old backup is restored, and nothing newer is left: two officers state what is lost, and the county goes on behind it."""

import subprocess
import sys
from base64 import b64decode
from contextlib import contextmanager
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.proof.checkpoint import Checkpoint
from domain.proof.note import Note
from domain.proof.verification import is_consistent
from ops.admin import opened_accounts
from ops.settings import Settings
from tests.county import AUDITOR_POST, TOWN_CLERK_POST
from tests.e2e.test_serve_witnessed import County, both, opened, standing, until
from tests.serving import KEY, SCHEMA, environment, jiandu, keys_of, serving, settle_county
from tests.witnessed import ROOT

WHO = KEY | {"X-Jiandu-Speaks-For": f"a-town-clerk@{TOWN_CLERK_POST}"}
AUDITOR = KEY | {"X-Jiandu-Speaks-For": f"a-auditor@{AUDITOR_POST}"}
VERIFIER = ROOT / "domain/evidence/verify.py"
OFFICERS = {"a-director": "correct horse one", "a-auditor": "correct horse two"}


@contextmanager
def copied(dsn):
    """A backup of the database, as a function that restores it."""
    names = {
        "own": sql.Identifier(conninfo_to_dict(dsn)["dbname"]),
        "kept": sql.Identifier(f"backup_{uuid4().hex[:12]}"),
    }
    with psycopg.connect(make_conninfo(dsn, dbname="postgres"), autocommit=True) as server:

        def run(statement):
            server.execute(sql.SQL(statement).format(**names))

        def restore():
            run("drop database {own} with (force)")
            run("create database {own} template {kept}")

        run("create database {kept} template {own}")
        try:
            yield restore
        finally:
            run("drop database {kept}")


def signed_for(server, case_no):
    """A step of the case that can be taken any number of times."""
    body = {"action": {"type": "correct_on_spot", "what": "申请表第三栏"}}
    answer = httpx.post(
        f"{server.address}/v1/cases/{case_no}/actions", json=body, headers=WHO | {"If-Match": "*"}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def grown(server, earlier, later):
    """Whether the log's own proof shows that the later checkpoint continues the earlier."""
    one, other = (Checkpoint.from_text(Note.from_bytes(note).text) for note in (earlier, later))
    asked = {"from": one.size, "to": other.size}
    answer = httpx.get(f"{server.address}/v1/log/proof/consistency", headers=KEY, params=asked).json()
    hashes = [b64decode(each) for each in answer["hashes"]]
    return is_consistent(one.size, one.root, other.size, other.root, hashes)


def taken(server, case_no, path):
    """The case's evidence, once it is sealed and rooted."""

    def ready():
        answer = httpx.get(f"{server.address}/v1/cases/{case_no}/evidence", headers=AUDITOR)
        return answer.content if answer.status_code == 200 else None

    path.write_bytes(until(ready))
    return path


def checked(bundle, county):
    """By the one file that goes with it, with the witnesses' policy."""
    log = (keys_of(county.dsn) / "log-1.pub").read_text()
    (bundle.parent / "trusted").write_text(f"log {log}{county.policy.read_text()}")
    (bundle.parent / "known").write_text(
        f"process {(keys_of(county.dsn) / 'process-1.pub').read_text().strip()} 1\n"
    )
    words = (VERIFIER, bundle, "--policy", bundle.parent / "trusted", "--keys", bundle.parent / "known")
    done = subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def recover(county, **password_by_officer):
    words = [word for officer in OFFICERS for word in ("--officer", officer)]
    words += ["--reason", "磁盘损坏，只余昨日备份", "--password-stdin"]
    passwords = (OFFICERS | password_by_officer).values()
    return subprocess.run(
        [sys.executable, "-m", "ops.command", "recover", *words],
        input="".join(f"{password}\n" for password in passwords),
        env=environment(county.settings()),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def cosigned_note(server, position):
    """The log's checkpoint, once witnesses have seen that position."""
    until(lambda: standing(server)["cosigned_size"] >= position)
    return httpx.get(f"{server.address}/v1/log/checkpoint", headers=KEY).content


@pytest.fixture
async def county(database18, tmp_path):
    await settle_county(database18)
    found = County(database18, tmp_path)
    found.introduce()
    chosen = Settings(database_url=database18, county=SCHEMA, keys_dir=keys_of(database18))
    async with opened_accounts(database18, chosen) as accounts:
        for officer, password in OFFICERS.items():
            await accounts.admit(officer, password)
    return found


def test_two_officers_state_the_loss_and_the_county_goes_on_behind_it(county, tmp_path):
    settings = county.settings(JIANDU_HEADS_SECONDS="1")
    with both(county):
        with serving(settings) as server:
            kept = opened(server, "a")
            old_bundle = taken(server, kept["case_no"], tmp_path / "old.zip")
        with copied(county.dsn) as restore:
            with serving(settings) as server:
                step = signed_for(server, kept["case_no"])
                gone = opened(server, "b")
                held = cosigned_note(server, gone["events"][-1]["position"])
            restore()
        refused = jiandu("serve", settings=settings)
        assert (refused.returncode, "jiandu recover" in refused.stderr) == (1, True)
        assert recover(county, **{"a-auditor": "not the password"}).returncode == 1
        done = recover(county)
        assert done.returncode == 0, done.stderr
        assert f"{step['events'][0]['position']} case:{kept['case_no']} v" in done.stdout
        with serving(settings) as server:
            further = opened(server, "c")
            newer = cosigned_note(server, further["events"][-1]["position"])
            new_bundle = taken(server, kept["case_no"], tmp_path / "new.zip")
            history = httpx.get(
                f"{server.address}/v1/cases/{kept['case_no']}/history", headers=AUDITOR
            ).json()
            proof = grown(server, held, newer)
            unknown = httpx.get(f"{server.address}/v1/cases/{gone['case_no']}", headers=AUDITOR)
            again = signed_for(server, kept["case_no"])
    assert further["case_no"] != gone["case_no"]
    assert [event["topic"] for event in history["events"]][-len(step["events"]) :] == ["event.lost.v1"] * len(
        step["events"]
    )
    assert again["version"] > step["version"]
    assert unknown.status_code == 200
    assert proof
    verified = jiandu("verify", settings=settings)
    assert verified.returncode == 0, verified.stdout
    assert (
        f"event {step['events'][0]['position']} is lost, as officers have stated: case:{kept['case_no']} v"
        in verified.stdout
    )
    assert checked(old_bundle, county)[0] == 0
    code, told = checked(new_bundle, county)
    assert (code, "LOST, as stated" in told) == (0, True)
