"""The strict edge: bytes are the one document they say, or a refusal that says why; never anything in between."""

import json

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.edge import DEPTH, EXACT, parse
from api.refusals import Refusal, body
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
    except Refusal:
        return
    assert value == orjson.loads(raw)


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"", body.NotJson),
        (b"{", body.NotJson),
        (b"{'a': 1}", body.NotJson),
        (b'{"a": 1} x', body.NotJson),
        (b'{"a": "\x01"}', body.NotJson),
        (b'{"a": "\x00"}', body.NotJson),
        (b"01", body.NotJson),
        (b"\xff", body.NotUtf8),
        (b'{"a": "\xed\xa0\x80"}', body.NotUtf8),
        (b"\xef\xbb\xbf{}", body.NotUtf8),
        (b'{"a": 1}'.decode().encode("utf-16"), body.NotUtf8),
        (b'{"a": "\\ud800"}', body.NotUtf8),
        (b'{"\\udfff": 1}', body.NotUtf8),
        (b'{"a": 1, "a": 1}', body.DuplicateMember),
        (b'{"a": 1, "\\u0061": 2}', body.DuplicateMember),
        (b'{"a": {"b": 1, "b": 2}}', body.DuplicateMember),
        (b'{"a": 1.0}', body.NumberNotWhole),
        (b'{"a": 1e3}', body.NumberNotWhole),
        (b'{"a": 1e999}', body.NumberNotWhole),
        (b'{"a": NaN}', body.NumberNotWhole),
        (b'{"a": -Infinity}', body.NumberNotWhole),
        (b'{"a": 9007199254740992}', body.NumberTooLarge),
        (b'{"a": -9007199254740992}', body.NumberTooLarge),
        (b'{"a": 1180591620717411303424}', body.NumberTooLarge),
        (b'{"a": "\\u0000"}', body.NulCharacter),
        (b'{"\\u0000": 1}', body.NulCharacter),
        (b"[" * 33 + b"]" * 33, body.TooDeep),
        (b"[" * 300 + b"]" * 300, body.TooDeep),
        (b"[" * 200_000 + b"]" * 200_000, body.TooDeep),
        (orjson.dumps({str(n): n for n in range(257)}), body.TooManyMembers),
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
