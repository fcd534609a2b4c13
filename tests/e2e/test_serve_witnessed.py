"""A served county and its witnesses: cosigned within moments, warned when they are silent, and nothing decided after."""

import re
import time
from contextlib import contextmanager

import psycopg
import pytest

from domain.proof.note import COSIGNATURE
from domain.proof.policy import Policy
from ops.witness import keys
from tests import asking
from tests.county import HOMESTEAD, TOWN_CLERK_POST
from tests.examples import VILLAGER
from tests.serving import KEY, WITH_SEAL, jiandu, keys_of, serving, settle_county
from tests.waiting import wait_until
from tests.witnessed import at_hand, keeper

WHO = KEY | {"X-Jiandu-Speaks-For": f"a-town-clerk@{TOWN_CLERK_POST}"}


class County:
    """清溪县 with two witnesses, of which one is enough."""

    def __init__(self, dsn, folder):
        self.dsn, self.policy = dsn, folder / "policy"
        self.folders = {name: folder / name for name in ("jw", "archive")}
        for name, place in self.folders.items():
            place.mkdir()
            keys.create(place / "key", f"{name}.example/qx")
            (place / "logs").write_text("quorum none\n")

    def settings(self, **more):
        usual = {
            "JIANDU_DATABASE_URL": self.dsn,
            "JIANDU_WITNESS_POLICY": str(self.policy),
            "JIANDU_WITNESS_SECONDS": "1",
        }
        return usual | WITH_SEAL | more

    def name(self, addresses, quorum="any jw archive"):
        lines = [
            f"witness {name} {keys.read((place / 'key').read_text()).key(COSIGNATURE).vkey()} {addresses[name]}\n"
            for name, place in self.folders.items()
        ]
        self.policy.write_text("".join(lines) + f"group g {quorum}\nquorum g\n")
        Policy.from_bytes(self.policy.read_bytes())

    def introduce(self):
        """What was recorded before the log had keys is adopted, and the witnesses are told the log's."""
        adopted = jiandu("keys", "adopt", "--reason", "试验", settings={"JIANDU_DATABASE_URL": self.dsn})
        assert adopted.returncode == 0, adopted.stderr
        vkey = (keys_of(self.dsn) / "log-1.pub").read_text().strip()
        for place in self.folders.values():
            (place / "logs").write_text(f"log {vkey}\nquorum none\n")


@pytest.fixture
async def county(database18, tmp_path):
    await settle_county(database18)
    return County(database18, tmp_path)


@contextmanager
def both(county):
    with at_hand(county.folders["jw"]) as jw, at_hand(county.folders["archive"]) as archive:
        county.name({"jw": jw.address, "archive": archive.address})
        yield jw, archive


def opened(server, key):
    body = {
        "action": {
            "type": "receive_case",
            "item_code": HOMESTEAD,
            "applicant_ref": VILLAGER,
            "external_ref": key,
        }
    }
    answer = asking.post(f"{server.address}/v1/cases", json=body, headers=WHO)
    assert answer.status_code == 201, answer.text
    return answer.json()


def standing(server):
    return asking.get(f"{server.address}/v1/log/witnesses", headers=WHO).json()


def sealed(server):
    return asking.get(f"{server.address}/v1/log/seal", headers=KEY).json()["size"]


def cosigned(server):
    """As a programme of the whole county sees the log."""
    found = asking.get(
        f"{server.address}/v1/events", headers=KEY, params={"topic": "checkpoint.cosigned.v1", "limit": 1000}
    )
    return found.json()["events"]


def test_what_is_recorded_is_cosigned_and_the_cosignature_recorded(county):
    county.introduce()
    with both(county), serving(county.settings()) as server:
        position = opened(server, "a")["events"][-1]["position"]
        wait_until(lambda: standing(server)["cosigned_size"] >= position)
        (event, *_) = wait_until(
            lambda: [each for each in cosigned(server) if each["fact"]["size"] >= position]
        )
        assert standing(server)["troubles"] == {}
        names = [line.split(" ")[0] for line in event["fact"]["lines"]]
        assert names[1:] == ["jw.example/qx", "archive.example/qx"]
        first = len(cosigned(server))
        wait_until(lambda: standing(server)["cosigned_size"] >= cosigned(server)[-1]["position"])
        time.sleep(3)
        assert len(cosigned(server)) == first  # a cosignature alone calls for no other


def test_a_witness_without_a_network_cosigns_on_a_stick(county, tmp_path):
    county.introduce()
    with both(county), serving(county.settings()) as server:
        wait_until(lambda: standing(server)["cosigned_size"] > 0)
        position = opened(server, "a")["events"][-1]["position"]
        wait_until(lambda: standing(server)["cosigned_size"] >= position)
    folder, stick = county.folders["archive"], tmp_path / "stick"
    stick.mkdir()
    for word in ("submit", "accept"):
        told = jiandu("witnesses", word, "archive", str(stick), settings=county.settings())
        assert told.returncode == 0, told.stderr
        keeper("cosign", folder, stick)
    told = jiandu("witnesses", "show", settings=county.settings())
    assert "archive: 已见证 cosigned" in told.stdout
    unknown = jiandu("witnesses", "submit", "nobody", str(stick), settings=county.settings())
    assert (unknown.returncode, "jw, archive" in unknown.stderr) == (1, True)


def test_a_folder_of_one_witness_is_no_others(county, tmp_path):
    county.introduce()
    county.name({"jw": "", "archive": ""})
    with serving(county.settings()) as server:
        wait_until(lambda: sealed(server) > 0)
    (stick := tmp_path / "stick").mkdir()

    def say(word, name):
        return jiandu("witnesses", word, name, str(stick), settings=county.settings())

    assert say("submit", "jw").returncode == 0
    lying = {path.name: path.read_bytes() for path in stick.iterdir()}
    for word in ("submit", "accept"):
        told = say(word, "archive")
        assert (told.returncode, "jw.example/qx" in told.stderr, "另一见证人" in told.stderr) == (
            1,
            True,
            True,
        )
    assert {path.name: path.read_bytes() for path in stick.iterdir()} == lying
    assert say("submit", "jw").returncode == 0


def test_a_stick_that_was_lost_on_its_way_back_is_made_up_for(county, tmp_path):
    """The witness knows what it has cosigned, and the county does not: the next stick says so, and the one after is right."""
    county.introduce()
    with both(county), serving(county.settings()) as server:
        opened(server, "a")
        wait_until(lambda: standing(server)["cosigned_size"] > 0)

    def say(word, stick):
        return jiandu("witnesses", word, "archive", str(stick), settings=county.settings())

    def taken_there_and_back(name, *, log_grows):
        if log_grows:
            with serving(county.settings()) as server:
                before = sealed(server)
                opened(server, name)
                wait_until(lambda: sealed(server) > before)
        (stick := tmp_path / name).mkdir(exist_ok=True)
        assert say("submit", stick).returncode == 0
        return stick, keeper("cosign", county.folders["archive"], stick).returncode

    assert taken_there_and_back("lost", log_grows=True)[1] == 0
    stick, refused = taken_there_and_back("second", log_grows=True)
    told = say("accept", stick)
    assert (refused, told.returncode, "it remembers" in told.stderr) == (1, 1, True), told.stderr
    assert taken_there_and_back("second", log_grows=False)[1] == 0
    assert say("accept", stick).returncode == 0
    assert not list(stick.glob("*.size"))


def test_a_witness_put_back_is_reminded_of_its_own_word_by_a_stick(county, tmp_path):
    county.introduce()
    county.name({"jw": "", "archive": ""})
    folder = county.folders["archive"]
    for name in ("first", "second"):
        (tmp_path / name).mkdir()

    def grow(name):
        with serving(county.settings()) as server:
            before = sealed(server)
            opened(server, name)
            wait_until(lambda: sealed(server) > before)

    def say(word, stick):
        told = jiandu("witnesses", word, "archive", str(tmp_path / stick), settings=county.settings())
        assert told.returncode == 0, told.stderr
        return told.stdout

    def taken_there_and_back(stick):
        say("submit", stick)
        return keeper("cosign", folder, tmp_path / stick).returncode

    grow("a")
    assert taken_there_and_back("first") == 0
    say("accept", "first")
    (memory,) = folder.glob("*.cosigned")
    backup = memory.read_bytes()
    grow("b")
    assert taken_there_and_back("first") == 0
    say("accept", "first")
    memory.write_bytes(backup)
    assert not list(folder.glob("evidence/*"))
    grow("c")
    assert taken_there_and_back("second") == 1
    assert "call its keeper" in say("submit", "second")
    assert keeper("cosign", folder, tmp_path / "second").returncode == 0
    assert "已收见证" in say("accept", "second")
    assert [kept.name.partition("-")[0] for kept in folder.glob("evidence/*")] == ["forgotten"]


def test_witnesses_that_are_down_are_missed_and_nothing_is_decided_until_one_is_back(county):
    patience = {"JIANDU_WITNESS_ALARM_SECONDS": "3", "JIANDU_WITNESS_REFUSAL_SECONDS": "6"}
    decision = {"action": {"type": "approve", "decision_no": "2026-17"}}
    county.introduce()
    with both(county), serving(county.settings(**patience)) as server:
        case_no = opened(server, "a")["case_no"]
        wait_until(lambda: standing(server)["cosigned_size"] > 0 and standing(server)["alarm"] == "none")
    with serving(county.settings(**patience)) as server:
        wait_until(lambda: standing(server)["alarm"] == "refusing")
        assert standing(server)["troubles"] == {"jw": "unreachable", "archive": "unreachable"}
        address = f"{server.address}/v1/cases/{case_no}/actions"
        refused = asking.post(address, json=decision, headers=WHO | {"If-Match": "*"})
        assert (refused.status_code, refused.json()["type"]) == (
            503,
            "urn:jiandu:problem:decision-unwitnessed",
        )
        assert opened(server, "b")
        assert "见证中断" in asking.get(f"{server.address}/").text
        alarm = 'jiandu_witness_alarm{county="county"} 2.0'
        wait_until(lambda: alarm in asking.get(f"{server.address}/metrics").text)
        port = int(county.policy.read_text().split("127.0.0.1:")[1].split()[0])
        with at_hand(county.folders["jw"], port=port):
            wait_until(lambda: standing(server)["alarm"] == "none")
            judged = asking.post(address, json=decision, headers=WHO | {"If-Match": "*"})
            assert judged.json()["type"] != "urn:jiandu:problem:decision-unwitnessed"
            assert standing(server)["troubles"] == {"archive": "unreachable"}


def test_a_policy_that_cannot_be_used_is_said_at_once(county):
    county.policy.write_text("quorum nobody-knows\n")
    told = jiandu("serve", settings=county.settings())
    assert told.returncode == 1
    assert "line 1: no line above defines nobody-knows" in told.stderr


def test_a_county_set_back_behind_what_a_witness_saw_does_not_open(county):
    """The database and the signer's memory come from an old backup; the witness remembers."""
    county.introduce()
    with both(county):
        with serving(county.settings()) as server:
            position = opened(server, "a")["events"][-1]["position"]
            wait_until(lambda: standing(server)["cosigned_size"] >= position)
        (keys_of(county.dsn) / "county.sealed").unlink()
        with psycopg.connect(county.dsn) as superuser:
            superuser.execute("alter table county.events disable trigger events_stand")
            superuser.execute("delete from county.events where position >= %s", [position])
        told = jiandu("serve", settings=county.settings())
    assert told.returncode == 1
    assert "jiandu seal missing" in told.stderr
    named = jiandu("seal", "missing", settings=county.settings())
    assert named.returncode == 1
    first = named.stdout.splitlines()[1]
    assert re.fullmatch(rf"{position} case:\S+ v1 \S+ case.received.v1 [0-9a-f]{{64}}", first), first
