"""What another township is told of a first ask and of who stands in, now and as it was known: nothing."""

import pytest

from domain.grammar import Duty
from domain.staff import STAFF
from domain.staff.commands import EnrolStaff
from domain.staff.values import StaffMember
from domain.store.memory import MemoryLog
from domain.unit import UNIT
from domain.unit.commands import RegisterUnit
from domain.unit.values import Unit, UnitKind
from domain.window import POST
from domain.window.posts import AssignPost, EstablishPost
from domain.window.values import Assignment, Role
from tests import county
from tests.doors import Doorway
from tests.spec import at

OTHER_TOWN, OTHER_POST = "QX-HS-ZX", "P-HS1"
OTHER = {"X-Jiandu-Speaks-For": f"another-director@{OTHER_POST}"}
HERE = {"X-Jiandu-Speaks-For": f"{county.actor_at(county.DIRECTOR_POST).staff_id}@{county.DIRECTOR_POST}"}
SECOND = county.actor_at(county.TOWN_CLERK_POST, Duty.b).staff_id
ASKED = (
    {},
    {"known_at": "2026-03-04T10:00:00+08:00"},
    {"happened_by": "2026-03-04T10:00:00+08:00"},
    {"known_at": "2026-03-04T11:00:00+08:00", "happened_by": "2026-03-04T10:00:00+08:00"},
)


def two_townships():
    """The county of the tests and a second township, with a director."""
    catalogue = county.a_county()
    began = {"valid_from": county.BEGAN}
    unit = Unit(
        unit_code=OTHER_TOWN,
        title="黑水镇便民服务中心",
        kind=UnitKind.centre,
        division_code="610999102000",
        parent_code=county.COUNTY,
        **began,
    )
    person = county.person_ref("another-director")
    member = StaffMember(staff_id="another-director", unit_code=OTHER_TOWN, person_ref=person, **began)
    post = EstablishPost(post_id=OTHER_POST, unit_code=OTHER_TOWN, title="主任", role=Role.hall_director)
    held = Assignment(staff_id="another-director", duty=Duty.a, **began)
    for aggregate, command in (
        (UNIT, RegisterUnit(unit=unit)),
        (STAFF, EnrolStaff(member=member)),
        (POST, post),
        (POST, AssignPost(post_id=OTHER_POST, assignment=held)),
    ):
        county.enter(catalogue, aggregate, command)
    return catalogue


@pytest.fixture
async def client():
    """At nine of 4 March the town's clerk was asked something, and delegated; the B person took over."""
    moment = at("03-04 08:00")
    log = MemoryLog(lambda: moment)
    doorway = Doorway(log, two_townships(), clock=lambda: moment)
    unit_code, window_id = county.TOWN_CENTRE, county.TOWN_WINDOW
    post = EstablishPost(
        post_id=county.TOWN_CLERK_POST,
        unit_code=unit_code,
        window_id=window_id,
        title="窗口",
        role=Role.window_clerk,
    )
    await doorway.keeper.handle(POST, post.post_id, post, county.OCCASION, key=None, digest=b"")
    moment = at("03-04 09:00")
    async with doorway.entered() as client:
        granting = {
            "type": "grant_delegation",
            "delegate": "a-handler",
            "valid_from": "2026-03-04",
            "valid_to": "2026-03-20",
            "reason": "外出学习",
        }
        taking = {"type": "take_over_post", "post_id": county.TOWN_CLERK_POST, "absence": "training"}
        second = {"X-Jiandu-Speaks-For": f"{SECOND}@{county.TOWN_CLERK_POST}"}
        for path, body, headers in (
            ("contacts", {"action": {"type": "register_first_ask", "matter": "问农村建房"}}, {}),
            ("delegations", {"delegation_no": "WT-1", "action": granting}, {}),
            ("takeovers", {"action": taking}, second),
        ):
            done = await client.post(f"/v1/{path}", json=body, headers=headers)
            assert done.status_code == 201, done.text
            client.contact_no = done.json().get("contact_no", getattr(client, "contact_no", None))
        moment = at("03-04 15:00")
        yield client


@pytest.mark.parametrize("asked", ASKED, ids=str)
async def test_a_first_ask_is_unknown_to_another_township_as_of_any_time(client, asked):
    path = f"/v1/contacts/{client.contact_no}"
    there = await client.get(path, params=asked, headers=OTHER)
    assert (there.status_code, there.json()["type"]) == (404, "urn:jiandu:problem:contact-unknown")
    assert (await client.get(path, params=asked, headers=HERE)).status_code == 200


@pytest.mark.parametrize("asked", ASKED, ids=str)
async def test_who_stands_in_is_told_to_no_other_township_as_of_any_time(client, asked):
    told = {}
    for who, headers in (("here", HERE), ("there", OTHER)):
        answer = await client.get("/v1/stand-ins", params=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        told[who] = (
            [each["staff_id"] for each in found["takeovers"]],
            [each["delegation_no"] for each in found["delegations"]],
        )
    assert told == {"here": ([SECOND], ["WT-1"]), "there": ([], [])}
