"""Many actions at once: each answered for itself, those of one case in order."""

from datetime import date

import pytest

from domain.log import LogBusy
from domain.numbers import CaseNumber
from domain.store.memory import MemoryLog
from tests.county import AGENT_POST, HOMESTEAD, POINT_SHANG, TOWN_DIVISION
from tests.doors import Doorway

APPLICANT = "p-" + "0" * 32
RECEIPT = {"action": {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": APPLICANT}}
ACCEPTANCE = {"action": {"type": "accept_case"}}
OFFLINE_NO = "61099910120120260521070017"
GIVEN_NO = str(CaseNumber(TOWN_DIVISION, date(2026, 5, 21), 17))
MANDATE = {
    "action": {
        "type": "entrust_agent",
        "entrust_no": "WT-1",
        "applicant_ref": APPLICANT,
        "mandate": {"agent_ref": "p-" + "1" * 32, "scope": "full", "document_sha256": "0" * 64},
        "point_code": POINT_SHANG,
        "item_codes": [HOMESTEAD],
    }
}


@pytest.fixture
def doorway():
    return Doorway()


@pytest.fixture
async def client(doorway):
    async with doorway.entered() as client:
        yield client


async def sent(client, *actions, status=200):
    keyed = [{"key": f"k-{n}"} | action for n, action in enumerate(actions)]
    response = await client.post("/v1/actions:batch", json={"actions": keyed})
    assert response.status_code == status, response.text
    return response.json()["answers"]


def outcomes(answers):
    return [
        answer["problem"]["type"].rpartition(":")[2] if "problem" in answer else answer["status"]
        for answer in answers
    ]


async def test_the_actions_of_one_case_are_recorded_in_their_order(client, doorway):
    numbered = RECEIPT | {"case_no": GIVEN_NO}
    step = {"case_no": GIVEN_NO, "action": {"type": "withdraw_case", "reason": "不办了"}}
    answers = await sent(client, numbered, ACCEPTANCE | {"case_no": GIVEN_NO}, step)
    assert [answer["version"] for answer in answers] == [1, 2, 3]
    assert [event.topic for event in doorway.log.events] == [
        "case.received.v1",
        "case.accepted.v1",
        "case.withdrawn_by_applicant.v1",
    ]


async def test_an_offline_point_sends_its_afternoon(doorway):
    pick_up = {"case_no": OFFLINE_NO, "expected_version": 1, "action": {"type": "pick_up_papers"}}
    async with doorway.entered(AGENT_POST) as agent:
        answers = await sent(agent, MANDATE | {"case_no": OFFLINE_NO}, pick_up)
    assert [(answer["status"], answer["case_no"], answer["version"]) for answer in answers] == [
        (201, OFFLINE_NO, 1),
        (201, OFFLINE_NO, 2),
    ]


async def test_one_refusal_fails_no_neighbour(client, doorway):
    await sent(client, RECEIPT | {"case_no": GIVEN_NO, "key": "earlier"})
    stale = ACCEPTANCE | {"case_no": GIVEN_NO, "expected_version": 9}
    answers = await sent(client, RECEIPT, ACCEPTANCE, {"action": {"type": "x"}}, stale, RECEIPT, status=207)
    assert outcomes(answers) == [201, "not-opening", "content-invalid", "version-conflict", 201]
    assert len(doorway.log.events) == 3


async def test_an_action_on_an_unknown_case_is_answered_as_if_it_came_alone(client):
    answers = await sent(client, ACCEPTANCE | {"case_no": GIVEN_NO}, status=207)
    assert (answers[0]["status"], outcomes(answers)) == (404, ["case-unknown"])


class BusyOnce(MemoryLog):
    """Takes the first submission, is too busy for the second, and takes the rest."""

    def __init__(self):
        super().__init__()
        self.asked = 0

    async def append(self, submission):
        self.asked += 1
        if self.asked == 2:
            raise LogBusy
        return await super().append(submission)


async def test_what_must_be_sent_again_is_not_overtaken_by_what_followed_it():
    doorway = Doorway(BusyOnce())
    step = {"case_no": GIVEN_NO, "action": {"type": "withdraw_case", "reason": "不办了"}}
    asked = RECEIPT | {"case_no": GIVEN_NO}, ACCEPTANCE | {"case_no": GIVEN_NO}, step
    async with doorway.entered() as client:
        assert outcomes(await sent(client, *asked, status=207)) == [201, "log-busy", "log-busy"]
        assert outcomes(await sent(client, *asked)) == [201, 201, 201]
    assert [event.version for event in doorway.log.events] == [1, 2, 3]


async def test_a_refused_action_says_where_it_is_wrong(client):
    answers = await sent(client, RECEIPT, {"action": {"type": "accept_case", "x": 1}}, status=207)
    assert answers[1]["problem"]["errors"][0]["pointer"] == "/actions/1/action"


async def test_a_batch_sent_again_records_nothing_twice(client, doorway):
    first = await sent(client, RECEIPT, RECEIPT)
    again = await sent(client, RECEIPT, RECEIPT)
    assert again == [answer | {"replayed": True} for answer in first]
    assert len(doorway.log.events) == 2


async def test_what_is_sent_again_is_answered_as_at_first_however_far_apart_it_stands(client):
    opened = await sent(client, *[RECEIPT] * 40)
    step = {"action": {"type": "correct_on_spot", "what": "页码"}}
    steps = [step | {"key": f"s-{n}", "case_no": case["case_no"]} for n, case in enumerate(opened)]
    first, some = await sent(client, *steps), (39, 3, 4, 20, 0)
    assert {answer["status"] for answer in first} == {201}
    again = await sent(client, *(steps[n] for n in some))
    assert again == [first[n] | {"replayed": True} for n in some]


async def test_a_batch_goes_on_after_a_part_of_it_was_recorded(client, doorway):
    await sent(client, RECEIPT)
    assert [answer["replayed"] for answer in await sent(client, RECEIPT, RECEIPT)] == [True, False]
    assert len(doorway.log.events) == 2


async def test_every_action_of_a_batch_has_a_key(client, doorway):
    response = await client.post("/v1/actions:batch", json={"actions": [RECEIPT]})
    assert outcomes(response.json()["answers"]) == ["content-invalid"]
    assert doorway.log.events == []


async def test_a_thousand_actions_are_taken_and_no_more(client, doorway):
    too_many = [RECEIPT | {"key": f"k-{n}"} for n in range(1001)]
    refused = await client.post("/v1/actions:batch", json={"actions": too_many})
    assert (refused.status_code, refused.json()["details"]) == (413, {"limit": 1000})
    assert doorway.log.events == []
    assert len(await sent(client, *too_many[:1000])) == 1000


@pytest.mark.parametrize(
    "body",
    [{}, {"actions": []}, {"actions": {}}, {"actions": [], "x": 1}, [], {"actions": [RECEIPT], "x": 1}],
)
async def test_what_is_no_batch_is_refused_as_a_whole(client, doorway, body):
    refused = await client.post("/v1/actions:batch", json=body)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:jiandu:problem:content-invalid")
    assert doorway.log.events == []
