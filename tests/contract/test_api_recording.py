"""Recording over HTTP: numbers, versions, keys. Each test begins with an empty log in memory."""

from datetime import date

import pytest

from domain.application import Entry, Submission
from domain.grammar import ORDINARY, Envelope
from domain.loss import EventLost
from domain.numbers import CaseNumber
from tests.county import (
    AGENT_POST,
    HANDLER_POST,
    HOMESTEAD,
    OCCASION,
    POINT_SHANG,
    TOWN_DIVISION,
    VILLAGE_DIVISION,
    a_county,
)
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


async def opened(client, body=RECEIPT, **headers):
    response = await client.post("/v1/cases", json=body, headers=headers)
    assert response.status_code == 201, response.text
    return response


async def acted(client, case_no, body=ACCEPTANCE, **headers):
    return await client.post(f"/v1/cases/{case_no}/actions", json=body, headers={"If-Match": "*"} | headers)


async def test_a_receipt_opens_a_case_under_a_number_of_the_clerks_division(client):
    receipt = (await opened(client)).json()
    assert CaseNumber.parse(receipt["case_no"]).division == TOWN_DIVISION
    assert receipt["version"] == 1
    assert receipt["events"] == [
        {
            "position": 1,
            "version": 1,
            "topic": "case.received.v1",
            "label": "收件登记",
            "label_en": "Case received",
        }
    ]


async def test_two_cases_get_two_numbers(client):
    first, second = (await opened(client)).json(), (await opened(client)).json()
    assert first["case_no"] != second["case_no"]


async def test_a_given_number_is_kept(client):
    assert (await opened(client, RECEIPT | {"case_no": GIVEN_NO})).json()["case_no"] == GIVEN_NO


@pytest.mark.parametrize(
    ("case_no", "code"),
    [
        pytest.param(OFFLINE_NO, "case-number-of-block", id="a point's to give"),
        pytest.param(
            str(CaseNumber("110101001000", date(2026, 5, 21), 17)),
            "case-number-foreign",
            id="of another county",
        ),
        pytest.param(
            str(CaseNumber(TOWN_DIVISION, date(2099, 5, 21), 17)),
            "case-number-foreign",
            id="of a day to come",
        ),
    ],
)
async def test_a_number_that_was_not_the_clerks_to_give_is_refused(client, doorway, case_no, code):
    refused = await client.post("/v1/cases", json=RECEIPT | {"case_no": case_no})
    assert (refused.status_code, refused.json()["type"]) == (422, f"urn:jiandu:problem:{code}")
    assert doorway.log.events == []


async def test_a_number_in_use_is_refused(client, doorway):
    await opened(client, RECEIPT | {"case_no": GIVEN_NO})
    refused = await client.post("/v1/cases", json=RECEIPT | {"case_no": GIVEN_NO})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:jiandu:problem:case-number-taken")
    assert len(doorway.log.events) == 1


async def lose(doorway, case_no, events):
    """As a lossy restore leaves a case of which the backup knew nothing."""
    envelope = Envelope(OCCASION.received_at, OCCASION.actor, ORDINARY, "recovery")
    lost = EventLost(topic="case.received.v1", leaf="AAAA")
    entries = tuple(Entry(f"case:{case_no}", n, lost, envelope) for n in range(1, events + 1))
    await doorway.log.append(Submission(None, b"", entries))


async def test_a_case_of_which_only_lost_events_are_left_is_opened_again_under_its_number(client, doorway):
    await lose(doorway, GIVEN_NO, 2)
    again = RECEIPT | {"case_no": GIVEN_NO}
    first = await opened(client, again, **{"Idempotency-Key": "again"})
    assert (first.json()["case_no"], first.json()["version"]) == (GIVEN_NO, 3)
    repeated = await opened(client, again, **{"Idempotency-Key": "again"})
    assert (repeated.json()["version"], repeated.headers["idempotent-replayed"]) == (3, "true")
    refused = await client.post("/v1/cases", json=again)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:jiandu:problem:case-number-taken")
    assert (await acted(client, GIVEN_NO)).status_code == 201


async def test_a_number_that_is_in_the_way_is_passed_over(client):
    """Somebody has brought along the number that would be given out next."""
    first = (await opened(client)).json()["case_no"]
    number = CaseNumber.parse(first)
    await opened(client, RECEIPT | {"case_no": str(CaseNumber(number.division, number.day, 2))})
    assert CaseNumber.parse((await opened(client)).json()["case_no"]).serial == 3


async def test_an_offline_point_numbers_within_its_block(doorway):
    async with doorway.entered(AGENT_POST) as agent:
        assert (await opened(agent, MANDATE | {"case_no": OFFLINE_NO})).json()["case_no"] == OFFLINE_NO


async def test_a_number_outside_the_points_block_is_refused(doorway):
    day = CaseNumber.parse(OFFLINE_NO).day
    outside = str(CaseNumber(VILLAGE_DIVISION, day, 8001))
    async with doorway.entered(AGENT_POST) as agent:
        refused = await agent.post("/v1/cases", json=MANDATE | {"case_no": outside})
    assert (refused.status_code, refused.json()["type"]) == (
        422,
        "urn:jiandu:problem:case-number-outside-block",
    )
    assert doorway.log.events == []


async def test_a_case_opened_at_a_point_carries_the_villages_division(doorway):
    async with doorway.entered(AGENT_POST) as agent:
        receipt = (await opened(agent, MANDATE)).json()
    assert CaseNumber.parse(receipt["case_no"]).division == VILLAGE_DIVISION


async def test_an_answer_names_the_version_that_stands(client):
    first = await opened(client)
    assert first.headers["etag"] == '"1"'
    second = await acted(client, first.json()["case_no"], **{"If-Match": '"1"'})
    assert (second.status_code, second.headers["etag"]) == (201, '"2"')


async def test_a_stale_version_is_answered_with_the_one_that_stands(client, doorway):
    case_no = (await opened(client)).json()["case_no"]
    await acted(client, case_no)
    stale = await acted(client, case_no, **{"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["details"] == {"expected_version": 1, "actual_version": 2}
    assert len(doorway.log.events) == 2


async def test_an_action_without_a_version_is_asked_for_one(client):
    case_no = (await opened(client)).json()["case_no"]
    bare = await client.post(f"/v1/cases/{case_no}/actions", json=ACCEPTANCE)
    assert (bare.status_code, bare.json()["type"]) == (428, "urn:jiandu:problem:precondition-missing")


@pytest.mark.parametrize("malformed", ["7", 'W/"7"', '"7", "8"', '"0"', '"-1"', '""', '"x"', '"99999999999"'])
async def test_if_match_is_one_version_in_quotes_or_a_star(client, doorway, malformed):
    case_no = (await opened(client)).json()["case_no"]
    refused = await acted(client, case_no, **{"If-Match": malformed})
    assert (refused.status_code, refused.json()["type"]) == (
        400,
        "urn:jiandu:problem:precondition-malformed",
    )
    assert len(doorway.log.events) == 1


async def test_a_retry_gets_the_first_answer_byte_for_byte(client, doorway):
    first = await opened(client, **{"Idempotency-Key": "k-1"})
    again = await opened(client, **{"Idempotency-Key": "k-1"})
    assert again.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    assert len(doorway.log.events) == 1


async def test_a_retry_gets_the_first_answer_whatever_happened_since(client):
    case_no = (await opened(client)).json()["case_no"]
    first = await acted(client, case_no, **{"If-Match": '"1"', "Idempotency-Key": "k"})
    await acted(client, case_no, {"action": {"type": "withdraw_case", "reason": "不办了"}})
    again = await acted(client, case_no, **{"If-Match": '"1"', "Idempotency-Key": "k"})
    assert (again.status_code, again.content) == (201, first.content)


async def test_a_retry_in_a_batch_repeats_a_single_request(client, doorway):
    first = await opened(client, **{"Idempotency-Key": "k"})
    batch = await client.post("/v1/actions:batch", json={"actions": [RECEIPT | {"key": "k"}]})
    answer = batch.json()["answers"][0]
    assert answer == {"status": 201, "replayed": True} | first.json()
    assert len(doorway.log.events) == 1


async def test_spaces_and_order_do_not_make_another_request(client):
    first = await opened(client, **{"Idempotency-Key": "k"})
    spaced = f'{{ "action": {{"item_code": "{HOMESTEAD}", "applicant_ref": "{APPLICANT}", "type": "receive_case"}} }}'
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json; charset=utf-8"}
    again = await client.post("/v1/cases", content=spaced, headers=headers)
    assert (again.status_code, again.content) == (201, first.content)


async def test_a_key_used_for_another_request_is_refused(client, doorway):
    await opened(client, **{"Idempotency-Key": "k"})
    other = RECEIPT | {"circumstances": {"channel": "91"}}
    refused = await client.post("/v1/cases", json=other, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:jiandu:problem:key-reused")
    assert len(doorway.log.events) == 1


async def test_nobodys_key_meets_anybody_elses(client, doorway):
    await opened(client, **{"Idempotency-Key": "k"})
    async with doorway.entered(HANDLER_POST) as other:
        refused = await other.post("/v1/cases", json=RECEIPT, headers={"Idempotency-Key": "k"})
    assert refused.json()["type"] == "urn:jiandu:problem:role-may-not"
    assert "idempotent-replayed" not in refused.headers


@pytest.mark.parametrize("key", ["", "with space", "x" * 129, "键".encode()])
async def test_a_key_is_visible_ascii(client, doorway, key):
    refused = await client.post("/v1/cases", json=RECEIPT, headers={"Idempotency-Key": key})
    assert (refused.status_code, refused.json()["type"]) == (400, "urn:jiandu:problem:key-malformed")
    assert doorway.log.events == []


async def test_an_action_on_a_case_that_does_not_exist_is_answered_with_404(client, doorway):
    for version in ("*", '"1"'):
        for body in (ACCEPTANCE, RECEIPT):
            missing = await acted(client, OFFLINE_NO, body, **{"If-Match": version})
            assert (missing.status_code, missing.json()["type"]) == (404, "urn:jiandu:problem:case-unknown")
    assert doorway.log.events == []


async def test_the_actor_of_the_record_is_the_person_at_the_post(client, doorway):
    await opened(client)
    actor = doorway.log.events[0].envelope.actor
    assert (actor.staff_id, actor.post_id, actor.window_id, actor.role, actor.duty) == (
        "a-town-clerk",
        "P-T03",
        "T-03",
        "window_clerk",
        "A",
    )


async def test_a_stand_in_acts_on_behalf_of_the_first_holder(doorway):
    stand_in = {"X-Jiandu-Speaks-For": "b-town-clerk@P-T03"}
    takeover = {"action": {"type": "take_over_post", "post_id": "P-T03", "absence": "leave"}}
    async with doorway.entered() as client:
        assert (await client.post("/v1/takeovers", json=takeover, headers=stand_in)).status_code == 201
        await opened(client, **stand_in)
    actor = doorway.log.events[-1].envelope.actor
    assert (actor.duty, actor.on_behalf_of) == ("B", "a-town-clerk")


def test_the_county_of_these_tests_gives_the_point_the_block_07():
    assert a_county().point(POINT_SHANG).serial_block == "07"
