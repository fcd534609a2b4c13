"""Schemathesis against the OpenAPI page, with every role: what the page allows and what it forbids, over a county.

What the page allows is asked by a role that the permission table lets in, drawn for each request: all default checks run.
Then the same request by each that it does not: they get a 403 and nothing else. One request of each operation is also made by
every other role that it lets in, whose answers the page must name.

The edges of each parameter and member are asked too, a few of each kind: all of them are 18,500 requests, and to make them up
alone takes half a minute (decision 0158).

What a schema cannot say is made true of the data that are meant to be valid: JSON Schema calls 2.0 an integer, and knows
neither check characters, nor NFC, nor that our record begins in the year 2000.
"""

import re
from io import BytesIO
from itertools import islice
from unicodedata import category, normalize
from zlib import crc32

import orjson
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from urllib3 import HTTPResponse

from api.permitted import OWN, PERMITTED, PUBLIC
from domain.access.permissions import TABLE
from domain.grammar import FORBIDDEN_CATEGORIES, is_blank
from tests.attacked import SPEAKERS, SPEAKS_FOR, Request, an_attacked_county
from tests.hostile import PAGE, told
from tests.page import the_page

FORM = {"content-invalid", "parameter-invalid", "not-json", "number-not-whole", "not-utf8"}
"""Problems with the form of a request: data that the page allows meet none of them."""
UNSAID = {"case_no", "performed_by", "mark"}
"""What a schema cannot describe in full: a check character; what belongs to a legacy record only; one of /v1/audit/marks."""
KNOWN = {"case_no", "signal_no", "investigation_no", "contact_no", "person_ref"}
"""What the county has one of."""
WITHOUT_DOCUMENT = {"/v1/persons", "/v1/persons/search", "/v1/persons/{person_ref}/corrections"}
"""A kind of document and a number that fits it are not to be had by chance."""
CONFIG = schemathesis.Config.from_dict(
    {
        # the plugin makes up all of them whenever tests are collected: see test_the_edges_of_what_the_page_allows
        "phases": {"coverage": {"enabled": False}},
        # 422: a rule of the domain objects to the content (an item that is not in the catalogue).
        # 412: another version stands. 428: what RFC 6585 answers where If-Match is missing.
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "303", "401", "403", "404", "409", "412", "422", "429"]
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


def page_of(is_wanted):
    """The page with these methods alone: else the bodies of requests are made up of what other requests answer."""
    page = the_page()
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


recording = schemathesis.openapi.from_dict(page_of(lambda method: method != "get"), config=CONFIG)
reading = schemathesis.openapi.from_dict(page_of(lambda method: method == "get"), config=CONFIG)
OPERATIONS = [
    result.ok() for result in schemathesis.openapi.from_dict(the_page(), config=CONFIG).get_all_operations()
]
MADE_UP = 30
"""So many edges of an operation are looked at for the first of each kind."""
some = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


class InProcess(requests.adapters.HTTPAdapter):
    """Requests go to the county's application, by no network."""

    def __init__(self, county):
        super().__init__()
        self._county = county
        self.last = None
        """What was sent last."""
        self._met = set()

    def is_first(self, case):
        """Of its operation: enough for what differs by role."""
        is_first = case.operation.label not in self._met
        self._met.add(case.operation.label)
        return is_first

    def send(self, request, **_):
        content = request.body.encode() if isinstance(request.body, str) else request.body or b""
        target = request.url.removeprefix(DOOR)
        self.last = Request(request.method, target, dict(request.headers), content)
        answer = self._county.ask(self.last)
        raw = HTTPResponse(BytesIO(answer.body), answer.headers, answer.status, preload_content=False)
        return self.build_response(request, raw)


DOOR = "http://door"


@pytest.fixture(scope="module")
def county(postgres18):
    with an_attacked_county(postgres18.dsn) as county:
        yield county


@pytest.fixture(scope="module")
def session(county):
    with requests.Session() as session:
        session.mounted = InProcess(county)
        session.mount(DOOR, session.mounted)
        yield session


def test_somebody_speaks_for_every_role_of_the_permission_table():
    assert set(SPEAKERS) == set(TABLE)


@recording.parametrize()
@some
def test_the_page_and_the_door_say_the_same_of_what_is_recorded(case, county, session):
    _holds(case, county, session)


@reading.parametrize()
@some
def test_the_page_and_the_door_say_the_same_of_what_is_read(case, county, session):
    _holds(case, county, session)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_the_edges_of_what_the_page_allows(operation, county, session):
    for case in _first_of_each_kind(operation):
        _holds_for_one(case, county, session)


def _first_of_each_kind(operation):
    """The first of what is too long, too large, of another type, left out …, each meant to be taken and to be refused."""
    made = operation.schema.iter_coverage_cases(
        operation,
        generation_modes=[*GenerationMode],
        generation_config=operation.schema.config.generation_for(operation=operation, phase="coverage"),
    )
    kinds = set()
    for case in islice(made, MADE_UP):
        kind = (case.meta.generation.mode, case.meta.phase.data.scenario)
        if kind not in kinds:
            kinds.add(kind)
            yield case


def _holds(case, county, session):
    let_in = _holds_for_one(case, county, session)
    if _is_positive(case):
        _expect_others_kept_out(case, county, session.mounted.last)
        if session.mounted.is_first(case):
            _expect_others_let_in(case, county, session.mounted.last, besides=let_in)


def _holds_for_one(case, county, session):
    """As one role is answered that may ask; answers which."""
    if _is_positive(case):
        _make_true(case, county)
    if isinstance(case.query, dict):
        case.query.pop("min_position", None)  # here nobody keeps the views
    let_in = _drawn([role for role in SPEAKERS if _may(role, case)], case)
    response = case.call(base_url=DOOR, session=session, headers={SPEAKS_FOR: SPEAKERS[let_in]})
    case.validate_response(response, headers={SPEAKS_FOR: SPEAKERS[let_in]})
    if _is_positive(case):
        _expect_well_formed(response)
    return let_in


def _is_positive(case):
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE


def _drawn(roles, case):
    """One of them, the same each time for the same request."""
    return roles[crc32(repr((case.operation.label, case.query, case.body)).encode()) % len(roles)]


def _expect_well_formed(response):
    if response.status_code == 422:
        problem = response.json()
        assert problem["type"].removeprefix("urn:jiandu:problem:") not in FORM, problem.get("errors")


def _expect_others_kept_out(case, county, request):
    """The same request, from every role that may not make it."""
    kept_out = [role for role in SPEAKERS if not _may(role, case)]
    answers = _asked_by(kept_out, county, request)
    told_of = {role: answer.json()["type"] for role, answer in zip(kept_out, answers, strict=True)}
    assert told_of == dict.fromkeys(kept_out, "urn:jiandu:problem:not-permitted")


def _expect_others_let_in(case, county, request, *, besides):
    """The same request, from every other role that may make it: none is answered in a way that the page does not name."""
    let_in = [role for role in SPEAKERS if _may(role, case) and role != besides]
    named = PAGE["paths"][case.operation.path][case.operation.method]["responses"]
    for role, answer in zip(let_in, _asked_by(let_in, county, request), strict=True):
        assert str(answer.status) in named, (role, answer.text)


def _asked_by(roles, county, request):
    speaking = [request.headers | {SPEAKS_FOR: SPEAKERS[role]} for role in roles]
    return county.ask_all([request._replace(headers=headers) for headers in speaking])


def _may(role, case):
    route = told(case.operation.method, case.operation.path)
    return route in {*OWN, *PUBLIC} or PERMITTED[route] in TABLE[role]


def _make_true(case, county):
    """What the schema cannot say, said by hand."""
    for name in {*(case.path_parameters or {})} & KNOWN:
        case.path_parameters[name] = county.words[name]
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
    return normalize("NFC", kept) if not is_blank(kept) else (text and "x")
