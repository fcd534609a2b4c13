"""A thousand people are planted and then looked for: in answers, logs, events, views, exports, dumps, tables, the
write-ahead log. None is found, neither before nor after all of them are erased; the record still proves itself."""

import asyncio
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from shutil import copytree, ignore_patterns
from types import SimpleNamespace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.aggregates import AGGREGATES
from domain.store.county import Store
from domain.store.vault_keys import VaultKeyFiles
from domain.vault.sealed import opened
from domain.vault.wrapping import KeyAbsent
from ops.embedded import EmbeddedPostgres, running_dsn
from ops.embedded.binaries import wheel_bin_dir
from tests import asking
from tests.clusters import a_cluster
from tests.county import DIRECTOR_POST, HOMESTEAD, TOWN_CLERK_POST, actor_at
from tests.markers import PLANTED, Markers, person
from tests.serving import KEY, SCHEMA, WITH_SEAL, WITH_VIEWS, furnish_county, jiandu, serving

PEOPLE = [person(number) for number in range(PLANTED)]
MARKERS = Markers(PEOPLE)
TALKATIVE = "log_statement = 'all'\nlog_min_duration_statement = 0\nlog_parameter_max_length = -1\nlog_error_verbosity = verbose\n"
"""A server that writes down every statement with its parameters."""
AT_ONCE = 12
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
    "Sec-WebSocket-Version": "13",
}
"""Of WebSocket, which no room of the door speaks."""


def at_post(post):
    return KEY | {"X-Jiandu-Speaks-For": f"{actor_at(post).staff_id}@{post}"}


class Hall:
    """A served county and what it answered; `told` holds every answer in which no value may stand."""

    def __init__(self, address):
        self.http = asking.a_client(base_url=address, headers=at_post(TOWN_CLERK_POST))
        self.told = []
        self.refs = []
        self.cases = {}

    def close(self):
        self.http.close()

    def ask(self, method, path, *, status=None, post=TOWN_CLERK_POST, **more):
        answer = self.http.request(method, path, headers=at_post(post) | more.pop("headers", {}), **more)
        assert status is None or answer.status_code == status, answer.text
        self.told.append(answer.content + str(answer.headers).encode())
        return answer

    def plant(self, each):
        """Enrolled, then met in every way in which the hall meets people."""
        number = int(each["phone"][5:])
        ref = self.ask("POST", "/v1/persons", json=each, status=201).json()["person_ref"]
        if number % 5 == 0:
            self.ask("GET", f"/v1/persons/{ref}", status=200)
            action = {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": ref}
            case_no = self.ask("POST", "/v1/cases", json={"action": action}, status=201).json()["case_no"]
            self.cases[ref] = f"/v1/cases/{case_no}/actions"
        if number % 7 == 0:
            sought = {"id_type": "111", "id_number": each["id_number"], "purpose": "handling"}
            assert len(self.ask("POST", "/v1/persons/search", json=sought, status=200).json()["persons"]) == 1
            self.ask(
                "POST", f"/v1/persons/{ref}/corrections", json={"address": f"{each['address']}西"}, status=201
            )
        if number % 10 == 0:
            seen = {"parts": ["name", "id_number", "phone"], "purpose": "contact"}
            whole = self.http.post(f"/v1/persons/{ref}/reveal", json=seen).json()["values"]
            assert whole == {part: each[part] for part in seen["parts"]}
        if number % 20 == 0:
            self._slip(each)
        return ref

    def _slip(self, each):
        """What a hand may do wrongly with personal data."""
        phone, number, name = each["phone"], each["id_number"], each["name"]
        wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
        self.ask("POST", "/v1/persons", json=each | {"id_number": wrong}, status=422)
        self.ask("POST", "/v1/persons", json=each | {"nickname": name}, status=422)
        self.ask(
            "POST", "/v1/persons", content=json.dumps(each)[:-1], headers={"content-type": "application/json"}
        )
        for text in (f"电话 {phone}", f"身份证{number}"):
            action = {"type": "receive_case", "item_code": HOMESTEAD}
            said = {"action": action, "circumstances": {"place": text}}
            self.ask("POST", "/v1/cases", json=said, status=422)
            asking = {"action": {"type": "register_first_ask", "matter": text}}
            self.ask("POST", "/v1/contacts", json=asking, status=422)
        for path in (f"/v1/persons/{number}", f"/v1/cases/{number}", f"/v1/contacts/{phone}"):
            self.ask("GET", path, status=422)
            self.ask("GET", path, headers=HANDSHAKE, status=422)
        self.ask("GET", "/v1/events", params={"stream": number, "topic": phone}, status=422)
        self.ask("GET", "/v1/cases", params={"q": phone}, status=422)
        action = {"type": "receive_case", "item_code": HOMESTEAD, "external_ref": number}
        self.ask("POST", "/v1/cases", json={"action": action}, status=422)
        asking = {"action": {"type": "register_first_ask", "matter": "问"}}
        self.ask("POST", "/v1/contacts", json=asking, headers={"Idempotency-Key": number}, status=422)

    def read_everything(self):
        after = 0
        while True:
            page = self.ask("GET", "/v1/events", params={"after": after, "limit": 1000}, status=200).json()
            if not page["events"]:
                break
            after = page["next_after"]
        for path in (
            "/v1/cases",
            "/v1/audit",
            "/v1/signals",
            "/v1/catalogue/staff",
            "/metrics",
            "/v1/projections",
        ):
            self.ask("GET", path, post=DIRECTOR_POST)
        for path in (
            "/v1/exports/xes",
            "/v1/exports/ocel?format=json",
            "/v1/cases?format=csv",
            "/v1/audit?format=csv",
        ):
            self.ask("GET", path, post=DIRECTOR_POST)

    def erase(self, ref):
        if ref in self.cases:
            ending = {"action": {"type": "withdraw_case", "reason": "不办了"}}
            self.ask("POST", self.cases[ref], json=ending, headers={"If-Match": "*"}, status=201)
        proposal = {
            "type": "propose_measure",
            "measure": "erase",
            "reason": "届满",
            "retention_ended_on": "2020-01-01",
        }
        self.ask("POST", f"/v1/persons/{ref}/measures", json={"action": proposal}, status=201)
        agreed = {"action": {"type": "agree_to_measure", "measure": "erase"}}
        self.ask("POST", f"/v1/persons/{ref}/measures", json=agreed, post=DIRECTOR_POST, status=201)


def dump(dsn):
    """As an operator takes it: every schema, plain."""
    words = conninfo_to_dict(dsn)
    done = subprocess.run(
        [wheel_bin_dir() / "pg_dump", "--dbname", make_conninfo("", **words)], capture_output=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def planted():
    """The county, its dump before and after the erasure, and everything that was told."""
    with a_cluster(furnish_county) as folder:
        (cluster,) = [
            path.parent for path in folder.rglob("PG_VERSION") if (path.parent / "postgresql.conf").exists()
        ]
        (cluster / "local.conf").write_text(TALKATIVE)
        (cluster / "local.conf").chmod(0o644)
        settings = {"JIANDU_DATA_DIR": str(folder), "JIANDU_LOG_LEVEL": "debug", "JIANDU_ACCESS_LOG": "true"}
        settings |= WITH_VIEWS | WITH_SEAL
        adopted = jiandu("keys", "adopt", "--reason", "试验", settings=settings)
        assert adopted.returncode == 0, adopted.stderr
        with (
            serving(settings) as server,
            ThreadPoolExecutor(AT_ONCE) as threads,
            closing(Hall(server.address)) as hall,
        ):
            hall.refs = list(threads.map(hall.plant, PEOPLE))
            hall.read_everything()
            dsn = running_dsn(folder)
            before = dump(dsn)
            events = states(dsn)
            files_before = MARKERS.in_files(folder)
            list(threads.map(hall.erase, hall.refs))
            hall.read_everything()
            after = dump(dsn)
        assert server.process.poll() is not None
        yield SimpleNamespace(
            folder=folder, settings=settings, hall=hall, said=server.said, before=before, after=after,
            events=events, files_before=files_before,
        )  # fmt: skip


def states(dsn):
    with psycopg.connect(dsn) as connection:
        return connection.execute(f"select state from {SCHEMA}.events order by position").fetchall()  # noqa: S608  — a constant


def test_everybody_was_planted_and_the_search_finds_what_is_there(planted):
    """The control: the same search, on what was sent."""
    assert len(set(planted.hall.refs)) == PLANTED
    assert len(MARKERS.within(json.dumps(PEOPLE, ensure_ascii=False).encode())) == 4 * PLANTED
    state = json.dumps(PEOPLE[7], ensure_ascii=False).encode().hex().encode()
    assert len(MARKERS.within(b"\\x" + state)) == 4


def test_no_answer_but_to_a_reveal_tells_anybody(planted):
    assert len(planted.hall.told) > 3 * PLANTED
    assert {marker for told in planted.hall.told for marker in MARKERS.within(told)} == set()


def test_no_event_and_no_line_of_a_log_tells_anybody(planted):
    assert len(planted.events) > 1.5 * PLANTED
    assert {marker for (state,) in planted.events for marker in MARKERS.within(state)} == set()
    assert MARKERS.within(planted.said.encode()) == set()


def test_no_table_no_write_ahead_log_and_no_statement_log_tells_anybody(planted):
    """Bytes as they lie on the disk: tables and indexes, WAL, the server's own log of every statement."""
    assert list(planted.folder.rglob("pg_wal/0000*"))
    logs = [
        path for path in planted.folder.rglob("*") if path.is_file() and b"vault_enrol" in path.read_bytes()
    ]
    assert any("log" in path.name for path in logs), "the server wrote its statements down"
    assert planted.files_before == {}
    assert MARKERS.in_files(planted.folder) == {}


def test_no_dump_tells_anybody(planted):
    for each in (planted.before, planted.after):
        assert b"subject.enrolled.v1" in each
        assert MARKERS.within(each) == set()
    assert planted.before.count(b"CREATE TABLE county_vault.") == 4


def test_in_a_restored_backup_nobody_opens_any_more(planted):
    """By the keys that are left. Where nothing tells the command that the log was set back, it says which key is gone, and erases everybody again."""
    rotated = jiandu("vault", "rotate", settings=planted.settings)
    assert rotated.returncode == 0, rotated.stderr
    with EmbeddedPostgres(planted.folder) as postgres:
        with psycopg.connect(postgres.dsn, autocommit=True) as connection:
            connection.execute("create database restored")
        restored = make_conninfo(postgres.dsn, dbname="restored")
        subprocess.run(
            [wheel_bin_dir() / "psql", "-q", "-d", restored],
            input=planted.before,
            capture_output=True,
            check=True,
        )
        assert asyncio.run(opening(restored, planted)) == {"restored": PLANTED, "opened": 0}
        keys, bare = planted.folder / "keys", planted.folder / "keys-alone"
        set_back = checked(planted, restored, keys)
        assert set_back.returncode == 1
        assert "the database was set back" in set_back.stderr
        copytree(keys, bare, ignore=ignore_patterns(f"{SCHEMA}.sealed", f"{SCHEMA}.acknowledged"))
        erased_again = checked(planted, restored, bare)
        said = {line.get("event"): line for line in map(json.loads, erased_again.stderr.splitlines())}
        assert said["vault_is_of_before_a_rotation"]["destroyed"] == [1]
        assert said["erased_again"]["persons"] == PLANTED
        assert erased_again.stdout.startswith("0 人，")


def checked(planted, database, keys):
    there = {"JIANDU_DATABASE_URL": database, "JIANDU_KEYS_DIR": str(keys)}
    return jiandu("vault", "check", settings=planted.settings | there)


async def opening(dsn, planted):
    keys = VaultKeyFiles(planted.folder / "keys").now
    count = {"restored": 0, "opened": 0}
    async with Store.open(dsn, SCHEMA, AGGREGATES) as store:
        for ref in planted.hall.refs:
            kept = await store.vault.person(ref)
            count["restored"] += kept is not None
            try:
                opened(keys, ref, kept)
            except KeyAbsent:
                continue
            count["opened"] += 1
    return count


def test_the_record_still_proves_itself(planted):
    """Every commitment, signature and leaf stands, though nothing they are about is left."""
    verified = jiandu("verify", settings=planted.settings)
    assert verified.returncode == 0, verified.stdout + verified.stderr
