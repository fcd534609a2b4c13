"""Who has to do with a person, and what needs the person's data: told by the log, for whoever shows or erases them."""

from collections.abc import Mapping, Sequence
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


class Place(NamedTuple):
    """A part of the county, which has to do with whom its cases name or its units wrote of."""

    division: str | None
    """What the numbers of the cases that lie there begin with; None: it is nowhere."""
    unit_codes: Sequence[str]
    """The units that lie there."""


class OpenCases(NamedTuple):
    """The cases in which a person has a part, without those that ended and were not touched again."""

    under_way: int
    """So many have no ending, and nothing in them was amended."""
    in_doubt: Sequence[str]
    """The numbers of those that were amended, reopened or lost in part: their own history says how they stand."""


class Dealings(Protocol):
    """Who has to do with a person, as the log says now, in however many records."""

    async def known(self, person_refs: Sequence[str], place: Place, /) -> Mapping[str, bool]:
        """Those of the persons whom some record names, or tells of; and whether one does that is of the place."""
        ...

    async def cases_in_hand_of(self, person_ref: str, unit_code: str, /) -> Sequence[str]:
        """The numbers of all of the person's cases in which the unit had a hand, and hardly any more; the highest first."""
        ...

    async def open_cases(self, person_ref: str, /) -> OpenCases: ...

    async def last_position(self) -> int:
        """How far the log reaches that the answers after this one are told from."""
        ...
