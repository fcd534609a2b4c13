"""People at the door: shown masked, seen whole for a purpose that is recorded first, set aside and erased by two."""

from dataclasses import replace

import pytest

from api.permitted import PERMITTED
from domain.access.decision import Principal
from domain.access.permissions import TABLE, Action, Scope
from domain.application import Keeper
from domain.case import CASE
from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation
from domain.grammar import Actor
from domain.store.memory import MemoryLog
from domain.subject.rejections import PersonNotEnrolled
from tests.county import (
    APPROVER_POST,
    COUNTY_CLERK_POST,
    DIRECTOR_POST,
    HANDLER_POST,
    HOMESTEAD,
    LAND_STATION,
    TOWN_CENTRE,
    TOWN_CLERK_POST,
    TOWN_DIVISION,
    a_county,
    actor_at,
)
from tests.doors import Doorway
from tests.examples import CASE_NO as OURS
from tests.examples import a_received_case
from tests.spec import deed

LI = {
    "name": "李小河",
    "id_type": "111",
    "id_number": "610999198003150022",
    "phone": "13800005678",
    "address": "上河村二组",
}
PROPOSED = {
    "type": "propose_measure",
    "measure": "erase",
    "reason": "届满",
    "retention_ended_on": "2020-01-01",
}
AGREED = {"type": "agree_to_measure", "measure": "erase"}


@pytest.fixture
def doorway():
    return Doorway()


@pytest.fixture
async def client(doorway):
    async with doorway.entered() as entered:
        yield entered


@pytest.fixture
async def li(client):
    """The address of an enrolled person."""
    return (await client.post("/v1/persons", json=LI)).headers["location"]


def at_post(post):
    return {"X-Jiandu-Speaks-For": f"{actor_at(post).staff_id}@{post}"}


async def act(client, li, action, post=TOWN_CLERK_POST):
    return await client.post(f"{li}/measures", json={"action": action}, headers=at_post(post))


def problem(response, status, code):
    assert response.status_code == status, response.text
    assert response.json()["type"] == f"urn:jiandu:problem:{code}"
    assert not any(value in response.text for value in LI.values() if value != "111")


async def test_only_what_is_asked_for_is_seen_and_the_purpose_stands_in_the_log_before(doorway, client, li):
    said = {"parts": ["phone", "name"], "purpose": "contact", "case_no": "X-1", "note": "通知补正"}
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
        {"name": "李小河", "purpose": "contact", "case_no": "X-1"},
    ],
    ids=["a number of fifteen digits", "a telephone", "a name"],
)
async def test_a_search_answers_masked_and_is_recorded_without_what_was_sought(doorway, client, said):
    found = (await client.post("/v1/persons/search", json=said)).json()["persons"]
    assert [each["name"] for each in found] == ["李**"]
    recorded = doorway.log.events[-1]
    assert recorded.topic == "people.searched.v1"
    assert recorded.fact.found == tuple(each["person_ref"] for each in found)
    assert not any(value.encode() in recorded.state for value in said.values() if len(value) > 8)


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


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/persons/610999198003150022", {}),
        ("/v1/cases?q=13800005678", {}),
        ("/v1/cases?q=%31%33800005678", {}),
        ("/v1/events?stream=case:11010519491231002x", {}),
        ("/v1/cases", {"Idempotency-Key": "610999198003150022"}),
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


# ── another division's persons ──────────────────────────────────────────────────────────────────────────────

ELSEWHERE = "61099910200020260303000016"
WANG = {"name": "王大山", "id_type": "111", "id_number": "610999197503150016", "phone": "13900005678"}
REVEALING = {"parts": ["phone"], "purpose": "contact"}


@pytest.fixture
async def wang(doorway):
    """A person enrolled at the county's hall, with whom the town has nothing to do."""
    async with doorway.entered(COUNTY_CLERK_POST) as client:
        return (await client.post("/v1/persons", json=WANG)).headers["location"]


OF_A_PERSON = (
    "GET /v1/persons/{person_ref}",
    "GET /v1/persons/{person_ref}/measures",
    "POST /v1/persons/{person_ref}/reveal",
    "POST /v1/persons/{person_ref}/corrections",
    "POST /v1/persons/{person_ref}/measures",
)
NOBODY = f"/v1/persons/p-{'0' * 32}"


async def told_of(client, address, post=TOWN_CLERK_POST):
    """What is answered, route by route."""
    headers = at_post(post) if post else {}
    answers = [
        await client.get(address, headers=headers),
        await client.get(f"{address}/measures", headers=headers),
        await client.post(f"{address}/reveal", json=REVEALING, headers=headers),
        await client.post(f"{address}/corrections", json={"phone": "13900001111"}, headers=headers),
        await client.post(f"{address}/measures", json={"action": PROPOSED}, headers=headers),
    ]
    return [(answer.status_code, answer.content) for answer in answers]


async def found_by(client, said, post=TOWN_CLERK_POST):
    response = await client.post(
        "/v1/persons/search", json={"purpose": "contact"} | said, headers=at_post(post)
    )
    return [each["person_ref"] for each in response.json()["persons"]]


async def receive(doorway, person, case_no, *deeds):
    applicant = person.rpartition("/")[2]
    for each in (*a_received_case(applicant_ref=applicant), *deeds):
        await doorway.keeper.handle(CASE, case_no, each.command, each.occasion, key=None, digest=b"")


async def test_another_divisions_person_is_answered_as_nobody(doorway, client, wang):
    nobody = await told_of(client, NOBODY)
    assert await told_of(client, wang) == nobody
    assert {status for status, _ in nobody} == {404}
    denied = [event.fact for event in doorway.log.events if event.topic == "access.action_denied.v1"]
    assert ("POST /v1/persons/{person_ref}/reveal", "foreign") in {
        (each.route, each.reason) for each in denied
    }


async def test_another_divisions_person_is_not_found_and_does_not_count(doorway, client, wang, li):
    both = [li.rpartition("/")[2]]
    assert await found_by(client, {"name": WANG["name"]}) == []
    assert await found_by(client, {"phone": WANG["phone"]}) == []
    assert doorway.log.events[-1].fact.found == ()
    assert await found_by(client, {"name": LI["name"]}) == both
    assert await found_by(client, {"name": WANG["name"]}, COUNTY_CLERK_POST) == [wang.rpartition("/")[2]]


async def test_whoever_has_a_case_of_the_person_is_told(doorway, client, wang):
    await receive(doorway, wang, OURS)
    assert [status for status, _ in await told_of(client, wang)] == [200, 200, 200, 201, 201]
    assert await found_by(client, {"name": WANG["name"]}) == [wang.rpartition("/")[2]]


async def test_so_is_a_unit_to_which_a_case_of_another_division_was_sent(doorway, client, wang):
    at_the_county = [replace(each, by=actor_at(COUNTY_CLERK_POST)) for each in a_received_case()]
    applicant = wang.rpartition("/")[2]
    received = at_the_county[0].command.model_copy(update={"applicant_ref": applicant})
    for each in (
        replace(at_the_county[0], command=received),
        deed(AcceptCase(), "03-03 09:30", by=COUNTY_CLERK_POST),
        deed(ForwardToStation(to_unit=LAND_STATION), "03-03 10:00", by=COUNTY_CLERK_POST),
    ):
        await doorway.keeper.handle(CASE, ELSEWHERE, each.command, each.occasion, key=None, digest=b"")
    assert (await client.get(wang, headers=at_post(HANDLER_POST))).status_code == 200
    assert (await client.get(wang, headers=at_post(TOWN_CLERK_POST))).status_code == 404


class AtATownship:
    """Somebody of the role that the request names, at a post of the township."""

    async def principal(self, request):
        actor = Actor(staff_id="a-town-clerk", unit_code=TOWN_CENTRE, role=request.headers["x-role"])
        return Principal(actor, TOWN_DIVISION)


@pytest.mark.parametrize("role", sorted(TABLE))
async def test_whatever_the_role_a_township_is_told_of_nobody_elses_person(doorway, wang, role):
    """As the permission table says: as nobody where it lets the role see its own division's, 403 where it lets it see none's."""
    door = Doorway(doorway.log, keeper=doorway.keeper, people=doorway.people, identification=AtATownship())
    async with door.entered() as client:
        client.headers["x-role"] = role
        theirs, nobodys = await told_of(client, wang, None), await told_of(client, NOBODY, None)
        found = await client.post("/v1/persons/search", json={"purpose": "contact", "name": WANG["name"]})
    for route, his, nobody in zip(OF_A_PERSON, theirs, nobodys, strict=True):
        scope = TABLE[role].get(PERMITTED[route])
        if scope is not Scope.county:  # 纪委 is told of everybody, wherever their post is
            assert his == nobody, route
            assert his[0] == (403 if scope is None else 404), route
    may_search = Action.read_person in TABLE[role]
    assert (found.status_code, found.json().get("persons")) == ((200, []) if may_search else (403, None))


async def test_the_county_is_told_of_everybody(client, li):
    assert [status for status, _ in await told_of(client, li, COUNTY_CLERK_POST)][:3] == [200, 200, 200]
