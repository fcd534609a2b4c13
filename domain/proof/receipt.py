"""回执码 receipt codes: what stands on a slip of paper and says later whether an event still stands as it was recorded.

    16209-7ZK2-MQ0R-8T1W-XYZ5-H      position, 80 bits of the leaf's hash in Crockford's base 32, one check character

Whoever holds the code knows one event's place and can find it again; nobody can guess the code of another.
"""

import re
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final, Self

from domain.proof.leaf import Leaf
from domain.proof.tree import leaf_hash

TOLD_BYTES: Final = 10
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without I, L, O and U, which are read as other characters."""
CHECKS: Final = 37
CHECK_ALPHABET: Final = ALPHABET + "*~$=U"
_FORM: Final = re.compile(r"([1-9IL][0-9ILO]{0,15})-([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})-([0-9A-Z*~$=])")
_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]
"""Ten bits in two digits."""
_MISREAD: Final = str.maketrans("ILO", "110")


class CodeMistyped(ValueError):  # noqa: N818  — the domain's word
    """This is no receipt code: a character is missing, or one was read wrongly."""


@dataclass(frozen=True, slots=True)
class ReceiptCode:
    """The place of an event and the beginning of its leaf's hash."""

    position: int
    told: bytes

    @classmethod
    def of(cls, leaf: Leaf) -> Self:
        return cls.at(leaf.position, leaf.to_bytes())

    @classmethod
    def at(cls, position: int, leaf: bytes) -> Self:
        """Of the leaf whose bytes these are."""
        return cls(position, leaf_hash(leaf)[:TOLD_BYTES])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Case, and the letters that look like digits, do not matter. Raises CodeMistyped."""
        match = _FORM.fullmatch(text.upper().strip())
        if match is None:
            raise CodeMistyped("the form is wrong")
        digits = match[2].replace("-", "").translate(_MISREAD)
        if not set(digits) <= set(ALPHABET):
            raise CodeMistyped("a character is none of the code's")
        code = cls(int(match[1].translate(_MISREAD)), _number(digits).to_bytes(TOLD_BYTES))
        if code._check() != match[3]:
            raise CodeMistyped("the check character differs")
        return code

    def means(self, leaf: Leaf) -> bool:
        """Whether this is the code of that leaf."""
        own = type(self).of(leaf)
        return self.position == own.position and compare_digest(self.told, own.told)

    def __str__(self) -> str:
        number = int.from_bytes(self.told)
        groups = "-".join(
            _PAIRS[number >> shift + 10 & 1023] + _PAIRS[number >> shift & 1023] for shift in (60, 40, 20, 0)
        )
        return f"{self.position}-{groups}-{self._check()}"

    def _check(self) -> str:
        """Any single wrong digit, in the position or behind it, changes it."""
        return CHECK_ALPHABET[(self.position * 5 + int.from_bytes(self.told)) % CHECKS]


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 32 + ALPHABET.index(digit)
    return number
