"""Personal data that a text must not hold: mobile numbers and citizens' identity numbers.

A guard against slips of the hand, not a proof: a name, an address or a number spelled out is not recognised.
Source: 个人信息保护法 Arts. 6, 28; GB 11643—1999.
"""

import re
from datetime import date
from typing import Final

from domain.numbers import identity_check

candidate: Final = re.compile(r"[12][0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}").search
"""A mobile number, or an identity number from its year of birth on. Where it finds nothing there is neither, and most
texts cost this one search."""
_MOBILE: Final = re.compile(
    r"(?:(?<![0-9])|(?<=\+86)|(?<=0086))1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])"
)
_IDENTITY: Final = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_DOCUMENTS_BEGIN: Final = 2000
"""Numbers of documents are often six digits of place, eight of day and four more: only an earlier day is a birth."""
_REFUSAL: Final = "must not hold a mobile or identity number: personal data belongs to POST /v1/persons; write the reference"


def impersonal(text: str) -> str:
    """The text, if it holds neither. Raises ValueError without repeating what it found."""
    if _MOBILE.search(text) or any(map(_born, _IDENTITY.findall(text))):
        raise ValueError(_REFUSAL)
    return text


def impersonal_number(text: str) -> str:
    """As `impersonal`, for a document's number: any eleven digits may be one."""
    births = map(_born, _IDENTITY.findall(text))
    if any(birth is not None and birth.year < _DOCUMENTS_BEGIN for birth in births):
        raise ValueError(_REFUSAL)
    return text


def _born(number: str) -> date | None:
    """The day of birth in an identity number; None where the number is none."""
    if identity_check(number[:17]) != number[17].upper():
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
