"""The bytes that are hashed are those of RFC 8785, held against an implementation that is not ours."""

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.grammar import canonical
from tests.golden import GOLDEN

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_ABC0123456789", min_size=1, max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=400)
@given(VALUES)
def test_a_document_as_facts_hold_them_has_the_bytes_of_the_standard(document):
    assert canonical(document) == rfc8785.dumps(document)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_stored_example_has_the_bytes_of_the_standard(path):
    state = path.read_bytes()
    assert rfc8785.dumps(json.loads(state)) == state


@pytest.mark.parametrize("document", [{"a": 2**53}, {"a": -(2**53)}, {1: "a"}])
def test_what_the_standard_has_no_exact_bytes_for_is_refused(document):
    with pytest.raises(TypeError):
        canonical(document)
