"""The events page in `docs/` says what the facts say."""

import pytest

from ops.events_page import DOCS, pages


@pytest.mark.parametrize(
    ("name", "text"), pages().items(), ids=lambda value: value if value.endswith(".md") else ""
)
def test_the_events_page_is_generated_anew_whenever_a_fact_changes(name, text):
    assert (DOCS / name).read_text(encoding="utf-8") == text, "run `make docs`"
