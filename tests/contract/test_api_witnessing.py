"""When the witnesses are silent: the door says so on every answer, and after hours decides nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from api.silence import Witnesses
from domain.proof.policy import Policy
from domain.proof.witnessing import Alarm, Patience, Standing, Trouble, reached_by_quorum
from tests.county import HOMESTEAD, PROOF
from tests.doors import Doorway
from tests.unit.test_policy_file import TWO_LEVELS

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RECEIPT = {"action": {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": f"p-{0:032x}"}}
INSTANT = {"action": RECEIPT["action"] | {"item_code": PROOF}}
GROUNDS = {"reasons": "材料不实", "remedies": "可申请复议或提起诉讼"}
DECISIONS = [
    {"type": "approve", "decision_no": "2026-17"},
    {"type": "reject", "decision_no": "2026-17", **GROUNDS},
    {"type": "close_as_instant"},
    {"type": "refuse_acceptance", "reason_code": "2", **GROUNDS},
    {"type": "terminate", "ground": "申请人去世", "approved_by": "a-town-clerk"},
]
CASE_NO = "61099910100020260521000171"


def silent_for(troubles=None, **silence):
    standing = Standing(41, NOW - timedelta(**silence), troubles)
    return Doorway(witnesses=Witnesses(lambda: standing), clock=lambda: NOW)


async def test_a_log_that_names_no_witnesses_is_not_missed_by_any():
    async with Doorway().entered() as client:
        answer = await client.get("/v1/log/witnesses")
        landing = await client.get("/")
    assert answer.json() == {"alarm": "none", "unwitnessed_since": None, "cosigned_size": 0, "troubles": {}}
    assert "jiandu-unwitnessed-since" not in answer.headers
    assert 'role="alert"' not in landing.text


@pytest.mark.parametrize(
    ("minutes", "alarm"),
    [(0, "none"), (14.9, "none"), (15, "unwitnessed"), (239.9, "unwitnessed"), (240, "refusing")],
)
async def test_a_quarter_of_an_hour_is_an_alarm_and_four_hours_stop_decisions(minutes, alarm):
    async with silent_for(minutes=minutes).entered() as client:
        answer = await client.get("/v1/log/witnesses")
    assert answer.json()["alarm"] == alarm
    assert ("jiandu-unwitnessed-since" in answer.headers) == (alarm != "none")


async def test_every_answer_says_since_when_the_log_is_unwitnessed():
    async with silent_for(hours=1).entered() as client:
        for path in ("/healthz", "/v1/events", "/v1/cases/x", "/docs"):
            answer = await client.get(path)
            assert answer.headers["jiandu-unwitnessed-since"] == "2026-11-22T08:00:00Z"


async def test_the_landing_page_shows_the_banner_in_both_languages():
    async with silent_for(hours=5).entered() as client:
        page = (await client.get("/")).text
    assert "见证中断：自 2026-11-22T04:00:00Z 起" in page
    assert "Decisions are refused." in page


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda each: each["type"])
async def test_nothing_is_decided_that_nobody_would_witness(decision):
    doorway = silent_for(hours=5)
    async with doorway.entered() as client:
        answer = await client.post(
            f"/v1/cases/{CASE_NO}/actions", json={"action": decision}, headers={"If-Match": "*"}
        )
        batch = await client.post(
            "/v1/actions:batch", json={"actions": [{"key": "k", "case_no": CASE_NO, "action": decision}]}
        )
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:jiandu:problem:decision-unwitnessed"
    assert answer.json()["details"] == {"unwitnessed_since": "2026-11-22T04:00:00Z"}
    assert answer.headers["retry-after"] == "60"
    assert batch.json()["answers"][0]["problem"]["type"] == "urn:jiandu:problem:decision-unwitnessed"
    assert not doorway.log.events


async def test_a_decision_that_was_answered_is_answered_again_whoever_is_silent():
    unwitnessed_since = NOW
    witnesses = Witnesses(lambda: Standing(41, unwitnessed_since))
    doorway = Doorway(witnesses=witnesses, clock=lambda: NOW)
    async with doorway.entered() as client:
        case_no = (await client.post("/v1/cases", json=INSTANT)).json()["case_no"]
        actions = f"/v1/cases/{case_no}/actions"
        await client.post(actions, json={"action": {"type": "accept_case"}}, headers={"If-Match": "*"})
        asked = {"json": {"action": {"type": "close_as_instant"}}}
        decide = {"If-Match": "*", "Idempotency-Key": "k"}
        first = await client.post(actions, headers=decide, **asked)
        assert first.status_code == 201, first.text
        before = len(doorway.log.events)

        unwitnessed_since = NOW - timedelta(hours=5)
        again = await client.post(actions, headers=decide, **asked)
        batched = {"actions": [{"key": "k", "case_no": case_no, **asked["json"]}]}
        in_a_batch = (await client.post("/v1/actions:batch", json=batched)).json()["answers"][0]
        for_another = await client.post(actions, headers=decide, json={"action": DECISIONS[0]})
        under_another = await client.post(actions, headers=decide | {"Idempotency-Key": "l"}, **asked)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert (in_a_batch["status"], in_a_batch["replayed"]) == (201, True)
    assert for_another.json()["type"] == "urn:jiandu:problem:key-reused"
    assert under_another.json()["type"] == "urn:jiandu:problem:decision-unwitnessed"
    assert len(doorway.log.events) == before


async def test_papers_are_received_and_accepted_all_the_same():
    async with silent_for(days=3).entered() as client:
        received = await client.post("/v1/cases", json=RECEIPT)
        case_no = received.json()["case_no"]
        accepted = await client.post(
            f"/v1/cases/{case_no}/actions",
            json={"action": {"type": "accept_case"}},
            headers={"If-Match": "*"},
        )
    assert (received.status_code, accepted.status_code) == (201, 201)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda each: each["type"])
async def test_with_witnesses_the_same_decision_meets_the_rules(decision):
    async with silent_for(hours=3).entered() as client:
        answer = await client.post(
            f"/v1/cases/{CASE_NO}/actions", json={"action": decision}, headers={"If-Match": "*"}
        )
    assert answer.json()["type"] == "urn:jiandu:problem:case-unknown"


@pytest.mark.parametrize(
    ("trouble", "alarm"),
    [
        (Trouble.contradicting, Alarm.unwitnessed),
        (Trouble.ahead, Alarm.unwitnessed),
        (Trouble.unreachable, Alarm.none),
        (Trouble.forgetful, Alarm.none),
    ],
)
def test_a_witness_that_contradicts_the_log_is_an_alarm_at_once(trouble, alarm):
    standing = Standing(41, NOW, {"纪委": trouble})
    assert standing.alarm(NOW, Patience()) is alarm


def test_a_quorum_has_reached_what_enough_of_the_witnesses_have():
    policy = Policy.from_bytes(TWO_LEVELS.encode())
    assert reached_by_quorum(policy, {"X1": 9, "X2": 7, "X3": 3, "Y1": 8}) == 7
    assert reached_by_quorum(policy, {"X1": 9, "X2": 7, "Y1": 2, "Y2": 5}) == 5
    assert reached_by_quorum(policy, {"X1": 9, "Y1": 8}) is None
    assert reached_by_quorum(Policy.from_bytes(b"quorum none\n"), {}) is None
