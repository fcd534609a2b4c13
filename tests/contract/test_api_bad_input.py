"""Bad input: a clear problem each time, nothing repeated, and the log as it was."""

import json

import orjson
import pytest

from tests.county import HOMESTEAD
from tests.doors import Doorway

APPLICANT = "p-" + "0" * 32
RECEIPT = {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": APPLICANT}
UNKNOWN_CASE = "61099910100020260521000171"
JSON = {"Content-Type": "application/json"}
MARKER = "MARKER7391"
"""Planted in every field that is refused; no answer may hold it."""


@pytest.fixture
def doorway():
    return Doorway()


@pytest.fixture
async def client(doorway):
    async with doorway.entered() as client:
        yield client


@pytest.fixture
async def case_no(client):
    return (await client.post("/v1/cases", json={"action": RECEIPT})).json()["case_no"]


def body(**changes):
    return orjson.dumps({"action": RECEIPT | changes})


def circumstances(**said):
    return orjson.dumps({"action": RECEIPT, "circumstances": said})


def expect_problem(response, status, code):
    problem = response.json()
    assert (response.status_code, problem["type"]) == (status, f"urn:jiandu:problem:{code}"), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert all(problem[name] for name in ("title", "title_en"))
    assert MARKER not in response.text
    return problem


BODIES = {
    "nothing": (b"", 400, "not-json"),
    "broken JSON": (b'{"action": {"type": "MARKER7391"', 400, "not-json"),
    "a list": (b"[]", 422, "content-invalid"),
    "null": (b"null", 422, "content-invalid"),
    "an unknown field": (body(MARKER7391=1), 422, "content-invalid"),
    "an unknown field beside the action": (
        orjson.dumps({"action": RECEIPT, MARKER: MARKER}),
        422,
        "content-invalid",
    ),
    "an unknown action": (orjson.dumps({"action": {"type": MARKER}}), 422, "content-invalid"),
    "no action": (b"{}", 422, "content-invalid"),
    "no type": (orjson.dumps({"action": {"item_code": MARKER}}), 422, "content-invalid"),
    "an action that opens nothing": (
        orjson.dumps({"action": {"type": "accept_case"}}),
        422,
        "content-invalid",
    ),
    "a number for a text": (body(item_code=7), 422, "content-invalid"),
    "a text for a list": (body(materials=MARKER), 422, "content-invalid"),
    "true for a number": (
        orjson.dumps({"action": {"type": "entrust_agent", "entrust_no": True}}),
        422,
        "content-invalid",
    ),
    "a code with spaces": (body(item_code=f"{MARKER} x"), 422, "content-invalid"),
    "a code too long": (body(item_code=MARKER * 7), 422, "content-invalid"),
    "SQL in a code": (body(item_code=f"{MARKER}'; drop table events; --"), 422, "content-invalid"),
    "HTML in a code": (body(item_code=f"<script>{MARKER}</script>"), 422, "content-invalid"),
    "a control character": (circumstances(place=f"{MARKER}\u0007"), 422, "content-invalid"),
    "a line feed in one line": (circumstances(place=f"{MARKER}\n"), 422, "content-invalid"),
    "a right-to-left override": (circumstances(place=f"{MARKER}\u202e"), 422, "content-invalid"),
    "a zero-width space": (circumstances(place=f"{MARKER}\u200b"), 422, "content-invalid"),
    "an unassigned character": (circumstances(place=f"{MARKER}\U0003ffff"), 422, "content-invalid"),
    "a private character": (circumstances(place=f"{MARKER}\ue000"), 422, "content-invalid"),
    "a text not in NFC": (circumstances(place=f"{MARKER}e\u0301"), 422, "content-invalid"),
    "a text of spaces": (circumstances(place="   "), 422, "content-invalid"),
    "a text of ideographic spaces": (circumstances(place="\u3000\u3000"), 422, "content-invalid"),
    "lines without a word": (circumstances(backfill={"reason": " \n\n "}), 422, "content-invalid"),
    "a text that nobody can see": (circumstances(place="\u3164\u2800"), 422, "content-invalid"),
    "an empty text": (circumstances(place=""), 422, "content-invalid"),
    "a text too long": (circumstances(place="长" * 201), 422, "content-invalid"),
    "NUL": (b'{"action": {"type": "MARKER7391\\u0000"}}', 400, "nul-character"),
    "a raw NUL": (b'{"action": {"type": "MARKER7391\x00"}}', 400, "not-json"),
    "half a surrogate pair": (b'{"action": {"type": "MARKER7391\\ud800"}}', 400, "not-utf8"),
    "invalid UTF-8": (b'{"action": {"type": "MARKER7391\xff"}}', 400, "not-utf8"),
    "UTF-16": ('{"action": {}}'.encode("utf-16"), 400, "not-utf8"),
    "a byte order mark": (b"\xef\xbb\xbf" + body(), 400, "not-utf8"),
    "a member twice": (b'{"action": {}, "action": {}}', 400, "duplicate-member"),
    "a fraction": (b'{"action": {"type": "charge_fee", "amount_fen": 10.5}}', 400, "number-not-whole"),
    "an exponent": (b'{"a": 1e999}', 400, "number-not-whole"),
    "NaN": (b'{"a": NaN}', 400, "number-not-whole"),
    "Infinity": (b'{"a": -Infinity}', 400, "number-not-whole"),
    "2 to the 70th": (b'{"a": %d}' % 2**70, 400, "number-too-large"),
    "300 levels": (b'{"a": %b}' % (b"[" * 300 + b"]" * 300), 400, "too-deep"),
    "100,000 levels": (b"[" * 100_000, 400, "too-deep"),
    "10 MB": (b" " * 10 * 2**20, 413, "body-too-large"),
    "a time without an offset": (circumstances(occurred_at="2026-05-13T09:30:00"), 422, "content-invalid"),
    "a time as a number": (circumstances(occurred_at="1700000000"), 422, "content-invalid"),
    "a day for a time": (circumstances(occurred_at="2026-05-13"), 422, "content-invalid"),
    "the 30th of February": (circumstances(occurred_at="2026-02-30T09:30:00+08:00"), 422, "content-invalid"),
    "1999": (circumstances(occurred_at="1999-12-31T23:59:59+08:00"), 422, "content-invalid"),
    "2100": (circumstances(occurred_at="2100-01-01T00:00:00+08:00"), 422, "content-invalid"),
    "year 9999 behind an offset": (
        circumstances(occurred_at="9999-12-31T23:59:59-12:00"),
        422,
        "content-invalid",
    ),
    "year 1": (circumstances(occurred_at="0001-01-01T00:00:00+14:00"), 422, "content-invalid"),
    "an offset of a day": (circumstances(occurred_at="2026-05-13T09:30:00+24:00"), 422, "content-invalid"),
    "a time to come": (circumstances(occurred_at="2099-05-13T09:30:00+08:00"), 422, "in-the-future"),
    "a day that is none": (
        orjson.dumps({"action": {"type": "entrust_agent", "mandate": {"expires_on": "2026-13-01"}}}),
        422,
        "content-invalid",
    ),
    "a case number with a wrong digit": (
        orjson.dumps({"case_no": "61099910100020260521000181", "action": RECEIPT}),
        422,
        "content-invalid",
    ),
    "a case number of another length": (
        orjson.dumps({"case_no": MARKER, "action": RECEIPT}),
        422,
        "content-invalid",
    ),
    "an item that nobody offers": (body(item_code=MARKER), 422, "item-unknown"),
    "a person who is no reference": (body(applicant_ref=MARKER), 422, "content-invalid"),
}


@pytest.mark.parametrize(("raw", "status", "code"), BODIES.values(), ids=BODIES.keys())
async def test_a_bad_body_is_refused_with_its_reason(client, doorway, raw, status, code):
    expect_problem(await client.post("/v1/cases", content=raw, headers=JSON), status, code)
    assert doorway.log.events == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/xml"},
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        JSON | {"Content-Encoding": "gzip"},
    ],
    ids=str,
)
async def test_a_body_is_uncompressed_json(client, doorway, headers):
    expect_problem(
        await client.post("/v1/cases", content=body(), headers=headers), 415, "content-type-unsupported"
    )
    assert doorway.log.events == []


async def test_a_body_that_hides_its_length_is_cut_off(client, doorway):
    async def endless():
        for _ in range(40):
            yield b" " * 2**15

    expect_problem(await client.post("/v1/cases", content=endless(), headers=JSON), 413, "body-too-large")
    assert doorway.log.events == []


@pytest.mark.parametrize("length", ["-1", "1e3", "99999999999999999999", "١٢"])
async def test_a_length_that_is_no_length_is_refused(client, length):
    headers = JSON | {"Content-Length": length.encode()}
    response = await client.post("/v1/cases", content=body(), headers=headers)
    expect_problem(response, 413, "body-too-large")


TARGETS = {
    "/v1/events?limit=-1": (422, "parameter-invalid"),
    "/v1/events?limit=0": (422, "parameter-invalid"),
    "/v1/events?limit=1001": (422, "parameter-invalid"),
    "/v1/events?limit=MARKER7391": (422, "parameter-invalid"),
    "/v1/events?limit=1.0": (422, "parameter-invalid"),
    "/v1/events?limit=1_0": (422, "parameter-invalid"),
    "/v1/events?limit=%201": (422, "parameter-invalid"),
    "/v1/events?limit=%D9%A1": (422, "parameter-invalid"),
    "/v1/events?after=-1": (422, "parameter-invalid"),
    "/v1/events?after=1e9": (422, "parameter-invalid"),
    "/v1/events?after=9007199254740992": (422, "parameter-invalid"),
    "/v1/events?after=99999999999999999999999": (422, "parameter-invalid"),
    "/v1/events?after=": (422, "parameter-invalid"),
    "/v1/events?after=1&after=2": (422, "parameter-invalid"),
    "/v1/events?MARKER7391=1": (422, "parameter-invalid"),
    "/v1/events?stream=MARKER7391%00": (422, "parameter-invalid"),
    "/v1/events?stream=MARKER7391%0A": (422, "parameter-invalid"),
    "/v1/events?stream=MARKER7391%27%20or%201=1": (422, "parameter-invalid"),
    "/v1/events?topic=MARKER7391": (422, "parameter-invalid"),
    "/v1/events?topic=%FF": (422, "parameter-invalid"),
    "/v1/events/stream?after=x": (422, "parameter-invalid"),
    f"/v1/cases/{UNKNOWN_CASE}": (404, "case-unknown"),
    "/v1/cases/MARKER7391": (404, "case-unknown"),
    "/v1/cases/MARKER7391%00": (404, "case-unknown"),
    "/v1/cases/%FF": (404, "case-unknown"),
    f"/v1/cases/{UNKNOWN_CASE}/history": (404, "case-unknown"),
    f"/v1/cases/{UNKNOWN_CASE}/history?view=MARKER7391": (422, "parameter-invalid"),
    f"/v1/cases/{UNKNOWN_CASE}?known_at=MARKER7391": (422, "parameter-invalid"),
    f"/v1/cases/{UNKNOWN_CASE}?known_at=1700000000": (422, "parameter-invalid"),
    f"/v1/cases/{UNKNOWN_CASE}?known_at=9999-12-31T23:59:59-12:00": (422, "parameter-invalid"),
    "/v1/catalogue/MARKER7391": (422, "parameter-invalid"),
    "/v1/catalogue/items/MARKER7391": (404, "entry-unknown"),
    "/v1/catalogue/items/MARKER7391%00": (404, "entry-unknown"),
    "/v1/catalogue/items?MARKER7391": (422, "parameter-invalid"),
    "/v1/persons/MARKER7391": (404, "person-unknown"),
    "/v1/persons/MARKER7391%00": (404, "person-unknown"),
    "/v1/contacts/MARKER7391": (404, "contact-unknown"),
    "/v1/contacts/MARKER7391%00": (404, "contact-unknown"),
    "/MARKER7391": (404, "nothing-here"),
    "/v1/cases/a/b/c": (404, "nothing-here"),
    "/v1/events/": (404, "nothing-here"),
    "/docs/files/../../MARKER7391": (404, "nothing-here"),
    "/docs/files/..%2f..%2fapi%2fapp.py": (404, "nothing-here"),
}


@pytest.mark.parametrize(("target", "expected"), TARGETS.items(), ids=TARGETS.keys())
async def test_a_bad_address_is_refused_with_its_reason(client, target, expected):
    expect_problem(await client.get(target), *expected)


@pytest.mark.parametrize("last", ["-1", "x", "1.0", "", " 1", "99999999999999999999"])
async def test_last_event_id_is_a_position(client, last):
    refused = await client.get("/v1/events/stream", headers={"Last-Event-ID": last})
    expect_problem(refused, 400, "position-malformed")


@pytest.mark.parametrize(
    ("actor", "status", "code"),
    [
        ("", 401, "identity-missing"),
        ("a-town-clerk", 401, "identity-missing"),
        ("a-town-clerk@P-T03@x", 401, "identity-missing"),
        (f"{MARKER}@P-T03", 401, "identity-unknown"),
        (f"a-town-clerk@{MARKER}", 401, "identity-unknown"),
        ("a-town-clerk@P-GTS-CB", 403, "post-not-held"),
        (f"<{MARKER}>@P-T03", 401, "identity-missing"),
    ],
)
async def test_an_identity_is_a_person_at_a_post_they_hold(client, doorway, actor, status, code):
    refused = await client.post("/v1/cases", content=body(), headers=JSON | {"X-Jiandu-Speaks-For": actor})
    expect_problem(refused, status, code)
    assert doorway.log.events == []


async def test_without_an_identity_nothing_is_shown(doorway):
    async with doorway.entered() as client:
        del client.headers["X-Jiandu-Speaks-For"]
        for target in ("/v1/events", "/v1/events/stream", f"/v1/cases/{UNKNOWN_CASE}", "/v1/catalogue/staff"):
            refused = await client.get(target)
            expect_problem(refused, 401, "identity-missing")
            assert "www-authenticate" in refused.headers


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "POST", "TRACE", "MARKER7391"])
async def test_a_method_that_an_address_does_not_know_is_told_those_it_knows(client, method):
    refused = await client.request(method, "/v1/events")
    expect_problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == "GET, HEAD"


async def test_an_action_that_a_rule_refuses_repeats_nothing_of_it(client, doorway, case_no):
    action = {"type": "receive_certificate_at_hall", "certificate_no": MARKER}
    url = f"/v1/cases/{case_no}/actions"
    refused = await client.post(url, content=json.dumps({"action": action}), headers=JSON | {"If-Match": "*"})
    assert refused.status_code in (409, 422)
    assert MARKER not in refused.text
    assert len(doorway.log.events) == 1


async def test_a_text_that_looks_like_an_attack_is_kept_as_text(client, doorway):
    text = "Robert'); DROP TABLE events;-- <script>alert(1)</script> {{7*7}} ${jndi:x}"
    opened = await client.post("/v1/cases", content=circumstances(place=text), headers=JSON)
    assert opened.status_code == 201
    assert doorway.log.events[0].envelope.circumstances.place == text


async def test_names_of_the_cjk_extensions_are_kept(client):
    name = "𠮷田·买买提"
    enrolled = await client.post("/v1/persons", json={"name": name})
    assert enrolled.status_code == 201


@pytest.mark.parametrize(
    "person",
    [
        {"name": MARKER, "id_type": "111", "id_number": "610929198003150029"},
        {"name": MARKER, "id_type": "111"},
        {"name": MARKER, "phone": MARKER},
        {"name": f"{MARKER}\u202e"},
        {"name": MARKER, MARKER: 1},
    ],
    ids=["a wrong check digit", "a type without a number", "a phone of letters", "an override", "a field"],
)
async def test_personal_data_that_are_refused_are_not_repeated(client, person):
    expect_problem(await client.post("/v1/persons", json=person), 422, "content-invalid")
