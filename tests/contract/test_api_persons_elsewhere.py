"""Another division's persons: by reference, search and every other way they are nobody."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.permitted import PERMITTED
from domain.access.decision import Principal
from domain.access.permissions import TABLE, Action, Scope
from domain.case import CASE
from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation
from domain.grammar import Actor, Occasion
from domain.subject.values import Person
from tests.county import (
    COUNTY_CLERK_POST,
    HANDLER_POST,
    LAND_STATION,
    TOWN_CENTRE,
    TOWN_CLERK_POST,
    TOWN_DIVISION,
    actor_at,
)
from tests.doors import Doorway
from tests.examples import a_received_case
from tests.inquiries import CASE_NO as OURS
from tests.persons_asked import LI, PROPOSED, at_post
from tests.spec import deed


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


async def test_a_search_finds_them_among_however_many_of_the_name(doorway, client):
    clerk = Occasion(actor=actor_at(COUNTY_CLERK_POST), received_at=datetime.now(UTC), correlation="-")
    for _ in range(600):
        last = await doorway.people.enrol(Person(name=WANG["name"]), clerk)
    assert await found_by(client, {"name": WANG["name"]}) == []
    await receive(doorway, last, OURS)
    assert await found_by(client, {"name": WANG["name"]}) == [last]


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


async def test_so_is_it_however_many_cases_went_elsewhere_since(doorway, client, wang):
    at_the_county = {"by": actor_at(COUNTY_CLERK_POST)}
    applicant = wang.rpartition("/")[2]
    received, *_ = (replace(each, **at_the_county) for each in a_received_case(applicant_ref=applicant))
    sent = (
        deed(AcceptCase(), "03-03 09:30", **at_the_county),
        deed(ForwardToStation(to_unit=LAND_STATION), "03-03 10:00", **at_the_county),
    )
    for serial in range(30):
        for each in (received, *(sent if serial == 0 else ())):
            case_no = f"{ELSEWHERE[:-4]}{serial:03}X"
            await doorway.keeper.handle(CASE, case_no, each.command, each.occasion, key=None, digest=b"")
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
