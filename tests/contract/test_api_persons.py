"""People at the door: shown masked, seen whole for a purpose that is recorded first, set aside and erased by two."""

import pytest

from domain.application import Keeper
from domain.numbers import identity_check
from domain.store.memory import MemoryLog
from domain.subject.rejections import PersonNotEnrolled
from tests.county import (
    APPROVER_POST,
    DIRECTOR_POST,
    HANDLER_POST,
    HOMESTEAD,
    TOWN_CLERK_POST,
    a_county,
)
from tests.doors import Doorway
from tests.persons_asked import AGREED, LI, PROPOSED, at_post


@pytest.fixture
def doorway():
    return Doorway()


@pytest.fixture
async def client(doorway):
    async with doorway.entered() as entered:
        yield entered


CASE_NO = "61099910100020260521000171"


@pytest.fixture
async def li(client):
    """The address of an enrolled person."""
    return (await client.post("/v1/persons", json=LI)).headers["location"]


async def act(client, li, action, post=TOWN_CLERK_POST):
    return await client.post(f"{li}/measures", json={"action": action}, headers=at_post(post))


def problem(response, status, code):
    assert response.status_code == status, response.text
    assert response.json()["type"] == f"urn:jiandu:problem:{code}"
    assert not any(value in response.text for value in LI.values() if value != "111")


async def test_only_what_is_asked_for_is_seen_and_the_purpose_stands_in_the_log_before(doorway, client, li):
    said = {"parts": ["phone", "name"], "purpose": "contact", "case_no": CASE_NO, "note": "通知补正"}
    response = await client.post(f"{li}/reveal", json=said)
    assert response.json()["values"] == {"phone": "13800005678", "name": "李小河"}
    assert response.headers["cache-control"] == "no-store"
    revealed = doorway.log.events[-1]
    assert revealed.topic == "subject.data_revealed.v1"
    assert revealed.envelope.actor.staff_id == "a-town-clerk"
    assert revealed.fact.model_dump(mode="json") == said


async def test_nothing_is_opened_where_it_cannot_be_recorded(doorway, client, li):
    """What is refused by the log is not looked up in the vault."""
    asked = []

    async def person(person_ref):
        asked.append(person_ref)

    doorway.vault.person = person
    problem(await client.post(f"{li}/reveal", json={"parts": ["phone"]}), 422, "content-invalid")
    nobodys = f"/v1/persons/p-{'0' * 32}/reveal"
    problem(
        await client.post(nobodys, json={"parts": ["phone"], "purpose": "contact"}), 404, "person-unknown"
    )
    assert asked == []


async def test_what_was_never_said_of_a_person_cannot_be_seen(client):
    somebody = (await client.post("/v1/persons", json={"name": "王大山"})).headers["location"]
    refused = await client.post(f"{somebody}/reveal", json={"parts": ["phone"], "purpose": "contact"})
    problem(refused, 422, "part-not-held")
    assert refused.json()["details"] == {"held": ["name"]}


@pytest.mark.usefixtures("li")
@pytest.mark.parametrize(
    "said",
    [
        {"id_type": "111", "id_number": "610999800315002", "purpose": "handling"},
        {"phone": "+86 138-0000-5678", "purpose": "contact"},
        {"name": "李小河", "purpose": "contact", "case_no": CASE_NO},
    ],
    ids=["a number of fifteen digits", "a telephone", "a name"],
)
async def test_a_search_answers_masked_and_is_recorded_without_what_was_sought(doorway, client, said):
    found = (await client.post("/v1/persons/search", json=said)).json()["persons"]
    assert [each["name"] for each in found] == ["李**"]
    recorded = doorway.log.events[-1]
    assert recorded.topic == "people.searched.v1"
    assert recorded.fact.found == tuple(each["person_ref"] for each in found)
    sought = [value for name, value in said.items() if name != "case_no" and len(value) > 8]
    assert not any(value.encode() in recorded.state for value in sought)


@pytest.mark.parametrize(
    "word", ["13800005678", "610999198003150022", "610999200503150028", "CX-2026-1", None]
)
async def test_a_look_names_a_case_or_none_and_nothing_else(doorway, client, li, word):
    """The number of whoever is looked at would stand in the log."""
    before = len(doorway.log.events)
    for path, said in (
        (f"{li}/reveal", {"parts": ["phone"], "purpose": "contact"}),
        ("/v1/persons/search", {"name": "李小河", "purpose": "contact"}),
    ):
        asked = await client.post(path, json=said | {"case_no": word})
        if word is not None:
            problem(asked, 422, "content-invalid")
    assert (len(doorway.log.events) == before) is (word is not None)


async def test_a_search_by_two_things_or_by_none_is_refused(client):
    for said in ({}, {"name": "李小河", "phone": "13800005678"}, {"id_type": "111"}):
        problem(
            await client.post("/v1/persons/search", json={"purpose": "contact"} | said),
            422,
            "content-invalid",
        )


async def test_a_correction_is_of_the_fields_that_read_differently(doorway, client, li):
    assert (await client.post(f"{li}/corrections", json={"phone": "13900001234"})).status_code == 201
    assert (await client.get(li)).json()["phone"] == "139****1234"
    corrected = doorway.log.events[-1]
    assert corrected.topic == "subject.data_corrected.v1"
    assert [each.part for each in corrected.fact.commitments] == ["phone"]
    nobody = await client.post(f"/v1/persons/p-{'0' * 32}/corrections", json={"phone": "13900001234"})
    problem(nobody, 404, "person-unknown")


@pytest.mark.usefixtures("li")
async def test_a_document_of_somebody_else_is_refused(client):
    other = (await client.post("/v1/persons", json={"name": "王大山"})).headers["location"]
    document = {"id_type": LI["id_type"], "id_number": LI["id_number"]}
    problem(await client.post(f"{other}/corrections", json=document), 409, "document-taken")


async def test_data_are_erased_by_two_persons_and_the_second_decides(doorway, client, li):
    proposed = await act(client, li, PROPOSED)
    assert proposed.json()["proposed"] == {"measure": "erase", "proposed_by": "a-town-clerk"}
    problem(await act(client, li, AGREED), 403, "role-may-not")
    erased = await act(client, li, AGREED, DIRECTOR_POST)
    assert (erased.json()["state"], erased.json()["held"]) == ("erased", [])
    problem(await client.get(li), 409, "person-erased")
    problem(
        await client.post(f"{li}/reveal", json={"parts": ["name"], "purpose": "contact"}),
        409,
        "person-erased",
    )
    problem(await act(client, li, PROPOSED), 409, "person-erased")
    assert await doorway.vault.person(li.rpartition("/")[2]) is None
    assert (await act(client, li, AGREED, DIRECTOR_POST)).status_code == 201, (
        "a repeat finishes what was begun"
    )


async def test_whoever_proposed_does_not_agree(client, li):
    await act(client, li, PROPOSED, DIRECTOR_POST)
    problem(await act(client, li, AGREED, DIRECTOR_POST), 403, "measure-needs-second-person")


async def test_what_was_not_proposed_is_not_carried_out(client, li):
    problem(await act(client, li, AGREED, DIRECTOR_POST), 409, "measure-not-proposed")
    await act(client, li, {"type": "propose_measure", "measure": "restrict", "reason": "撤回同意"})
    problem(await act(client, li, AGREED, DIRECTOR_POST), 409, "measure-not-proposed")


async def test_a_declined_proposal_is_off(client, li):
    await act(client, li, PROPOSED)
    declined = {"type": "decline_measure", "measure": "erase", "reason": "尚有在办件"}
    problem(await act(client, li, declined, HANDLER_POST), 403, "role-may-not")
    assert (await act(client, li, declined, DIRECTOR_POST)).json()["proposed"] is None
    problem(await act(client, li, declined, DIRECTOR_POST), 409, "measure-not-proposed")
    problem(await act(client, li, AGREED, DIRECTOR_POST), 409, "measure-not-proposed")


async def test_erasure_waits_for_the_end_of_the_term(client, li):
    for ends, code in (("2099-12-31", "retention-term-running"), (None, "retention-term-missing")):
        problem(await act(client, li, PROPOSED | {"retention_ended_on": ends}), 422, code)
    proposed = {"type": "propose_measure", "measure": "restrict", "reason": "届满前封存"}
    problem(
        await act(client, li, proposed | {"retention_ended_on": "2020-01-01"}), 422, "retention-term-missing"
    )


async def test_an_investigation_that_holds_the_data_stops_their_erasure(doorway, client, li):
    person_ref = li.rpartition("/")[2]
    doorway.holds.by_person[person_ref] = ["JW-2026-3"]
    await act(client, li, PROPOSED)
    refused = await act(client, li, AGREED, DIRECTOR_POST)
    problem(refused, 409, "under-legal-hold")
    assert refused.json()["details"] == {"holds": ["JW-2026-3"]}
    assert await doorway.vault.person(person_ref) is not None
    doorway.holds.by_person.clear()
    assert (await act(client, li, AGREED, DIRECTOR_POST)).json()["state"] == "erased"


async def test_a_case_under_way_stops_the_erasure_of_whoever_has_a_part_in_it(client, li):
    received = {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": li.rpartition("/")[2]}
    case_no = (await client.post("/v1/cases", json={"action": received})).json()["case_no"]
    await act(client, li, PROPOSED)
    refused = await act(client, li, AGREED, DIRECTOR_POST)
    problem(refused, 409, "cases-under-way")
    assert refused.json()["details"] == {"cases": 1}
    withdrawn = {"action": {"type": "withdraw_case", "reason": "不办了"}}
    ended = await client.post(f"/v1/cases/{case_no}/actions", json=withdrawn, headers={"If-Match": "*"})
    assert ended.status_code == 201, ended.text
    assert (await act(client, li, AGREED, DIRECTOR_POST)).json()["state"] == "erased"


async def test_restricted_data_serve_nothing_until_released(client, li):
    await act(client, li, {"type": "propose_measure", "measure": "restrict", "reason": "撤回同意"})
    await act(client, li, {"type": "agree_to_measure", "measure": "restrict"}, DIRECTOR_POST)
    problem(await client.get(li), 409, "person-restricted")
    problem(await client.post("/v1/persons", json=LI), 409, "person-restricted")
    again = {"type": "propose_measure", "measure": "restrict", "reason": "再次"}
    problem(await act(client, li, again), 409, "measure-beside-point")
    found = await client.post("/v1/persons/search", json={"name": "李小河", "purpose": "contact"})
    assert found.json() == {"persons": []}
    assert (await client.get(f"{li}/measures")).json()["state"] == "restricted"


async def test_a_vault_that_was_changed_is_said_and_nothing_of_it_shown(doorway, client, li):
    other = (await client.post("/v1/persons", json={"name": "王大山"})).headers["location"]
    rows = doorway.vault._rows
    rows[other.rpartition("/")[2]].boxes["name"] = rows[li.rpartition("/")[2]].boxes["name"]
    problem(await client.get(other), 409, "seal-broken")


async def test_a_case_names_nobody_but_those_who_were_enrolled():
    """In a batch and in a correction likewise: what counts is what would be recorded."""

    class OnlyOne:
        async def expect_known(self, person_refs):
            if set(person_refs) != {"p-" + "1" * 32}:
                raise PersonNotEnrolled

    log = MemoryLog()
    doorway = Doorway(log, keeper=Keeper(log, a_county(), references=OnlyOne()))
    known, unknown = (
        {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": f"p-{digit * 32}"} for digit in "12"
    )
    async with doorway.entered() as client:
        problem(await client.post("/v1/cases", json={"action": unknown}), 422, "person-not-enrolled")
        batch = {"actions": [{"key": "k", "action": unknown}]}
        (answer,) = (await client.post("/v1/actions:batch", json=batch)).json()["answers"]
        assert answer["problem"]["type"].endswith("person-not-enrolled")
        opened = (await client.post("/v1/cases", json={"action": known})).json()
        correction = {
            "type": "correct_event",
            "target_version": 1,
            "field": "applicant_ref",
            "was": known["applicant_ref"],
            "should_be": unknown["applicant_ref"],
            "reason": "录入错误",
            "approved_by": "a-director",
        }
        refused = await client.post(
            f"/v1/cases/{opened['case_no']}/actions",
            json={"action": correction},
            headers={"If-Match": "*", **at_post(APPROVER_POST)},
        )
        problem(refused, 422, "person-not-enrolled")
    assert len(log.events) == 1


BORN_LATER = "61099920050315002" + identity_check("61099920050315002")
"""Of somebody whose number could be a document's, were it asked for."""


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/persons/610999198003150022", {}),
        ("/v1/cases?q=13800005678", {}),
        ("/v1/cases?q=%31%33800005678", {}),
        ("/v1/events?stream=case:11010519491231002x", {}),
        ("/v1/cases", {"Idempotency-Key": "610999198003150022"}),
        ("/v1/cases", {"Idempotency-Key": BORN_LATER}),
        (f"/v1/persons/{BORN_LATER}", {}),
        (f"/v1/catalogue/staff/{BORN_LATER.lower()}", {}),
    ],
)
async def test_an_address_with_a_number_is_refused_before_anything_looks_for_it(client, path, headers):
    refused = await client.get(path, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (
        422,
        "urn:jiandu:problem:personal-data-in-address",
    )
    assert not any(
        number in refused.text for number in ("610999198003150022", "13800005678", "11010519491231002")
    )


@pytest.mark.parametrize(
    "path",
    [
        "/v1/persons/p-52f0f8d14806412482d4a7e6f7af1c56",
        "/v1/cases/61099910100020260521000171",
        "/v1/cases/a13800005678",
        "/v1/contacts/c-13800005678901234567890123456789",
    ],
)
async def test_a_part_of_a_code_or_a_reference_is_no_number(client, path):
    assert (await client.get(path)).json()["type"] != "urn:jiandu:problem:personal-data-in-address"


@pytest.mark.parametrize("number", ["13800005678", "610999198003150022", BORN_LATER, "k:13800005678"])
async def test_the_key_of_an_action_is_no_number_of_anybody(client, doorway, number):
    """It is kept with the first answer, as that of a single request is."""
    receipt = {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": f"p-{'1' * 32}"}
    action = {"key": number, "action": receipt}
    refused = await client.post("/v1/actions:batch", json={"actions": [action]})
    (answer,) = refused.json()["answers"]
    assert answer["status"] == 422
    assert number not in refused.text
    assert doorway.log.events == []


@pytest.mark.parametrize("number", ["13800005678", BORN_LATER])
async def test_a_contact_has_no_number_of_anybody_and_names_a_case_or_none(client, doorway, number):
    asked = {"type": "register_first_ask", "matter": "建房"}
    refused = await client.post("/v1/contacts", json={"contact_no": number, "action": asked})
    problem(refused, 422, "content-invalid")
    opened = (await client.post("/v1/contacts", json={"contact_no": "SW-1", "action": asked})).json()
    answered = {"type": "answer_consultation", "answer": "可在窗口申请"}
    address, now = f"/v1/contacts/{opened['contact_no']}/actions", {"If-Match": "*"}
    refused = await client.post(address, json={"action": answered | {"case_no": number}}, headers=now)
    problem(refused, 422, "content-invalid")
    taken = await client.post(address, json={"action": answered | {"case_no": CASE_NO}}, headers=now)
    assert taken.status_code == 201, taken.text
    assert not any(number.encode() in event.state for event in doorway.log.events)


async def test_a_number_of_a_document_can_be_looked_for(client):
    found = await client.get(f"/v1/cases?receipt_no={BORN_LATER}")
    assert found.json()["type"] != "urn:jiandu:problem:personal-data-in-address"


async def test_a_code_takes_no_identity_number(client, doorway):
    action = {"type": "receive_case", "item_code": HOMESTEAD}
    said = {
        "action": action,
        "circumstances": {"device": {"device_id": "610999198003150022", "device_seq": 1}},
    }
    problem(await client.post("/v1/cases", json=said), 422, "personal-data-in-code")
    batch = {"actions": [{"key": "k"} | said]}
    refused = await client.post("/v1/actions:batch", json=batch)
    assert "personal-data-in-code" in refused.text
    assert "610999198003150022" not in refused.text
    assert doorway.log.events == []
