"""Personal data that a text must not hold: mobile numbers and citizens' identity numbers.

A guard against slips of the hand, not a proof: a name, an address or a number spelled out is not recognised.
Source: 个人信息保护法 Arts. 6, 28; GB 11643—1999.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Final
from unicodedata import normalize

from domain.numbers import identity_check

_DIGIT: Final = "[0-9０-９]"
_APART: Final = r"[\n .．·_\-\u00a0\u2000-\u200a\u2010-\u2015\u202f\u205f\u2212\u3000\ufe58\ufe63\uff0d]{0,3}"
"""How people set digits apart: by any space, any dash, a dot, as an input method or a copied page has them."""
_86: Final = "[8８][6６]"

candidate: Final = re.compile(rf"(?<!{_DIGIT}){_DIGIT}(?:{_APART}{_DIGIT}){{10}}").search
"""Eleven digits: a mobile number, or the better part of an identity number. Where it finds nothing there is neither, and
most texts cost this one search."""
_MOBILE: Final = re.compile(
    rf"(?:(?<!{_DIGIT})|(?<=(?<!{_DIGIT}){_86})|(?<=[0０][0０]{_86}))[1１][3-9３-９]{_DIGIT}"
    rf"(?:{_APART}{_DIGIT}{{4}}){{2}}(?!{_DIGIT})"
)
_IDENTITY: Final = re.compile(
    rf"(?<!{_DIGIT}){_DIGIT}(?:{_APART}{_DIGIT}){{16}}{_APART}[0-9０-９XxＸｘ](?!{_DIGIT})"
)
_LONE: Final = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{11}|[0-9]{17}[0-9Xx])(?![0-9A-Za-z])")
_LONE_IDENTITY: Final = re.compile(r"[0-9](?<![0-9A-Za-z][0-9])[0-9]{16}[0-9Xx](?![0-9A-Za-z])")
"""What stands before it is looked at behind its first digit: whatever is no digit is then passed over at once."""
IDENTITY_DIGITS: Final = 18
_NOT_OF_A_NUMBER: Final = re.compile(r"[^0-9X]", re.IGNORECASE)
_DOCUMENTS_BEGIN: Final = 2000
"""Numbers of documents are often six digits of place, eight of day and four more: only an earlier day is a birth."""
_REFUSAL: Final = "must not hold a mobile or identity number: personal data belongs to POST /v1/persons; write the reference"


_is_taken: ContextVar[bool] = ContextVar("what was recorded is read as it stands", default=False)


@contextmanager
def taken_as_it_stands() -> Iterator[None]:
    """For what was recorded before a text was refused for what it says or hides: it is read all the same."""
    token = _is_taken.set(True)
    try:
        yield
    finally:
        _is_taken.reset(token)


def is_taken_as_it_stands() -> bool:
    """Whether what is read now was recorded before."""
    return _is_taken.get()


def impersonal(text: str) -> str:
    """The text, if it holds neither. Raises ValueError without repeating what it found."""
    if not _is_taken.get() and (_MOBILE.search(text) or any(_births(text))):
        raise ValueError(_REFUSAL)
    return text


def impersonal_number(text: str) -> str:
    """As `impersonal`, for a document's number: any eleven digits may be one."""
    births = () if _is_taken.get() else _births(text)
    if any(birth is not None and birth.year < _DOCUMENTS_BEGIN for birth in births):
        raise ValueError(_REFUSAL)
    return text


def has_lone_number(text: str) -> bool:
    """Whether a mobile or identity number stands by itself: never a part of a code, a digest, a person's reference."""
    found = _LONE.findall(text)
    return any(_MOBILE.fullmatch(word) for word in found) or has_lone_identity(" ".join(found))


def names_somebody(text: str) -> bool:
    """As `has_lone_number`, of a text in which no document's number belongs: births since 2000 count too."""
    return any(_MOBILE.fullmatch(word) or _is_identity(word.upper()) for word in _LONE.findall(text))


def nameless(text: str) -> str:
    """The text, if it names nobody. Raises ValueError without repeating what it found."""
    if names_somebody(text):
        raise ValueError(_REFUSAL)
    return text


def has_lone_identity(text: str) -> bool:
    """Likewise, an identity number alone. Of births since 2000 none is told from a document's number, and none is found."""
    births = [_born(word.upper()) for word in _LONE_IDENTITY.findall(text)]
    return any(birth is not None and birth.year < _DOCUMENTS_BEGIN for birth in births)


def _births(text: str) -> Iterator[date | None]:
    for found in _IDENTITY.findall(text):
        yield _born(_NOT_OF_A_NUMBER.sub("", normalize("NFKC", found)).upper())


def _is_identity(word: str) -> bool:
    return len(word) == IDENTITY_DIGITS and _born(word) is not None


def _born(number: str) -> date | None:
    """The day of birth in an identity number; None where the number is none."""
    if identity_check(number[:17]) != number[17]:
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
