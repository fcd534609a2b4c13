"""A receipt that an applicant kept is proof against the county: checked by its keys, without its word."""

import json
import re
from base64 import b64encode
from datetime import timedelta

import psycopg
import pytest

from domain.evidence.verify import Refused, Trust
from domain.proof.receipt import ReceiptCode
from domain.proof.signing import Use
from ops import keys
from ops.keys import rotated
from ops.settings import Settings
from ops.signing import take_up_keys
from ops.verify import receipts
from ops.verify.rows import Source
from tests.county import PROOF
from tests.evidenced import ORIGIN
from tests.proved import a_proved_county
from tests.sealed import a_leaf, a_process
from tests.servers import fresh_database
from tests.serving import SCHEMA

RECEIPT = {"action": {"type": "receive_case", "item_code": PROOF, "applicant_ref": f"p-{0:032x}"}}


@pytest.fixture
async def county(postgres18, tmp_path):
    with fresh_database(postgres18.dsn) as dsn:
        async with a_proved_county(dsn, tmp_path) as county:
            yield county


async def kept(client):
    """What an applicant keeps on paper, what a programme keeps, and the place of the event."""
    answer = await client.post("/v1/cases", json=RECEIPT)
    (event,) = answer.json()["events"]
    slip = await client.get(f"/v1/receipts/{event['leaf']['receipt']}/slip")
    return slip.text, answer.text, event["position"]


def commit(county, crime, *arguments):
    with psycopg.connect(county.dsn, autocommit=True) as connection:
        connection.execute(f"alter table {SCHEMA}.events disable trigger all")
        connection.execute(crime.format(events=f"{SCHEMA}.events"), arguments)


def brought(county, text):
    """Whether this receipt is good, and what is said to whoever brings it with the auditor's own keys."""
    trust = Trust.read(county.policy, county.keys)
    judged = receipts.judge(Source(county.dsn, SCHEMA, ORIGIN), trust, receipts.told(text))
    lines = [line for each in judged for line in receipts.lines(each)]
    return all(each.is_good for each in judged), "\n".join(lines)


def by_command(county, folder, text):
    for name, content in {"policy": county.policy, "keys": county.keys, "receipt": text}.items():
        (folder / name).write_text(content, encoding="utf-8")
    own = ("--policy", folder / "policy", "--keys", folder / "keys")
    return county.jiandu("verify", *own, "--receipt", folder / "receipt")


async def test_a_slip_bears_all_that_its_signature_covers(county):
    async with county.doorway.entered() as client:
        slip, answer, position = await kept(client)
    (event,) = receipts.told(slip)
    assert (event.position, event.county, event.topic) == (position, ORIGIN, "case.received.v1")
    assert event.stream == f"case:{json.loads(answer)['case_no']}"
    assert event.stream.removeprefix("case:") in slip
    assert receipts.told(answer) == receipts.told(slip)


async def test_a_receipt_that_stands_is_signed_and_held(county, tmp_path):
    async with county.doorway.entered() as client:
        slip, answer, _ = await kept(client)
    for is_good, told in (brought(county, slip), brought(county, answer)):
        assert (is_good, "✓ 签名 signed by" in told, "✓ 日志所载与回执一致" in told) == (True, True, True)
    code, told = by_command(county, tmp_path, slip)
    assert (code, "✓ 日志所载与回执一致" in told) == (0, True)


@pytest.mark.parametrize(
    "crime",
    [
        "delete from {events} where position = %s",
        "update {events} set occurred_at = occurred_at - interval '1 day' where position = %s",
    ],
)
async def test_an_event_that_was_taken_out_before_it_was_sealed_contradicts_its_receipt(county, crime):
    async with county.doorway.entered() as client:
        slip, _, position = await kept(client)
    commit(county, crime, position)
    await county.seal()
    is_good, told = brought(county, slip)
    assert (is_good, "✓ 签名 signed by" in told) == (False, True)
    assert "NOT IN THE LOG: a process of the county has signed what its log does not hold" in told


async def test_a_batch_s_receipts_are_each_proved(county):
    async with county.doorway.entered() as client:
        actions = [{"key": f"k-{n}", **RECEIPT} for n in range(5)]
        answer = await client.post("/v1/actions:batch", json={"actions": actions})
    is_good, told = brought(county, answer.text)
    assert (is_good, told.count("✓ 签名"), told.count("✓ 日志")) == (True, 5, 5)


async def test_a_receipt_under_a_later_key_is_vouched_for_by_the_first(county, tmp_path, monkeypatch):
    monkeypatch.setattr(keys, "SETTLED", timedelta(0))
    settings = Settings(database_url=county.dsn, county=SCHEMA, keys_dir=tmp_path, origin=ORIGIN)
    await rotated(county.store, settings, Use.process)
    county.store.pen.signer = None
    await take_up_keys(county.store, settings)
    async with county.doorway.entered() as client:
        slip, _, _ = await kept(client)
    is_good, told = brought(county, slip)
    assert (is_good, "✓ 签名" in told) == (True, True), told


async def test_a_receipt_that_somebody_made_up_is_none_of_this_log(county):
    leaf = a_leaf(3, a_process(9), stream="case:6109991010002026030300001Y")
    slip = f"{ReceiptCode.of(leaf)}\n{b64encode(leaf.to_bytes()).decode()}\n"
    is_good, told = brought(county, slip)
    assert (is_good, "NOT SIGNED by a process that might sign there" in told) == (False, True)


async def test_a_slip_of_the_hand_is_told_from_a_lie(county, tmp_path):
    async with county.doorway.entered() as client:
        slip, answer, _ = await kept(client)
    leaf = re.search("amRsZWFm[A-Za-z0-9+/]+", slip)[0]
    for wrong in (slip.replace(leaf, leaf[:-1]), slip.replace(leaf, leaf[:20] + "abcd" + leaf[24:])):
        with pytest.raises(Refused, match="mistyped"):
            receipts.told(wrong)
    changed = json.loads(answer) | {"case_no": "61099910100020260101000001"}
    with pytest.raises(Refused, match="mistyped"):
        receipts.told(json.dumps(changed))
    code, told = by_command(county, tmp_path, "我的回执丢了")
    assert (code, "there is no receipt in it" in told) == (1, True)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "7", '{"events": [{}]}', '{"answers": [7]}', '{"sealed": 7}']
)
def test_what_is_no_receipt_is_none(text):
    with pytest.raises(Refused, match="no receipt"):
        receipts.told(text)
