"""Reading a case over HTTP: as it stands, as it was known, as it should be read; and everything beside it."""

import re
from datetime import UTC

import pytest

from domain.store.memory import MemoryLog
from tests.county import HOMESTEAD, TOWN_CLERK_POST
from tests.doors import Doorway

RECEIPT = {
    "action": {
        "type": "receive_case",
        "item_code": HOMESTEAD,
        "applicant_ref": "p-" + "0" * 32,
        "receipt_no": "SJ-17",
    }
}
CORRECTION = {
    "action": {
        "type": "correct_event",
        "target_version": 1,
        "field": "receipt_no",
        "was": "SJ-17",
        "should_be": "SJ-71",
        "reason": "录入颠倒",
        "approved_by": "a-director",
    }
}


@pytest.fixture
def doorway():
    return Doorway()


@pytest.fixture
async def client(doorway):
    async with doorway.entered() as client:
        yield client


@pytest.fixture
async def corrected(client):
    """A case received under a wrong receipt number, put right afterwards."""
    case_no = (await client.post("/v1/cases", json=RECEIPT)).json()["case_no"]
    done = await client.post(f"/v1/cases/{case_no}/actions", json=CORRECTION, headers={"If-Match": '"1"'})
    assert done.status_code == 201, done.text
    return case_no


async def read(client, path, **query):
    response = await client.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_case_stands_with_its_corrections_and_its_version(client, corrected):
    response = await client.get(f"/v1/cases/{corrected}")
    assert response.headers["etag"] == '"2"'
    case = response.json()
    assert (case["case_no"], case["version"], case["state"]["status"]) == (corrected, 2, "registered")
    assert case["state"]["application"]["receipt_no"] == "SJ-71"


async def test_a_case_is_shown_as_it_was_known_before_the_correction(client, doorway, corrected):
    then = doorway.log.events[0].recorded_at.isoformat()
    case = await read(client, f"/v1/cases/{corrected}", known_at=then)
    assert (case["version"], case["state"]["application"]["receipt_no"]) == (1, "SJ-17")


async def refusal(client, path, **query):
    response = await client.get(path, params=query)
    assert response.status_code == 404, response.text
    problem = response.json()
    return problem["type"].removeprefix("urn:jiandu:problem:"), problem["details"]


def told(moment):
    """As an answer has it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("part", ["", "/history", "/history?view=effective"])
async def test_before_the_case_began_or_was_known_it_is_said_since_when(client, doorway, corrected, part):
    received, then = doorway.log.events[0], "2020-01-01T00:00:00+08:00"
    path = f"/v1/cases/{corrected}{part}"
    began, known = told(received.envelope.occurred_at), told(received.recorded_at)
    assert await refusal(client, path, happened_by=then) == ("not-yet-begun", {"began_at": began})
    assert await refusal(client, path, known_at=then) == ("not-yet-known", {"known_since": known})
    assert await refusal(client, path, known_at=then, happened_by=then) == (
        "not-yet-known",
        {"known_since": known},
    )


async def test_the_raw_history_holds_original_and_correction(client, corrected):
    history = await read(client, f"/v1/cases/{corrected}/history")
    assert [event["topic"] for event in history["events"]] == ["case.received.v1", "event.corrected.v1"]
    assert history["events"][0]["fact"]["receipt_no"] == "SJ-17"


async def test_the_effective_history_holds_the_corrected_event(client, corrected):
    history = await read(client, f"/v1/cases/{corrected}/history", view="effective")
    assert history["version"] == 2
    (event,) = history["events"]
    assert (event["version"], event["fact"]["receipt_no"], event["is_corrected"]) == (1, "SJ-71", True)


async def test_a_contact_is_registered_handed_over_and_read(client):
    first = {"action": {"type": "register_first_ask", "matter": "问农村建房"}}
    opened = await client.post("/v1/contacts", json=first, headers={"Idempotency-Key": "k"})
    again = await client.post("/v1/contacts", json=first, headers={"Idempotency-Key": "k"})
    assert (opened.status_code, again.content) == (201, opened.content)
    contact_no = opened.json()["contact_no"]
    handed = {"action": {"type": "hand_over_first_ask", "to_staff": "a-handler", "to_unit": "QX-BH-GTS"}}
    done = await client.post(f"/v1/contacts/{contact_no}/actions", json=handed, headers={"If-Match": '"1"'})
    assert done.status_code == 201, done.text
    contact = await read(client, f"/v1/contacts/{contact_no}")
    assert (contact["version"], contact["state"]["responsible"]) == (2, "a-handler")


async def test_a_contact_is_shown_as_it_was_known_and_as_it_had_happened(client, doorway):
    first = {"action": {"type": "register_first_ask", "matter": "问农村建房"}}
    contact_no = (await client.post("/v1/contacts", json=first)).json()["contact_no"]
    handed = {"action": {"type": "hand_over_first_ask", "to_staff": "a-handler", "to_unit": "QX-BH-GTS"}}
    await client.post(f"/v1/contacts/{contact_no}/actions", json=handed, headers={"If-Match": '"1"'})
    asked, handed_over = doorway.log.events
    for clock, moment in (("known_at", asked.recorded_at), ("happened_by", asked.envelope.occurred_at)):
        then = await read(client, f"/v1/contacts/{contact_no}", **{clock: moment.isoformat()})
        assert then["state"]["responsible"] == asked.envelope.actor.staff_id, clock
    now = await read(client, f"/v1/contacts/{contact_no}", known_at=handed_over.recorded_at.isoformat())
    assert now["state"]["responsible"] == "a-handler"
    path, before = f"/v1/contacts/{contact_no}", "2020-01-01T00:00:00Z"
    assert await refusal(client, path, known_at=before) == (
        "not-yet-known",
        {"known_since": told(asked.recorded_at)},
    )
    assert await refusal(client, path, happened_by=before) == (
        "not-yet-begun",
        {"began_at": told(asked.envelope.occurred_at)},
    )


class AskedLog(MemoryLog):
    """Remembers whose history it was asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    async def history(self, stream):
        self.asked.append(stream)
        return await super().history(stream)


async def test_a_contact_is_read_in_one_question():
    """Whom it is shown to is told by what it is told from: what came between two questions would be shown unasked."""
    log = AskedLog()
    async with Doorway(log).entered() as client:
        first = {"action": {"type": "register_first_ask", "matter": "问农村建房"}}
        contact_no = (await client.post("/v1/contacts", json=first)).json()["contact_no"]
        log.asked.clear()
        await read(client, f"/v1/contacts/{contact_no}")
    assert log.asked == [f"contact:{contact_no}"]


async def test_personal_data_go_in_whole_and_come_out_masked(client):
    person = {"name": "李小河", "id_type": "111", "id_number": "610999198003150022", "phone": "13800005678"}
    enrolled = await client.post("/v1/persons", json=person)
    assert enrolled.status_code == 201
    shown = await read(client, enrolled.headers["location"])
    assert shown == {
        "person_ref": enrolled.json()["person_ref"],
        "name": "李**",
        "id_type": "111",
        "id_number": "6109**********0022",
        "phone": "138****5678",
        "address": None,
    }


@pytest.mark.parametrize(
    "register",
    ["items", "units", "windows", "posts", "staff", "points", "authorisations", "calendars", "policies"],
)
async def test_every_register_can_be_read_whole_and_entry_by_entry(client, register):
    entries = (await read(client, f"/v1/catalogue/{register}"))["entries"]
    assert [entry["code"] for entry in entries] == sorted(entry["code"] for entry in entries)
    for entry in entries[:3]:
        assert await read(client, f"/v1/catalogue/{register}/{entry['code']}") == entry


async def test_the_register_of_posts_tells_who_sits_there(client):
    post = await read(client, f"/v1/catalogue/posts/{TOWN_CLERK_POST}")
    assert [holder["staff_id"] for holder in post["entry"]["assignments"]] == ["a-town-clerk", "b-town-clerk"]


async def test_health_readiness_and_metrics_need_no_identity(doorway):
    async with doorway.entered() as client:
        await client.get("/v1/events")
        del client.headers["X-Jiandu-Speaks-For"]
        assert await read(client, "/healthz") == {"status": "ok"}
        assert await read(client, "/readyz") == {"status": "ok", "last_position": 0}
        metrics = (await client.get("/metrics")).text
    assert 'jiandu_http_requests_total{method="GET",route="/v1/events",status="200"} 1.0' in metrics
    assert 'jiandu_http_request_seconds_count{method="GET",route="/v1/events"} 1.0' in metrics


async def test_metrics_name_routes_and_never_cases(client, corrected):
    await client.get(f"/v1/cases/{corrected}")
    assert corrected not in (await client.get("/metrics")).text


PAGES = [
    "/",
    "/docs",
    "/docs/start.js",
    "/landing.css",
    "/sign-in",
    "/sign-in.js",
    "/docs/files/swagger-ui-bundle.js",
]


@pytest.mark.parametrize("path", PAGES)
async def test_the_pages_need_nobody_elses_files(client, path):
    response = await client.get(path)
    assert response.status_code == 200
    if response.headers["content-type"].startswith("text/html"):
        assert "script-src 'self'" in response.headers["content-security-policy"]
        assert re.findall(r"(?:src|href)=\"(?:https?:)?//", response.text) == []
        assert re.findall(r"<script(?![^>]* src=)", response.text) == []
        for link in re.findall(r"(?:src|href)=\"([^\"]+)\"", response.text):
            assert (await client.get(f"/{link}")).status_code == 200, link


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/healthz", "/readyz", "/metrics", "/v1/events", "/v1/catalogue/items"]
)
async def test_head_answers_wherever_get_does(client, path):
    got, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.headers["content-type"]) == (got.status_code, got.headers["content-type"])
