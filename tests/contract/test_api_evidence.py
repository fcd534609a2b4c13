"""Evidence over HTTP: taken away with one request, proved by a file that knows nothing of the county, and in the record."""

from datetime import timedelta
from hashlib import sha256
from zipfile import ZipFile

import psycopg
import pytest

from domain.evidence import verify as verifier
from domain.evidence.verify import Trust
from domain.perusal import PERUSAL
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import Note
from domain.proof.signing import Use
from domain.store import schema
from domain.store.evidence import Awaited, EvidenceReader
from domain.store.key_files import KeyFiles
from ops.drafts import drafted
from ops.evidence import LACKING
from ops.failures import CannotDo
from tests.county import DISCIPLINE_POST, PROOF
from tests.doors import Doorway
from tests.evidenced import ORIGIN
from tests.proved import a_proved_county, see
from tests.servers import fresh_database
from tests.serving import SCHEMA, jiandu
from tests.templates import make_county

RECEIPT = {"action": {"type": "receive_case", "item_code": PROOF, "applicant_ref": f"p-{0:032x}"}}
CASE_NO = "6109991010002026030300001Y"
PHONE = "13800005678"


@pytest.fixture
async def county(postgres18, tmp_path):
    with fresh_database(postgres18.dsn) as dsn:
        async with a_proved_county(dsn, tmp_path) as county:
            yield county


async def opened_case(client):
    return (await client.post("/v1/cases", json=RECEIPT)).json()["case_no"]


def code_of(answer):
    return answer.status_code, answer.json()["type"].removeprefix("urn:jiandu:problem:")


async def test_a_bundle_taken_over_http_is_proved_by_its_own_file(county, tmp_path):
    async with county.doorway.entered() as client, county.doorway.entered(DISCIPLINE_POST) as auditor:
        case_no = await opened_case(client)
        size = await county.root()
        answer = await auditor.get(f"/v1/cases/{case_no}/evidence", params={"since": 3})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
        assert answer.headers["content-disposition"] == f'attachment; filename="{case_no}-{size}.zip"'
        path = tmp_path / "case.zip"
        path.write_bytes(answer.content)
        told = verifier.verify(str(path), Trust.read(county.policy, county.keys), None, [], 120)
        assert told[0] == f"日志 log {ORIGIN}  卷 stream case:{case_no}"
        with ZipFile(path) as bundle:
            assert "consistency/3" in bundle.namelist()
            assert {"policy", "keys", "verify.py", "README.md", "README.zh-CN.md"} <= set(bundle.namelist())
            assert bundle.read("policy").decode() == county.policy


async def test_that_evidence_was_taken_stands_in_the_record(county):
    async with county.doorway.entered() as client, county.doorway.entered(DISCIPLINE_POST) as auditor:
        case_no = await opened_case(client)
        size = await county.root()
        answer = await auditor.get(f"/v1/cases/{case_no}/evidence")
        stored = await county.store.events.stored(size, 10)
        (taken,) = [event for event in stored if event.topic == "perusal.evidence_exported.v1"]
        assert sha256(answer.content).hexdigest().encode() in taken.state
        assert taken.stream.startswith(PERUSAL.stream(""))


async def test_a_case_that_is_not_yet_rooted_is_answered_later(county):
    async with county.doorway.entered() as client, county.doorway.entered(DISCIPLINE_POST) as auditor:
        case_no = await opened_case(client)
        await county.seal()
        answer = await auditor.get(f"/v1/cases/{case_no}/evidence")
        assert code_of(answer) == (409, "evidence-not-ready")
        assert answer.headers["retry-after"] == "10"
        assert answer.json()["details"] == {"awaited": "case_heads"}


async def test_where_something_stands_still_it_is_said_what_and_that_waiting_is_in_vain(county, monkeypatch):
    monkeypatch.setitem(EvidenceReader.of.__kwdefaults__, "standstill", timedelta(0))
    async with county.doorway.entered() as client, county.doorway.entered(DISCIPLINE_POST) as auditor:
        case_no = await opened_case(client)
        for awaited in ("seal", "case_heads"):
            answer = await auditor.get(f"/v1/cases/{case_no}/evidence")
            assert code_of(answer) == (409, "evidence-stands-still")
            assert answer.json()["details"] == {"awaited": awaited}
            assert answer.headers["retry-after"] == "60"
            code, told = county.jiandu("evidence", case_no, "--wait", "0")
            assert (code, LACKING[Awaited(awaited)][1] in told) == (1, True)
            await county.seal()


async def test_the_answer_says_who_has_seen_the_checkpoint_and_what_it_does_not_prove(county, monkeypatch):
    """At once: an alarm about silent witnesses comes after a quarter of an hour."""
    async with county.doorway.entered() as client, county.doorway.entered(DISCIPLINE_POST) as auditor:
        case_no = await opened_case(client)
        await county.root()

        async def told(number):
            headers = (await auditor.get(f"/v1/cases/{number}/evidence")).headers
            return headers.get("jiandu-seen-by"), headers.get("jiandu-not-proved")

        assert await told(case_no) == ("nobody", "0")
        await see(county.store)
        assert await told(case_no) == ("witness.local/jiwei", "0")
        accepted = {"action": {"type": "accept_case"}}
        await client.post(f"/v1/cases/{case_no}/actions", json=accepted, headers={"If-Match": "*"})
        later = await opened_case(client)
        await county.root()
        assert await told(later) == (None, None)
        monkeypatch.setitem(EvidenceReader.of.__kwdefaults__, "standstill", timedelta(0))
        assert await told(case_no) == ("witness.local/jiwei", "1")
        assert await told(later) == ("nobody", "0")


async def test_a_bundle_that_is_short_of_a_checkpoint_that_is_held_is_not_given_silently(county, tmp_path):
    """It would be refused where it is checked, as if somebody had left something out."""
    async with county.doorway.entered() as client, county.doorway.entered(DISCIPLINE_POST) as auditor:
        case_no = await opened_case(client)
        size = await county.root()
        await opened_case(client)
        await county.seal()
        taken = await auditor.get(f"/v1/cases/{case_no}/evidence", params={"since": size})
        assert taken.headers["jiandu-complete-as-of"] == str(size)
        later = await auditor.get(f"/v1/cases/{case_no}/evidence", params={"since": size + 1})
        assert code_of(later) == (409, "evidence-not-ready")
        words = ("evidence", case_no, "--out", str(tmp_path / "short.zip"), "--since")
        code, told = county.jiandu(*words, str(size))
        assert (code, "short of the checkpoint" in told) == (0, False)
        code, told = county.jiandu(*words, str(size + 1000))
        assert (code, f"complete as of {size}, short of the checkpoint {size + 1000}" in told) == (0, True)
        assert "once witnesses have seen as far" in told
        code, told = county.jiandu(*words, str(size + 1), "--wait", "0")
        assert (code, LACKING[Awaited.case_heads][1] in told) == (1, True)


async def test_there_is_no_evidence_of_what_is_not_there(county):
    async with county.doorway.entered(DISCIPLINE_POST) as auditor:
        assert code_of(await auditor.get(f"/v1/cases/{CASE_NO}/evidence")) == (404, "case-unknown")
        assert code_of(await auditor.get("/v1/cases/1/evidence")) == (404, "case-unknown")
    async with Doorway().entered(DISCIPLINE_POST) as auditor:
        assert code_of(await auditor.get(f"/v1/cases/{CASE_NO}/evidence")) == (404, "not-sealed")


async def test_the_command_packs_and_checks_a_case(county, tmp_path):
    async with county.doorway.entered() as client:
        case_no = await opened_case(client)
        await county.root()
        path = tmp_path / "taken.zip"
        code, told = county.jiandu("evidence", case_no, "--out", path)
        assert (code, f"{path}: 事件 1 条 · 1 events" in told) == (0, True)
        assert "见证 seen by 尚无 nobody" in told
        code, told = county.jiandu("verify", "--case", case_no)
        assert (code, "齐全至位置 complete as of position" in told) == (0, True)
        code, told = county.jiandu("verify", "--every-signature", "--checkpoint", path)
        assert (code, "✓ 全部" in told, "from outside" in told) == (0, True, False), told
        (tmp_path / f"{SCHEMA}.sealed").rename(tmp_path / "elsewhere")
        code, told = county.jiandu("verify")
        assert (code, "held against no checkpoint from outside the database" in told) == (0, True), told
        code, told = county.jiandu("evidence", CASE_NO)
        assert (code, "日志中没有此办件" in told) == (1, True)


@pytest.mark.parametrize("changed", [1, 2])
async def test_it_is_said_at_once_that_a_changed_case_proves_nothing(county, tmp_path, changed):
    """With its newest event changed no root covers the case; with an earlier one, a bundle is made, and does not hold."""
    async with county.doorway.entered() as client, county.doorway.entered(DISCIPLINE_POST) as auditor:
        case_no = await opened_case(client)
        accepted = {"action": {"type": "accept_case"}}
        await client.post(f"/v1/cases/{case_no}/actions", json=accepted, headers={"If-Match": "*"})
        await county.root()
        with psycopg.connect(county.dsn, autocommit=True) as connection:
            connection.execute(f"alter table {SCHEMA}.events disable trigger all")
            moved = f"update {SCHEMA}.events set occurred_at = occurred_at - interval '1 day'"  # noqa: S608  — a constant
            connection.execute(moved + " where stream = %s and version = %s", [f"case:{case_no}", changed])
        answer = await auditor.get(f"/v1/cases/{case_no}/evidence")
    path = tmp_path / "broken.zip"
    code, told = county.jiandu("evidence", case_no, "--out", path)
    assert (code, "不能证明" in told, "Nothing is proved" in told) == (1, True, True)
    code, told = county.jiandu("replay", case_no)
    assert (code, "不据此重演" in told, told.endswith(f"  #{changed + 2}\n")) == (1, True, True), told
    if changed == 1:
        assert (answer.status_code, path.exists()) == (200, True)
    else:
        assert (code_of(answer), path.exists()) == ((409, "record-broken"), False)


async def test_a_checkpoint_that_is_held_counts_for_one_case_too(county, tmp_path):
    async with county.doorway.entered() as client:
        case_no = await opened_case(client)
        held, forged = tmp_path / "held", tmp_path / "forged"
        await county.seal()
        held.write_bytes((await client.get("/v1/log/checkpoint")).content)
        await county.root()
    assert county.jiandu("verify", "--case", case_no, "--checkpoint", held)[0] == 0
    signer = KeyFiles(tmp_path).of(Use.log)[0].signer()
    other = Checkpoint(ORIGIN, int(held.read_text().split("\n")[1]), b"\0" * 32).text()
    forged.write_bytes(Note(other).signed_by(signer.sign(other)).to_bytes())
    code, told = county.jiandu("verify", "--case", case_no, "--checkpoint", held, "--checkpoint", forged)
    assert (code, "日志分叉 a fork" in told) == (1, True)
    for words in (("--receipt", held), ("--compare", held, held), ("--every-signature",), ("--memory", held)):
        code, told = county.jiandu("verify", "--case", case_no, *words)
        assert (code, f"不能同时使用：--case, {words[0]}" in told) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("verify", "--memory", "a-file"), "不是封印程序的记忆文件"),
        (("verify", "--policy", "a-file"), "策略或公钥无法使用"),
        (("evidence", CASE_NO, "--closed", "nowhere"), "没有该名称的日志"),
        (("keys", "retire", "log-1", "--lost", "--reason", f"问{PHONE}"), "文本中不得含有手机号码"),
        (("admin", "suspend", "S-1", "--reason", f"问{PHONE}"), "文本中不得含有手机号码"),
        (("admin", "assign-post", "no post", "S-1"), "所给内容无法登记"),
        (("admin", "issue-key", "importer", "--division", "no division"), "所给内容无法登记"),
        (("evidence", CASE_NO, "--closed", 'no"where'), "没有该名称的日志"),
    ],
)
async def test_what_cannot_be_used_is_said_in_a_sentence(county, tmp_path, words, said):
    (tmp_path / "a-file").write_bytes(b"\xcd\xcd\n")
    code, told = county.jiandu(*(tmp_path / word if word == "a-file" else word for word in words))
    assert (code, said in told, "Traceback" in told, PHONE in told) == (1, True, False, False)


NO_SETTING_UP = (
    ("verify",),
    ("verify", "--case", CASE_NO),
    ("seal", "show"),
    ("seal", "missing"),
    ("seal", "remember"),
    ("evidence", CASE_NO),
    ("events",),
    ("replay", CASE_NO),
    ("audit", "export"),
    ("audit", "gaps"),
    ("export", "xes"),
    ("export", "exchange", "up_pro_accept"),
    ("projections", "state"),
    ("projections", "rebuild"),
    ("projections", "check"),
    ("watch", "run"),
    ("watch", "run", "--dry-run"),
    ("keys", "list"),
    ("keys", "rotate"),
    ("vault", "check"),
    ("admin", "users"),
    ("admin", "first", "S-1"),
)


@pytest.mark.parametrize("words", NO_SETTING_UP, ids=" ".join)
def test_a_county_that_is_not_there_is_said_not_to_be_and_is_not_made(postgres18, tmp_path, words):
    with fresh_database(postgres18.dsn) as dsn:
        make_county(dsn, SCHEMA)
        KeyFiles(tmp_path).create(Use.log, ORIGIN)
        KeyFiles(tmp_path).create(Use.process, f"{ORIGIN}/process")
        files = set(tmp_path.iterdir())
        settings = {"JIANDU_DATABASE_URL": dsn, "JIANDU_COUNTY": "nowhere", "JIANDU_KEYS_DIR": str(tmp_path)}
        done = jiandu(*words, settings=settings)
        assert schema.counties(dsn) == [SCHEMA]
    assert (done.returncode, done.stdout, set(tmp_path.iterdir())) == (1, "", files)
    assert f"没有该名称的日志 nowhere（见 JIANDU_COUNTY），现有 {SCHEMA}" in done.stderr
    assert f"holds no log nowhere (JIANDU_COUNTY), but {SCHEMA}" in done.stderr
    assert "Traceback" not in done.stderr


def test_where_there_is_no_database_none_is_made_for_who_only_reads(tmp_path):
    folder = tmp_path / "mistyped"
    done = jiandu("events", settings={"JIANDU_DATA_DIR": str(folder)})
    assert (done.returncode, folder.exists(), "Traceback" in done.stderr) == (1, False, False)
    assert "中没有数据库（见 JIANDU_DATA_DIR）" in done.stderr


def test_a_database_without_any_county_says_so(database18):
    done = jiandu("events", settings={"JIANDU_DATABASE_URL": database18})
    assert (done.returncode, "尚无任何日志" in done.stderr, schema.counties(database18)) == (1, True, [])


@pytest.mark.parametrize("where", ["missing/case.zip", "."])
def test_nothing_is_recorded_of_a_bundle_that_cannot_be_written(tmp_path, where):
    is_recorded = False
    with pytest.raises(CannotDo, match="无法写入"), drafted(tmp_path / where):
        is_recorded = True
    assert (is_recorded, list(tmp_path.iterdir())) == (False, [])
