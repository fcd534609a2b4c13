"""What is shown of a value unless it is revealed 脱敏: enough to recognise it by, not enough to learn it."""

from typing import Final, NamedTuple

from domain.vault.fields import Part

HIDDEN: Final = "***"
"""Stands for a value of which this reader sees nothing, not even how long it is."""


class Window(NamedTuple):
    """How many characters show at the ends, and how many must stay hidden for the ends to show."""

    first: int
    last: int
    hidden: int


WINDOWS: Final = {
    Part.name: Window(1, 0, 1),
    Part.id_number: Window(4, 4, 8),
    Part.phone: Window(3, 4, 4),
}
"""李** · 3702**********1234 · 138****5678. What is not here shows nothing; the kind of a document is no secret."""


def masked(part: Part, value: str) -> str:
    """Stars for what is hidden, one for one. Where the ends would tell too much, the first character shows alone or
    nothing does; an address shows nothing."""
    if part is Part.id_type:
        return value
    window = WINDOWS.get(part)
    if window is None:
        return HIDDEN
    for first, last in ((window.first, window.last), (1, 0), (0, 0)):
        if len(value) - first - last >= window.hidden or not first:
            return value[:first] + "*" * (len(value) - first - last) + value[len(value) - last :]
    raise AssertionError("unreachable")  # pragma: no cover
