"""Characters without a look of their own that Unicode yet counts among letters, marks and symbols."""

import re
from typing import Final

INVISIBLE: Final = (
    "\u034f"  # combining grapheme joiner
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u17b4\u17b5"  # Khmer inherent vowels
    "\u180b-\u180d\u180f"  # Mongolian variation selectors
    "\ufe00-\ufe0f"  # variation selectors
    "\U000e0100-\U000e01ef"  # variation selectors of ideographs
    "\u2800\U0001d159"  # blank braille pattern, musical null notehead: without ink, though no ignorable characters
)
"""The content of a class of a regular expression. Format characters and unassigned ones, which every text refuses,
are not among them.  Source: Unicode 16.0, DerivedCoreProperties.txt, Default_Ignorable_Code_Point."""

is_blank: Final = re.compile(rf"[\s{INVISIBLE}]*").fullmatch
"""A match where nothing can be seen of a text. It ends at the first character that can."""
