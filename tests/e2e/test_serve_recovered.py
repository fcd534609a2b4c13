"""An old backup is restored, and nothing newer is left: two officers state what is lost, and the county goes on behind it."""

from base64 import b64decode
from contextlib import contextmanager, suppress

import pytest

from domain.evidence.verify import BROKEN, TOLERANCE_SECONDS, Refused, Trust, verify
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import Note
from domain.proof.verification import is_consistent
from ops.admin import opened_accounts
from ops.settings import Settings
from tests import asking
from tests.county import AUDITOR_POST, HOMESTEAD, TOWN_CLERK_POST
from tests.e2e.test_serve_witnessed import County, both
from tests.examples import VILLAGER
from tests.servers import copied
from tests.serving import KEY, SCHEMA, jiandu, keys_of, serving, settle_county
from tests.waiting import wait_until

WHO = KEY | {"X-Jiandu-Speaks-For": f"a-town-clerk@{TOWN_CLERK_POST}"}
AUDITOR = KEY | {"X-Jiandu-Speaks-For": f"a-auditor@{AUDITOR_POST}"}
OFFICERS = {"a-director": "correct horse one", "a-auditor": "correct horse two"}


class Clerk:
    """Somebody at the served county's counter, and an auditor beside them."""

    def __init__(self, server, county):
        self.client = asking.a_client(base_url=server.address, headers=WHO)
        log = (keys_of(county.dsn) / "log-1.pub").read_text()
        first = (keys_of(county.dsn) / "process-1.pub").read_text().strip()
        self.trust = Trust.read(f"log {log}{county.policy.read_text()}", f"process {first} 1\n")

    def done(self, address, **action):
        answer = self.client.post(address, json={"action": action}, headers={"If-Match": "*"})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def opens(self, key):
        return self.done(
            "/v1/cases", type="receive_case", item_code=HOMESTEAD, applicant_ref=VILLAGER, external_ref=key
        )

    def corrects(self, case_no):
        """A step that can be taken any number of times."""
        return self.done(f"/v1/cases/{case_no}/actions", type="correct_on_spot", what="申请表第三栏")

    def asked(self, address, **parameters):
        answer = self.client.get(address, headers=AUDITOR, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer

    def seen(self, position):
        """The log's checkpoint, once witnesses have seen that position."""
        wait_until(lambda: self.asked("/v1/log/witnesses").json()["cosigned_size"] >= position)
        return self.asked("/v1/log/checkpoint").content

    def evidence(self, case_no, path):
        """The case's bundle, once it is proved to whoever believes the witnesses."""

        def taken():
            answer = self.client.get(f"/v1/cases/{case_no}/evidence", headers=AUDITOR)
            path.write_bytes(answer.content)
            with suppress(Refused, *BROKEN):
                return proved(path, self.trust)

        return wait_until(taken, every_seconds=0.5)

    def has_grown(self, earlier, later):
        """Whether the log's own proof shows that the later checkpoint continues the earlier."""
        one, other = (Checkpoint.from_text(Note.from_bytes(note).text) for note in (earlier, later))
        proof = self.asked("/v1/log/proof/consistency", **{"from": one.size, "to": other.size}).json()
        hashes = [b64decode(each) for each in proof["hashes"]]
        return is_consistent(one.size, one.root, other.size, other.root, hashes)


@contextmanager
def at_counter(county, settings):
    with serving(settings) as server:
        clerk = Clerk(server, county)
        with clerk.client:
            yield clerk


def proved(path, trust):
    return verify(str(path), trust, None, [], TOLERANCE_SECONDS)


def recover(county):
    words = [word for officer in OFFICERS for word in ("--officer", officer)]
    words += ["--reason", "磁盘损坏，只余昨日备份", "--password-stdin"]
    passwords = "".join(f"{password}\n" for password in OFFICERS.values())
    return jiandu("recover", *words, settings=county.settings(), said=passwords)


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
    beside = settings | {"JIANDU_COUNTY": "anew", "JIANDU_KEYS_DIR": str(tmp_path / "anew")}
    with both(county):
        with at_counter(county, settings) as clerk:
            case_no = clerk.opens("a")["case_no"]
            clerk.evidence(case_no, tmp_path / "old.zip")
        with copied(county.dsn) as restore:
            with at_counter(county, settings) as clerk:
                step, gone = clerk.corrects(case_no), clerk.opens("b")
                held = clerk.seen(gone["events"][-1]["position"])
            restore()
        look = ("events", "--as", f"a-auditor@{AUDITOR_POST}")
        for words in (["serve"], look):  # nor is a look recorded over the gap
            refused = jiandu(*words, settings=settings)
            assert (refused.returncode, "jiandu recover" in refused.stderr) == (1, True), refused.stderr
        taking = ("evidence", case_no, "--out", str(tmp_path / "closed.zip"), "--closed", SCHEMA)
        assert jiandu("migrate", settings=beside).returncode == 0
        taken = jiandu(*taking, settings=beside)
        assert taken.returncode == 0, taken.stderr
        assert proved(tmp_path / "closed.zip", clerk.trust), "had there been no copy of the leaves"
        done = recover(county)
        assert done.returncode == 0, done.stderr
        (lost,) = step["events"]
        assert f"{lost['position']} case:{case_no} v{step['version']} " in done.stdout
        with at_counter(county, settings) as clerk:
            assert clerk.opens("c")["case_no"] != gone["case_no"]
            assert clerk.corrects(case_no)["version"] == step["version"] + 1
            told = clerk.asked(f"/v1/cases/{case_no}/history").json()["events"]
            assert [event["topic"] for event in told[-2:]] == ["event.lost.v1", lost["topic"]]
            assert clerk.asked(f"/v1/cases/{gone['case_no']}").json()["version"] == gone["version"]
            newer = clerk.seen(told[-1]["position"])
            assert clerk.has_grown(held, newer)
            report = clerk.evidence(case_no, tmp_path / "new.zip")
            assert any("LOST, as stated" in line for line in report)
            assert proved(tmp_path / "old.zip", clerk.trust)
    verified = jiandu("verify", settings=settings)
    assert verified.returncode == 0, verified.stdout
    named = f"event {lost['position']} is lost, as officers have stated: case:{case_no} v{step['version']} "
    assert named in verified.stdout
