"""What values are made of: text, times, numbers, and the one way in which they are written down."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Final
from unicodedata import category, is_normalized

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

from domain.grammar.invisible import is_blank
from domain.personal_data import candidate, impersonal, impersonal_number, is_taken_as_it_stands

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The only time zone of the record: China has had one, without daylight saving, since 1991."""

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=CHINA)
LATEST: Final = datetime(2100, 1, 1, tzinfo=CHINA)

RFC3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that no text may hold: controls, bidirectional and zero-width marks, lone surrogates,
private use, unassigned, line and paragraph separators."""


def _clean(text: str, *, also: str = "") -> str:
    if not text.isprintable():  # what is printable is neither Other nor a separator but the space
        for char in text:
            if category(char) in FORBIDDEN_CATEGORIES and char not in also:
                raise ValueError(f"must not contain the character U+{ord(char):04X}")
    if not is_normalized("NFC", text):
        raise ValueError("must be in Unicode normalisation form C (NFC)")
    if is_blank(text) and not is_taken_as_it_stands():
        raise ValueError("must say something: there are only spaces, or characters that cannot be seen")
    return text


def _clean_line(text: str) -> str:
    _clean(text)
    return text if candidate(text) is None else impersonal(text)


def _clean_lines(text: str) -> str:
    _clean(text, also="\n")
    return text if candidate(text) is None else impersonal(text)


def _clean_number(text: str) -> str:
    _clean(text)
    return text if candidate(text) is None else impersonal_number(text)


NO_TIME: Final = "must be a time of RFC 3339 with its offset"
NO_DAY: Final = "must be a day as YYYY-MM-DD"


def _rfc3339(value: object) -> object:
    """Only what RFC 3339 calls a time: pydantic would also take "1700000000" for a moment, in UTC at that."""
    if not isinstance(value, str):
        return value
    if RFC3339.fullmatch(value) is None:
        raise ValueError(NO_TIME)
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:  # there is no such day or hour
        raise ValueError(NO_TIME) from None


def _iso_day(value: object) -> object:
    if not isinstance(value, str):
        return value
    if ISO_DAY.fullmatch(value) is None:
        raise ValueError(NO_DAY)
    try:
        return date.fromisoformat(value)
    except ValueError:  # the month has no such day
        raise ValueError(NO_DAY) from None


def _within_record(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError("must lie between 2000-01-01 and 2099-12-31")
    return moment.astimezone(UTC)


def _within_record_day(day: date) -> date:
    if not EARLIEST.date() <= day < LATEST.date():
        raise ValueError("must lie between 2000-01-01 and 2099-12-31")
    return day


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean)]
"""One line that may be personal data, for the people beside the log. NFC, no control characters, 1 to 200 characters,
not all of them blank."""
Label = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean_line)]
"""One line of text: a title, a step, a place. As Line, without mobile and identity numbers."""
DocumentNo = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean_number)]
"""The number of a document, a receipt, a seal, a record elsewhere. As Line, without identity numbers; eleven digits
may well be such a number and are no telephone."""
Prose = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_clean_lines)]
"""Text of several lines: an opinion, a reason. As Label, with line feeds, 1 to 4000 characters."""
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z][0-9A-Za-z._/-]*$")]
"""A code someone assigned: letters, digits and . _ / - , 1 to 64 characters."""
Instant = Annotated[AwareDatetime, BeforeValidator(_rfc3339), AfterValidator(_within_record)]
"""A moment with an offset, 2000–2099, kept in UTC to the microsecond."""
Day = Annotated[date, BeforeValidator(_iso_day), AfterValidator(_within_record_day)]
"""A calendar day in China, 2000–2099."""
Fen = Annotated[int, Field(ge=0, le=10**13)]
"""Money in 分 (1/100 yuan): an integer, never a float."""
Count = Annotated[int, Field(ge=0, le=100_000)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in lower-case hexadecimal."""


class Value(BaseModel):
    """Something compared by what it holds: frozen, strict, and without room for fields nobody declared.

    What it was given may name somebody: no error shows it.
    """

    model_config = ConfigDict(
        hide_input_in_errors=True, frozen=True, extra="forbid", strict=True, ser_json_inf_nan="constants"
    )


def canonical(document: object) -> bytes:
    """UTF-8 JSON with sorted keys, no spaces, UTC times with Z: the same document gives the same bytes for ever.

    Raises TypeError where a key is not text or an integer lies beyond ±2^53.
    Source: RFC 8785 for the subset without floats, which facts never hold.
    """
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_STRICT_INTEGER)


def local_day(moment: datetime) -> date:
    """The day in China on which `moment` falls: 23:59 belongs to that day, whatever UTC says."""
    return moment.astimezone(CHINA).date()
