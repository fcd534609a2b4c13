"""The answers shown on the OpenAPI page are answers."""

import pytest
from fastapi.routing import APIRoute

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


@pytest.mark.parametrize("path", READS)
def test_a_read_says_in_both_languages_what_it_tells(path):
    description = READS[path].description
    chinese, _, english = description.partition("\n\n")
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)
    assert english.isascii() or "\n\n" in description
