"""Schemathesis against the OpenAPI page: everything the page allows and everything it forbids, over a served county.

All default checks run. What a schema cannot say is made true of the data that are meant to be valid: JSON Schema
calls 2.0 an integer, and knows neither check characters, nor NFC, nor that our record begins in the year 2000.
"""

import asyncio
import re
from unicodedata import category, normalize

import httpx
import orjson
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from starlette.responses import JSONResponse

from api.door import Limits
from domain.grammar import FORBIDDEN_CATEGORIES
from tests.county import HOMESTEAD, TOWN_CLERK_POST, actor_at
from tests.doors import Doorway
from tests.servers import fresh_database
from tests.told_time import served_beside

ACTOR = {"X-Jiandu-Speaks-For": f"{actor_at(TOWN_CLERK_POST).staff_id}@{TOWN_CLERK_POST}"}
RECEIPT = {"action": {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": "p-" + "0" * 32}}
FORM = {"content-invalid", "parameter-invalid", "not-json", "number-not-whole", "not-utf8"}
"""Problems with the form of a request: data that the page allows meet none of them."""
UNSAID = {"case_no", "performed_by", "mark"}
"""What a schema cannot describe in full: a check character; what belongs to a legacy record only; one of /v1/audit/marks."""
WITHOUT_DOCUMENT = {"/v1/persons", "/v1/persons/search", "/v1/persons/{person_ref}/corrections"}
"""A kind of document and a number that fits it are not to be had by chance."""
CONFIG = schemathesis.Config.from_dict(
    {
        # The edges of each parameter and member, thousands of requests: test_api_every_read, test_api_bad_input.
        "phases": {"coverage": {"enabled": False}},
        # 422: a rule of the domain objects to the content (an item that is not in the catalogue).
        # 412: another version stands. 428: what RFC 6585 answers where If-Match is missing.
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "401", "403", "404", "409", "412", "422"]
            },
            "missing_required_header": {"expected-statuses": ["401", "428"]},
            # here the tests' own port says who acts; that each route asks: test_api_permitted
            "ignored_auth": {"enabled": False},
            # an address names the methods of both pages
            "unsupported_method": {"enabled": False},
        },
        "operations": [
            # 207: an action that cannot be read spoils no other; its own answer refuses it.
            {
                "include-name": "POST /v1/actions:batch",
                "checks": {
                    "negative_data_rejection": {
                        "expected-statuses": ["207", "400", "401", "413", "415", "422"]
                    }
                },
            },
        ],
    }
)


DOORWAY = Doorway()


def page_of(is_wanted):
    """The page with these methods alone: else the bodies of requests are made up of what other requests answer."""
    page = orjson.loads(orjson.dumps(DOORWAY.app.openapi()))
    page["paths"] = {
        path: {method: said for method, said in methods.items() if is_wanted(method)}
        for path, methods in page["paths"].items()
    }
    schemas = page["components"]["schemas"]
    page["components"]["schemas"] = {name: schemas[name] for name in _referred(page["paths"], schemas)}
    return page


def _referred(told, schemas):
    """The names of the schemas that what is told refers to, at whatever remove."""
    names, rest = set(), [told]
    while rest:
        found = set(re.findall(rb'"#/components/schemas/([^"]+)"', orjson.dumps(rest.pop())))
        names |= (new := {name.decode() for name in found} - names)
        rest += [schemas[name] for name in new]
    return sorted(names)


async def recording_door(scope, receive, send):
    """The door, whose page tells what is recorded alone."""
    if scope.get("path") == "/openapi.json":
        await JSONResponse(page_of(lambda method: method != "get"))(scope, receive, send)
    else:
        await DOORWAY.app(scope, receive, send)


recording = schemathesis.openapi.from_asgi("/openapi.json", recording_door, config=CONFIG)
reading = schemathesis.openapi.from_dict(page_of(lambda method: method == "get"), config=CONFIG)
some = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def case_numbers():
    return asyncio.run(_three_cases())


async def _three_cases():
    async with DOORWAY.entered() as client:
        return [(await client.post("/v1/cases", json=RECEIPT)).json()["case_no"] for _ in range(3)]


@recording.parametrize()
@some
def test_the_page_and_the_door_say_the_same_of_what_is_recorded(case, case_numbers):
    _holds(case, case_numbers)


@pytest.fixture(scope="module")
def served(postgres18):
    """A client of a county that keeps its views."""
    with (
        fresh_database(postgres18.dsn) as dsn,
        served_beside(dsn, limits=Limits(stream_seconds=0.01)) as county,
        httpx.Client(base_url=county.client.base_url, headers=ACTOR, trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def served_numbers(served):
    return [served.post("/v1/cases", json=RECEIPT).json()["case_no"] for _ in range(3)]


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        yield session


@reading.parametrize()
@some
def test_the_page_and_the_door_say_the_same_of_what_is_read(case, served, session, served_numbers):
    _holds(case, served_numbers, base_url=str(served.base_url), session=session)


def _holds(case, case_numbers, **where):
    is_positive = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if is_positive:
        _make_true(case, case_numbers)
    response = case.call(headers=ACTOR, **where)
    case.validate_response(response, headers=ACTOR)
    if is_positive and response.status_code == 422:
        problem = response.json()
        assert problem["type"].removeprefix("urn:jiandu:problem:") not in FORM, problem.get("errors")


def _make_true(case, case_numbers):
    """What the schema cannot say, said by hand."""
    if "case_no" in (case.path_parameters or {}):
        case.path_parameters["case_no"] = case_numbers[len(str(case.body)) % 3]
    case.query = _said_well(case.query)
    for ends in (("from", "to"), ("first_day", "last_day")):
        if {*ends} <= (case.query or {}).keys():
            case.query |= dict(zip(ends, sorted(case.query[end] for end in ends), strict=True))
    if "Last-Event-ID" in (case.headers or {}):
        case.headers["Last-Event-ID"] = "0"
    if isinstance(case.body, dict | list):
        case.body = _said_well(case.body)
    if case.path in WITHOUT_DOCUMENT and isinstance(case.body, dict):
        case.body |= {"id_type": None, "id_number": None}
    if case.path == "/v1/persons/search" and isinstance(case.body, dict):
        case.body |= {"phone": None, "name": "李小河"}


def _said_well(value):
    match value:
        case float():
            return int(value)
        case str():
            return _text_said_well(value)
        case list():
            return [_said_well(held) for held in value]
        case dict():
            return {name: _said_well(held) for name, held in value.items() if name not in UNSAID}
        case _:
            return value


def _text_said_well(text):
    """A time of our record, and a text of one line in NFC."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}([Tt ].*)?", text):
        return "20" + text[2:]
    kept = "".join(char for char in text if category(char) not in FORBIDDEN_CATEGORIES)
    return normalize("NFC", kept) or (text and "x")
