"""What is given behind an option and is neither text, a number nor a path: read in one place, by the name of what it is.

Each raises ValueError with what was given and what would be taken; `ops.usage` has the Chinese beside it.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from domain import grammar

MOST_SECONDS: Final = 86_400
"""That somebody waits for a command."""
LAST_PORT: Final = 65_535

Read = TypeVar("Read")
_DAY: Final = TypeAdapter[date](grammar.Day)
_MOMENT: Final = TypeAdapter[datetime](grammar.Instant)


def day(text: str) -> date:
    return _understood(_DAY.validate_python, text, "a day of 2000 to 2099 as YYYY-MM-DD")


def moment(text: str) -> datetime:
    return _understood(
        _MOMENT.validate_python, text, "a time of 2000 to 2099 as RFC 3339 has it, 2026-11-20T09:30:00+08:00"
    )


def login(text: str) -> str:
    return _understood(_named, text, "the name of a login")


def server(text: str) -> str:
    return _understood(_address, text, "an address as http://127.0.0.1:8000")


def _understood(read: Callable[[str], Read], text: str, wanted: str) -> Read:
    try:
        return read(text)
    except (ValidationError, ValueError, httpx.InvalidURL):
        raise ValueError(f"{text!r} is not {wanted}.") from None


def _named(text: str) -> str:
    if not text:
        raise ValueError
    return text


def _address(text: str) -> str:
    url = httpx.URL(text)
    if url.scheme not in {"http", "https"} or not url.host or not 0 <= (url.port or 0) <= LAST_PORT:
        raise ValueError
    return text
