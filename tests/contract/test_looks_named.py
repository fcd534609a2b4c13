"""Every list that the page of the interface tells of is named as one that is searched, or as one that is nobody's file."""

import orjson
import pytest

from api.looks import CASE_FILE, LOG, NO_FILES, SEARCHED, SINGLE, TAKEN
from tests.doors import Doorway


@pytest.fixture(scope="module")
def page():
    return orjson.loads(orjson.dumps(Doorway().app.openapi()))


def resolved(page, schema):
    while "$ref" in schema:
        schema = page["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def is_list(page, content):
    """Rows under some name, or a file of them."""
    schema = resolved(page, content.get("application/json", {}).get("schema", {}))
    shown = (resolved(page, each) for each in schema.get("properties", {}).values())
    return "text/csv" in content or any(each.get("type") == "array" for each in shown)


def lists_of(page):
    for path, methods in page["paths"].items():
        answer = methods.get("get", {}).get("responses", {}).get("200", {})
        if is_list(page, answer.get("content", {})) and not path.startswith((CASE_FILE + "/", TAKEN)):
            yield path


def test_a_new_list_says_whether_looking_at_it_is_recorded(page):
    named = SEARCHED | (LOG - {"/v1/events/stream"}) | NO_FILES | SINGLE
    assert set(lists_of(page)) == named


def test_none_is_named_twice():
    kinds = (SEARCHED, LOG, NO_FILES, SINGLE)
    assert sum(map(len, kinds)) == len(frozenset().union(*kinds))
