"""Identifiers that carry their own check: case numbers, division codes, identity numbers, credit codes."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import mul
from typing import Annotated, Final

from pydantic import AfterValidator, Field

# ── check characters ────────────────────────────────────────────────────────────────────────────────────────

CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100: digits and capitals without I, O, S, V, Z; 31 characters, and 31 is a prime."""
_CREDIT_VALUES: Final = {char: n for n, char in enumerate(CREDIT_ALPHABET)}
_CREDIT_WEIGHTS: Final = tuple(pow(3, n, 31) for n in range(17))
_IDENTITY_WEIGHTS: Final = tuple(pow(2, 17 - n, 11) for n in range(17))
_IDENTITY_CHECKS: Final = "10X98765432"
_CASE_WEIGHTS: Final = tuple(pow(3, n + 1, 31) for n in range(25))


def case_check(body: str) -> str:
    """The check character of a case number's 25 digits: the character c with Σ dᵢ·3^i + c ≡ 0 (mod 31).

    31 is a prime, so every wrong digit is found; neighbouring weights differ by 2·3^i, so every swap of unequal
    neighbours is too. The alphabet is that of GB 32100, without letters that look like digits.
    """
    total = sum(map(mul, map(int, body), _CASE_WEIGHTS))
    return CREDIT_ALPHABET[-total % 31]


def credit_check(body: str) -> str:
    """The 18th character of a unified social credit code. Source: GB 32100—2015, 5.2 (MOD 31, weights 3^(i−1))."""
    total = sum(_CREDIT_VALUES[char] * weight for char, weight in zip(body, _CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[-total % 31]


def identity_check(body: str) -> str:
    """The 18th character of a citizen's identity number. Source: GB 11643—1999, ISO 7064 MOD 11-2."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _IDENTITY_WEIGHTS, strict=True))
    return _IDENTITY_CHECKS[total % 11]


# ── division codes 行政区划 ────────────────────────────────────────────────────────────────────────────────────

_TOWNSHIPS: Final = range(1, 600)
_VILLAGES: Final = (range(1, 200), range(200, 400))


def _division(code: str) -> str:
    county, township, village = code[:6], code[6:9], code[9:]
    if county[:2] == "00":
        raise ValueError("must begin with the province (GB/T 2260): two digits other than 00")
    if township == "000" and village != "000":
        raise ValueError("must name a township (digits 7 to 9) where it names a village (digits 10 to 12)")
    if township != "000" and (county[2:4] == "00" or county[4:] == "00"):
        raise ValueError("must name the county (digits 3 to 6) where it names a township")
    if township != "000" and int(township) not in _TOWNSHIPS:
        raise ValueError("must hold 001 to 599 in digits 7 to 9: 街道, 镇, 乡 or 政企合一 (GB/T 10114)")
    if village != "000" and not any(int(village) in kind for kind in _VILLAGES):
        raise ValueError("must hold 001 to 399 in digits 10 to 12: 居委会 or 村委会")
    return code


_PAIR: Final = "([1-9][0-9]|0[1-9])"
_DIVISIONS: Final = (
    f"^{_PAIR}([0-9]{{4}}000000|{_PAIR}{{2}}(00[1-9]|0[1-9][0-9]|[1-5][0-9]{{2}})[0-3][0-9]{{2}})$"
)
"""What `_division` takes, for those who read the schema."""

DivisionCode = Annotated[
    str,
    Field(pattern=r"^[0-9]{12}$", json_schema_extra={"pattern": _DIVISIONS}),
    AfterValidator(_division),
]
"""行政区划: 6 digits of GB/T 2260, 3 of GB/T 10114 (township, 000 above it), 3 for the village (000 above it)."""


def county_of(division: str) -> str:
    """The first six digits: province, prefecture and county."""
    return division[:6]


def is_village(division: str) -> bool:
    return division[9:] != "000"


def lies_within(division: str, outer: str) -> bool:
    """Whether the division is the outer one or a part of it."""
    return division.startswith(_significant(outer))


def _significant(division: str) -> str:
    """The digits down to the smallest level that is named: 610929100000 → 610929100."""
    for begin, end in ((9, 12), (6, 9), (4, 6), (2, 4)):
        if division[begin:end].strip("0"):
            return division[:end]
    return division[:2]


# ── credit codes and identity numbers ───────────────────────────────────────────────────────────────────────


def _credit(code: str) -> str:
    if credit_check(code[:17]) != code[17]:
        raise ValueError("must end in the check character of GB 32100")
    return code


CreditCode = Annotated[str, Field(pattern=rf"^[{CREDIT_ALPHABET}]{{18}}$"), AfterValidator(_credit)]
"""统一社会信用代码, 18 characters. Source: GB 32100—2015."""


def _identity(number: str) -> str:
    if identity_check(number[:17]) != number[17]:
        raise ValueError("must end in the check character of GB 11643")
    _born(number)
    return number


def _born(number: str) -> date:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise ValueError("must hold a date of birth in digits 7 to 14") from error


IdentityNumber = Annotated[str, Field(pattern=r"^[1-9][0-9]{16}[0-9X]$"), AfterValidator(_identity)]
"""公民身份号码, 18 characters. Personal data: never in an event. Source: GB 11643—1999."""


def widened(old: str) -> str:
    """The 18 characters of a first-generation identity number of 15 digits: the century 19, and the check."""
    body = f"{old[:6]}19{old[6:]}"
    return body + identity_check(body)


# ── case numbers 办件编号 ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """办件编号: division 12, day 8, serial 5 digits, one check character; 26 characters that sort by place and day.

    An offline point gives out serials of its own block: those that begin with the block's digits.
    """

    division: str
    day: date
    serial: int

    LENGTH = 26
    SERIALS = 100_000

    def __post_init__(self) -> None:
        if not 0 < self.serial < self.SERIALS:
            raise ValueError("must hold a serial from 00001 to 99999")

    def __str__(self) -> str:
        body = f"{self.division}{self.day:%Y%m%d}{self.serial:05d}"
        return body + case_check(body)

    @classmethod
    @lru_cache(maxsize=8192)
    def parse(cls, text: str) -> "CaseNumber":
        """Raises ValueError saying what is wrong: length, check character, division, day or serial."""
        if len(text) != cls.LENGTH or not (text[:25].isascii() and text[:25].isdigit()):
            raise ValueError("must be 25 digits and a check character: division 12, day 8, serial 5")
        if case_check(text[:25]) != text[25]:
            raise ValueError("must end in its check character: a digit is wrong or two are swapped")
        return cls(_division(text[:12]), _numbered_on(text[12:20]), int(text[20:25]))


def _numbered_on(digits: str) -> date:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise ValueError("must hold a day as yyyymmdd in digits 13 to 20") from error


def _case_number(text: str) -> str:
    CaseNumber.parse(text)
    return text


CaseNo = Annotated[str, Field(min_length=26, max_length=26), AfterValidator(_case_number)]
"""办件编号 in its written form, checked."""

SerialBlock = Annotated[str, Field(pattern=r"^[0-9]{1,4}$")]
"""The leading digits of the serials that an offline point may give out: "07" stands for 07000 to 07999."""


def block_serials(block: str) -> range:
    """The serials of a block, ascending; 00000 is never one."""
    rest = 5 - len(block)
    first = int(block) * 10**rest
    return range(max(1, first), first + 10**rest)


def blocks_overlap(one: str, other: str) -> bool:
    """Whether some serial belongs to both."""
    return one.startswith(other) or other.startswith(one)
