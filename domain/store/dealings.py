"""Who has dealings with a person, as the log says: the records that name the person, and the units that wrote them."""

from collections.abc import Mapping, Sequence
from typing import Final

from domain.amendment import FACTS
from domain.case import ENDINGS
from domain.case.ending.events import CaseReopened
from domain.case.involved import UNITS
from domain.dealings import OpenCases, Place
from domain.grammar import canonical
from domain.store.connecting import Readers

ENDED: Final = [fact.TOPIC for fact in ENDINGS]
IN_DOUBT: Final = [fact.TOPIC for fact in (CaseReopened, *FACTS)]


class DealingsInLog:
    """Of one county. Raises LogBusy where the database cannot be reached."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def known(self, person_refs: Sequence[str], place: Place) -> Mapping[str, bool]:
        """What names them is found by index, whatever else the log holds."""
        asked = {
            "person_refs": list(person_refs),
            "division": place.division,
            "unit_codes": list(place.unit_codes),
        }
        return dict(await self._readers.fetch("dealings", asked))

    async def cases_in_hand_of(self, person_ref: str, unit_code: str) -> Sequence[str]:
        words = [canonical(name) + b":" + canonical(unit_code) for name in UNITS]
        asked = {"person_ref": person_ref, "words": words}
        return [case_no for (case_no,) in await self._readers.fetch("cases_in_hand_of", asked)]

    async def open_cases(self, person_ref: str) -> OpenCases:
        asked = {"person_ref": person_ref, "ended": ENDED, "in_doubt": IN_DOUBT}
        ((under_way, in_doubt),) = await self._readers.fetch("open_cases", asked)
        return OpenCases(under_way, in_doubt)

    async def last_position(self) -> int:
        ((position,),) = await self._readers.fetch("last_position", {})
        return int(position)
