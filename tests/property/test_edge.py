"""The strict edge: bytes are the one document they say, or a refusal that says why; never anything in between."""

import json

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api import refusals
from api.edge import DEPTH, EXACT, parse
from domain.grammar import canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
WHOLE = st.integers(-EXACT, EXACT)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(DOCUMENTS)
@settings(max_examples=200)
def test_what_is_written_strictly_is_read_as_it_was_meant(document):
    assert parse(orjson.dumps(document)).value == document


@given(DOCUMENTS, st.integers(0, 8))
@settings(max_examples=100)
def test_spaces_and_escapes_do_not_change_a_document(document, indent):
    spaced = json.dumps(document, indent=indent, ensure_ascii=True).encode()
    assert canonical(parse(spaced).value) == canonical(document)


@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff\xfe")
@example(b'"\\ud800"')
@example(b"[" * 100_000)
@example(b'{"a":' * 5_000)
@example(b"1" * 10_000)
@example(b"-")
@settings(max_examples=300)
def test_any_bytes_are_a_document_or_a_refusal(raw):
    try:
        value = parse(raw).value
    except refusals.Refusal:
        return
    assert value == orjson.loads(raw)


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"", refusals.NotJson),
        (b"{", refusals.NotJson),
        (b"{'a': 1}", refusals.NotJson),
        (b'{"a": 1} x', refusals.NotJson),
        (b'{"a": "\x01"}', refusals.NotJson),
        (b'{"a": "\x00"}', refusals.NotJson),
        (b"01", refusals.NotJson),
        (b"\xff", refusals.NotUtf8),
        (b'{"a": "\xed\xa0\x80"}', refusals.NotUtf8),
        (b"\xef\xbb\xbf{}", refusals.NotUtf8),
        (b'{"a": 1}'.decode().encode("utf-16"), refusals.NotUtf8),
        (b'{"a": "\\ud800"}', refusals.NotUtf8),
        (b'{"\\udfff": 1}', refusals.NotUtf8),
        (b'{"a": 1, "a": 1}', refusals.DuplicateMember),
        (b'{"a": 1, "\\u0061": 2}', refusals.DuplicateMember),
        (b'{"a": {"b": 1, "b": 2}}', refusals.DuplicateMember),
        (b'{"a": 1.0}', refusals.NumberNotWhole),
        (b'{"a": 1e3}', refusals.NumberNotWhole),
        (b'{"a": 1e999}', refusals.NumberNotWhole),
        (b'{"a": NaN}', refusals.NumberNotWhole),
        (b'{"a": -Infinity}', refusals.NumberNotWhole),
        (b'{"a": 9007199254740992}', refusals.NumberTooLarge),
        (b'{"a": -9007199254740992}', refusals.NumberTooLarge),
        (b'{"a": 1180591620717411303424}', refusals.NumberTooLarge),
        (b'{"a": "\\u0000"}', refusals.NulCharacter),
        (b'{"\\u0000": 1}', refusals.NulCharacter),
        (b"[" * 33 + b"]" * 33, refusals.TooDeep),
        (b"[" * 300 + b"]" * 300, refusals.TooDeep),
        (b"[" * 200_000 + b"]" * 200_000, refusals.TooDeep),
        (orjson.dumps({str(n): n for n in range(257)}), refusals.TooManyMembers),
    ],
)
def test_what_a_lenient_reader_lets_through_is_refused_by_name(raw, refusal):
    with pytest.raises(refusal):
        parse(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 32 + b"]" * 32,
        b'{"a": 9007199254740991, "b": -9007199254740991, "c": -0}',
        b'{"a": "\\\\u0000"}',
        b'{"a": "\\ud83d\\ude00"}',
        b' {"a" : [ ] } ',
        orjson.dumps([[[]]] * 100),
        orjson.dumps({str(n): n for n in range(256)}),
    ],
    ids=[
        "32 deep",
        "exact integers",
        "an escaped backslash",
        "a surrogate pair",
        "spaces",
        "wide",
        "256 members",
    ],
)
def test_what_only_looks_dangerous_is_taken(raw):
    assert parse(raw).value == orjson.loads(raw)


def test_the_depth_allowed_is_far_above_what_bodies_need():
    assert DEPTH == 32
