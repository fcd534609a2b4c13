"""Names of people 姓名: written in characters that can be seen, so that nobody is there twice under one look."""

import re
from typing import Annotated, Final
from unicodedata import name as character_name

from pydantic import AfterValidator

from domain.grammar import INVISIBLE, Line
from domain.personal_data import is_taken_as_it_stands

_UNSEEN: Final = re.compile(f"[{INVISIBLE}]")
IDEOGRAPHIC_SELECTORS: Final = ("\U000e0100", "\U000e01ef")
IDEOGRAPHS: Final = ("CJK UNIFIED IDEOGRAPH-", "CJK COMPATIBILITY IDEOGRAPH-")


def visible(name: str) -> str:
    """Raises ValueError at the first character that nobody can see.

    One ideographic variation selector right behind an ideograph is kept: it has a look, the form of that ideograph
    which a register (as that of Macao) writes the name with, and a name of a document is taken as the document has it.
    A search finds it with and without (`normal_name`).  Source: Unicode Technical Standard 37.
    """
    if is_taken_as_it_stands():
        return name
    for found in _UNSEEN.finditer(name):
        if not _is_form_of_an_ideograph(name, found.start()):
            raise ValueError(f"must not contain the character U+{ord(found[0]):04X}")
    return name


def _is_form_of_an_ideograph(name: str, place: int) -> bool:
    first, last = IDEOGRAPHIC_SELECTORS
    is_selector = first <= name[place] <= last
    return is_selector and place > 0 and character_name(name[place - 1], "").startswith(IDEOGRAPHS)


Name = Annotated[Line, AfterValidator(visible)]
"""姓名, 名称: a line that is seen whole."""
