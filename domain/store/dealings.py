"""Who has dealings with a person, as the log says: the records that name the person, and the units that wrote them."""

from collections.abc import Sequence
from typing import Final

from domain.amendment import FACTS
from domain.case import ENDINGS
from domain.case.ending.events import CaseReopened
from domain.dealings import Dealing, OpenCases
from domain.store.connecting import Readers
from domain.subject import SUBJECT

AT_MOST: Final = 5000
"""Records of all persons asked for at once."""
ENDED: Final = [fact.TOPIC for fact in ENDINGS]
IN_DOUBT: Final = [fact.TOPIC for fact in (CaseReopened, *FACTS)]


class DealingsInLog:
    """Of one county. Raises LogBusy where the database cannot be reached."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def of(self, person_refs: Sequence[str]) -> Sequence[Dealing]:
        """What names these persons, and who enrolled or corrected them; by index, whatever else the log holds."""
        asked = {
            "person_refs": list(person_refs),
            "streams": [SUBJECT.stream(person_ref) for person_ref in person_refs],
            "at_most": AT_MOST,
        }
        return [Dealing(*row) for row in await self._readers.fetch("dealings", asked)]

    async def open_cases(self, person_ref: str) -> OpenCases:
        asked = {"person_refs": [person_ref], "ended": ENDED, "in_doubt": IN_DOUBT}
        ((under_way, in_doubt),) = await self._readers.fetch("open_cases", asked)
        return OpenCases(under_way, in_doubt)

    async def last_position(self) -> int:
        ((position,),) = await self._readers.fetch("last_position", {})
        return int(position)
