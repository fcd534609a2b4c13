"""The strict edge: bytes become a document, or are refused with a reason.

Everything that is known to slip through a lenient JSON reader stops here, before any model sees it: a float, an
integer that another reader would round, a member named twice, NUL, half a surrogate pair, endless nesting.
Source: RFC 8259, and RFC 7493 (I-JSON), sections 2.1–2.3.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Never

from starlette.requests import ClientDisconnect, Request

from api.refusals.body import (
    BodyTooLarge,
    ContentTypeUnsupported,
    DuplicateMember,
    NotJson,
    NotUtf8,
    NulCharacter,
    NumberNotWhole,
    NumberTooLarge,
    TooDeep,
    TooManyMembers,
)
from domain.grammar import canonical

DEPTH: Final = 32
"""Levels of nesting; the deepest body of the OpenAPI page has about ten."""
MEMBERS: Final = 256
"""Members of one object."""
EXACT: Final = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""

JSON_TYPES: Final = frozenset({"application/json", "application/json;charset=utf-8"})


@dataclass(frozen=True, slots=True)
class Document:
    """A body that was read: the bytes as they came, and what they say."""

    raw: bytes
    value: Any


async def read_document(request: Request, *, limit_bytes: int) -> Document:
    """Raises a Refusal where the body is not the strict JSON that is asked for."""
    _expect_json(request)
    return parse(await _read(request, limit_bytes))


def parse(raw: bytes) -> Document:
    """Strict JSON, or NotUtf8, NotJson, DuplicateMember, TooManyMembers, TooDeep, NumberNotWhole, NumberTooLarge,
    NulCharacter."""
    text = _decoded(raw)
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise TooDeep(limit=DEPTH) from None
    except json.JSONDecodeError as error:
        raise NotJson(line=error.lineno, column=error.colno) from None
    _expect_shallow(text, value)
    if "\\u" in text:
        _expect_whole_characters(text, value)
    return Document(raw, value)


def _expect_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").lower().replace(" ", "").replace('"', "")
    encoding = request.headers.get("content-encoding", "identity").lower()
    if media_type not in JSON_TYPES or encoding != "identity":
        raise ContentTypeUnsupported


async def _read(request: Request, limit_bytes: int) -> bytes:
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or len(announced) > len(str(limit_bytes)) or int(announced) > limit_bytes:
        raise BodyTooLarge(limit_bytes=limit_bytes)
    body, is_more = bytearray(), True
    while is_more:  # what `request.stream()` does, without a generator for the one part that there mostly is
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
        if len(body) > limit_bytes:
            raise BodyTooLarge(limit_bytes=limit_bytes)
    return bytes(body)


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotUtf8 from None
    if text.startswith("\ufeff"):
        raise NotUtf8
    return text


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise DuplicateMember
    if len(members) > MEMBERS:
        raise TooManyMembers(limit=MEMBERS)
    return members


def _whole(digits: str) -> int:
    if len(digits) > len(str(-EXACT)) or abs(number := int(digits)) > EXACT:
        raise NumberTooLarge(limit=EXACT)
    return number


def _not_whole(_: str) -> Never:
    raise NumberNotWhole


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=_not_whole, parse_int=_whole, parse_constant=_not_whole
)


def _expect_shallow(text: str, value: object) -> None:
    brackets = text.count("{") + text.count("[")
    if brackets > DEPTH and _deeper_than(value, DEPTH):
        raise TooDeep(limit=DEPTH)


def _deeper_than(value: object, levels: int) -> bool:
    level: list[Any] = [[value]]
    for _ in range(levels + 1):
        level = [held for holder in level for held in _held_by(holder) if type(held) in HOLDERS]
    return bool(level)


HOLDERS: Final = frozenset({dict, list})
"""What the decoder makes of objects and arrays, and nothing derived from them."""


def _held_by(holder: Any) -> Iterable[Any]:
    return holder.values() if isinstance(holder, dict) else holder


def _expect_whole_characters(text: str, value: object) -> None:
    """Half a surrogate pair and NUL can only be written as escapes: what was not escaped was UTF-8 and JSON."""
    if "\\ud" in text or "\\uD" in text:
        try:
            canonical(value)
        except TypeError:
            # The numbers are exact and the keys are text by now: what is left is half a surrogate pair.
            raise NotUtf8 from None
    if "\\u0000" in text and _holds_nul(value):
        raise NulCharacter


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_holds_nul(key) or _holds_nul(held) for key, held in value.items())
        case list():
            return any(map(_holds_nul, value))
        case _:
            return False
