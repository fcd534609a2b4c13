"""The answers shown on the OpenAPI page are answers."""

import orjson
import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.answers import JSON
from api.reading import Answer
from tests.doors import Doorway

READS = {
    route.path: route
    for route in Doorway().app.routes
    if isinstance(route, APIRoute) and issubclass(route.responses.get(200, {}).get("model") or str, Answer)
}


@pytest.mark.parametrize("path", READS)
def test_the_example_of_a_read_is_one_of_its_answers(path):
    shown = READS[path].responses[200]
    assert shown["model"].model_validate(shown["content"][JSON]["example"])


SHOWN = {
    route.path: route.responses[200]
    for route in Doorway().app.routes
    if isinstance(route, APIRoute) and "GET" in route.methods and 200 in route.responses
}
BINARY = {"application/zip", "application/octet-stream"}
"""What a page of text cannot show."""
OF_NO_RECORD = {"/metrics", "/v1/receipts/{code}/slip"}
"""A page to print, and the server's own figures as Prometheus takes them."""


@pytest.mark.parametrize("path", sorted(SHOWN.keys() - OF_NO_RECORD))
def test_every_answer_is_shown_by_an_example_of_what_it_is(path):
    told = SHOWN[path]
    examples = [each["example"] for each in told["content"].values() if "example" in each]
    assert examples or told["content"].keys() <= BINARY
    if "model" in told:
        assert TypeAdapter(told["model"]).validate_json(orjson.dumps(examples[0]))


@pytest.mark.parametrize("path", READS)
def test_a_read_says_in_both_languages_what_it_tells(path):
    description = READS[path].description
    chinese, _, english = description.partition("\n\n")
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)
    assert english.isascii() or "\n\n" in description
