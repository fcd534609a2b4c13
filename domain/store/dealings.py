"""Who has dealings with a person, as the log says: the records that name the person, and the units that wrote them."""

from collections.abc import Sequence
from typing import Final

from domain.people import Dealing
from domain.store.connecting import Readers
from domain.subject import SUBJECT

AT_MOST: Final = 5000
"""Records of all persons asked for at once."""


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
