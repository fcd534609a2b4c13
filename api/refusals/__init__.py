"""Why the door refuses a request before any rule is asked, by what refuses it.

Each class is a sentence: its docstring in English, `ZH` in Chinese. `api/statuses.py` gives it its HTTP status.
"""

from typing import ClassVar

from domain.grammar import Objection


class Refusal(Objection):
    """The request cannot be taken as it stands."""

    ZH = "请求不符合要求。"
    HEADERS: ClassVar[tuple[tuple[str, str], ...]] = ()
    """HTTP fields that belong to the answer whatever the request was."""
