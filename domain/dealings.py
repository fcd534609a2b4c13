"""Who has to do with a person, and what needs the person's data: told by the log, for whoever shows or erases them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class StandingHold(Protocol):
    @property
    def investigation_no(self) -> str: ...


class Holds(Protocol):
    """证据保全: which investigations hold a person's data, or a case that the person has a part in."""

    async def over_person(self, person_ref: str, /) -> Sequence[StandingHold]:
        """As the log says now."""
        ...


class NoHolds:
    """Of a county in which nothing is investigated."""

    async def over_person(self, _person_ref: str, /) -> Sequence[StandingHold]:
        return ()


class Dealing(NamedTuple):
    """A record that names a person, or tells who the person is."""

    person_ref: str
    stream: str
    unit_code: str | None
    """Whose post wrote it; None: a programme."""


class OpenCases(NamedTuple):
    """The cases in which a person has a part, without those that ended and were not touched again."""

    under_way: int
    """So many have no ending, and nothing in them was amended."""
    in_doubt: Sequence[str]
    """The numbers of those that were amended, reopened or lost in part: their own history says how they stand."""


class Dealings(Protocol):
    """Who has to do with a person."""

    async def of(self, person_refs: Sequence[str], /) -> Sequence[Dealing]:
        """As the log says now."""
        ...

    async def open_cases(self, person_ref: str, /) -> OpenCases:
        """Likewise, however many there are."""
        ...

    async def last_position(self) -> int:
        """How far the log reaches that the answers after this one are told from."""
        ...
