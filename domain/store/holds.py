"""Legal holds 证据保全, from the log itself: what must not be erased while one stands."""

from typing import NamedTuple

from domain.store.connecting import Readers


class StandingHold(NamedTuple):
    """A hold that was placed and not released."""

    investigation_no: str
    hold_no: str


class LegalHolds:
    """The holds of one county. Reads raise LogBusy where the database cannot be reached."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def over_person(self, person_ref: str) -> tuple[StandingHold, ...]:
        """Placed over the person, or over a case that the person has a part in."""
        return await self._standing("holds_over_person", {"person_ref": person_ref})

    async def over_case(self, case_no: str) -> tuple[StandingHold, ...]:
        return await self._standing("holds_over_case", {"case_no": case_no})

    async def _standing(self, statement: str, about: dict[str, object]) -> tuple[StandingHold, ...]:
        return tuple(StandingHold(*row) for row in await self._readers.fetch(statement, about))
