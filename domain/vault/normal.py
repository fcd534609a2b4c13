"""One form for what people write in many: before a number or a name is looked up or put into the index.

Each function answers its own answer unchanged.
"""

import re
from typing import Final
from unicodedata import normalize

from domain.numbers import widened

_SPACING: Final = re.compile(r"[\s\-‐-―−]+")
_FIRST_GENERATION: Final = re.compile(r"[0-9]{15}")
_MIDDLE_DOTS: Final = re.compile("[•‧∙⋅・・]")
_FORMS_OF_IDEOGRAPHS: Final = re.compile("[\U000e0100-\U000e01ef]")
"""Variation selectors, which no keyboard types and not every font shows."""
IDENTITY_CARD: Final = "111"
"""居民身份证, GA/T 517: the one document whose number has an older form."""


def normal_document(id_type: str, number: str) -> str:
    """As "111:110105194912310021": the kind, and the number without spacing, half-width, capitals; 15 digits become 18."""
    bare = _SPACING.sub("", normalize("NFKC", number)).upper()
    if id_type == IDENTITY_CARD and _FIRST_GENERATION.fullmatch(bare):
        bare = widened(bare)
    return f"{id_type}:{bare}"


def normal_phone(phone: str) -> str:
    """As "+8613800005678", E.164; a local number that names no area stays as its digits."""
    written = normalize("NFKC", phone)
    digits = "".join(char for char in written if char in "0123456789")
    if written.lstrip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if digits.startswith("0"):
        return f"+86{digits[1:]}"
    if re.fullmatch(r"1[0-9]{10}", digits):
        return f"+86{digits}"
    if re.fullmatch(r"861[0-9]{10}", digits):
        return f"+{digits}"
    return digits


def normal_name(name: str) -> str:
    """Compatibility forms unified, one form of each ideograph, one space between words, one kind of middle dot;
    capitals are kept."""
    unified = normalize("NFKC", _FORMS_OF_IDEOGRAPHS.sub("", name))
    return " ".join(_MIDDLE_DOTS.sub("\u00b7", unified).split())
