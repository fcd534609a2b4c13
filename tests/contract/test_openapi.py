"""The OpenAPI page is a promise: complete, true, and not changed by accident."""

import json
import re
from pathlib import Path

import orjson
import pytest

from api.admin_keys import ISSUE, REVOKE
from api.admin_posts import ACT as POST_ACT
from api.admin_users import ACT, ADMIT
from api.bodies import (
    BATCH,
    GRANT_DELEGATION,
    OPEN_CASE,
    OPEN_CONTACT,
    PARTICULARS,
    PERSON,
    RAISE_SIGNAL,
    RECORD_ACTION,
    RECORD_CONTACT_ACTION,
    RECORD_DELEGATION_ACT,
    RECORD_MEASURE,
    RECORD_SIGNAL_ACTION,
    RECORD_TAKEOVER,
    REVEAL,
    SEARCH_PERSON,
    ContactVerb,
    actions_of,
    tag_of,
)
from api.sessions import CHANGE_PASSWORD, SIGN_IN
from domain.case import CaseAction, OpeningAction
from domain.signal.commands import SignalAnswer
from tests.doors import Doorway

ROOT = Path(__file__).parents[2]
CHECKED_IN = ROOT / "docs" / "openapi.json"
READERS = {
    "/v1/cases": OPEN_CASE,
    "/v1/cases/{case_no}/actions": RECORD_ACTION,
    "/v1/actions:batch": BATCH,
    "/v1/contacts": OPEN_CONTACT,
    "/v1/contacts/{contact_no}/actions": RECORD_CONTACT_ACTION,
    "/v1/signals": RAISE_SIGNAL,
    "/v1/signals/{signal_no}/actions": RECORD_SIGNAL_ACTION,
    "/v1/takeovers": RECORD_TAKEOVER,
    "/v1/delegations": GRANT_DELEGATION,
    "/v1/delegations/{delegation_no}/actions": RECORD_DELEGATION_ACT,
    "/v1/persons": PERSON,
    "/v1/persons/search": SEARCH_PERSON,
    "/v1/persons/{person_ref}/corrections": PARTICULARS,
    "/v1/persons/{person_ref}/reveal": REVEAL,
    "/v1/persons/{person_ref}/measures": RECORD_MEASURE,
    "/v1/sessions": SIGN_IN,
    "/v1/password": CHANGE_PASSWORD,
    "/v1/admin/users": ADMIT,
    "/v1/admin/users/{staff_id}/actions": ACT,
    "/v1/admin/posts/{post_id}/actions": POST_ACT,
    "/v1/admin/keys": ISSUE,
    "/v1/admin/keys/{key_id}/revocation": REVOKE,
}


@pytest.fixture(scope="module")
def page():
    return Doorway(version="1").app.openapi()


def operations(page):
    return [
        (path, method, said) for path, methods in page["paths"].items() for method, said in methods.items()
    ]


def examples(page, path):
    return page["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]


def test_the_checked_in_page_is_the_one_that_is_served(page):
    """`python -m api.openapi_page` writes it anew; look at the difference before you commit it."""
    written = json.loads(CHECKED_IN.read_text(encoding="utf-8"))
    served = json.loads(orjson.dumps(page))
    assert written["paths"] == served["paths"]
    assert written["components"] == served["components"]


@pytest.mark.parametrize("path", READERS)
def test_every_example_is_a_body_that_the_door_reads(page, path):
    for name, example in examples(page, path).items():
        assert READERS[path].read(orjson.dumps(example["value"])) is not None, name


def test_every_action_has_an_example(page):
    shown = examples(page, "/v1/cases/{case_no}/actions")
    assert set(shown) == {tag_of(action) for action in actions_of(CaseAction)}
    assert {name: one["value"]["action"]["type"] for name, one in shown.items()} == {
        name: name for name in shown
    }


def test_every_opening_action_has_an_example(page):
    assert set(examples(page, "/v1/cases")) == {tag_of(action) for action in actions_of(OpeningAction)}


def test_every_answer_to_a_signal_has_an_example(page):
    shown = examples(page, "/v1/signals/{signal_no}/actions")
    assert set(shown) == {tag_of(action) for action in actions_of(SignalAnswer)}


def test_every_contact_action_has_an_example(page):
    shown = examples(page, "/v1/contacts/{contact_no}/actions")
    assert set(shown) == {tag_of(action) for action in actions_of(ContactVerb)}


def test_every_action_shows_its_fields(page):
    schemas = page["components"]["schemas"]
    shown = schemas["RecordAction"]["properties"]["action"]
    assert shown["discriminator"]["propertyName"] == "type"
    assert {schema["$ref"].rsplit("/", 1)[1] for schema in shown["oneOf"]} == {
        action.__name__ for action in actions_of(CaseAction)
    }
    for action in actions_of(CaseAction):
        schema = schemas[action.__name__]
        assert set(schema["properties"]) == set(action.model_fields)
        assert schema["additionalProperties"] is False
        assert "type" in schema["required"]


def test_whatever_is_told_as_it_was_known_says_that_the_log_may_not_be_there_or_not_be_understood(page):
    for path, method, said in operations(page):
        if "known_at" in {each["name"] for each in said.get("parameters", ())}:
            assert {"409", "503"} <= said["responses"].keys(), (method, path)


def test_every_reference_leads_somewhere(page):
    text = orjson.dumps(page).decode()
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert referred <= set(page["components"]["schemas"])


def test_no_answer_takes_the_name_of_a_body(page):
    for path, _, said in operations(page):
        body = said.get("requestBody", {}).get("content", {}).get("application/json", {})
        name = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
        assert f"Given{name}" not in page["components"]["schemas"], path


def test_every_operation_says_what_it_is_in_both_languages(page):
    for path, method, said in operations(page):
        assert re.search(r"[\u4e00-\u9fff].* / .*[a-z]", said["summary"]), (path, method)


def test_every_refusal_is_a_problem(page):
    for path, _, said in operations(page):
        for status, answer in said["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_every_operation_but_health_proofs_and_signing_in_asks_who_acts(page):
    assert page["security"] == [{"key": []}, {"session": []}]
    public = {path for path, _, said in operations(page) if said.get("security") == []}
    of_health = {"/healthz", "/readyz", "/metrics"}
    at_provider = {f"/v1/sessions/provider{way}" for way in ("", "/return", "/end")}
    signing_in = {"/v1/sessions", *at_provider}
    assert public - of_health - signing_in == {
        "/v1/log/checkpoint",
        "/v1/log/checkpoint/cosigned",
        "/v1/log/keys",
        "/v1/log/proof/consistency",
        "/v1/log/proof/inclusion",
        "/v1/log/tile/{tile}",
        "/v1/receipts/{code}",
        "/v1/receipts/{code}/slip",
    }, "hashes, keys, and what the holder of a slip knows already"


def test_every_route_stands_on_the_page(page):
    served = {route.path.replace(":path}", "}") for route in Doorway().app.routes}
    hidden = {
        "/",
        "/sign-in",
        "/sign-in.js",
        "/docs",
        "/docs/start.js",
        "/docs/files",
        "/landing.css",
        "/openapi.json",
    }
    assert served - hidden == set(page["paths"])


def test_every_parameter_says_what_it_is_in_both_languages(page):
    """In its own words, or in those of the field it is read into."""
    silent = [
        (method, path, parameter["name"])
        for path, method, said in operations(page)
        for parameter in said.get("parameters", ())
        if not re.search(r"[\u4e00-\u9fff].* / .*[A-Za-z]", parameter.get("description", ""))
    ]
    assert silent == []


def test_whatever_must_be_given_has_an_example(page):
    """A header is told by its pattern."""
    bare = [
        (method, path, parameter["name"])
        for path, method, said in operations(page)
        for parameter in said.get("parameters", ())
        if parameter.get("required") and parameter["in"] != "header" and not shown_in(parameter)
    ]
    assert bare == []


def shown_in(parameter):
    return parameter.get("example") or parameter.get("examples") or parameter["schema"].get("examples")
