"""Which person references were given out, as the log says; those in use are remembered."""

from collections import OrderedDict
from collections.abc import Collection
from typing import Final

from domain.store.connecting import Readers
from domain.subject import SUBJECT
from domain.subject.rejections import PersonErased, PersonNotEnrolled

REMEMBERED: Final = 100_000
"""About 15 MB. One that is not remembered costs a question to the database."""


class References:
    """The references of one county.

    One that is remembered may have been erased meanwhile: then the log itself refuses what names it (erased.sql).
    """

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._known: OrderedDict[str, None] = OrderedDict()

    async def expect_known(self, person_refs: Collection[str]) -> None:
        """Raises PersonNotEnrolled, PersonErased."""
        unsure = [each for each in person_refs if each not in self._known]
        if not unsure:
            return
        standing = await self._standing(unsure)
        for person_ref in unsure:
            is_erased = standing.get(SUBJECT.stream(person_ref))
            if is_erased is None:
                raise PersonNotEnrolled
            if is_erased:
                raise PersonErased
            self._remember(person_ref)

    async def knows_any(self, person_refs: Collection[str]) -> bool:
        """Whether the log tells of one of them, erased or not."""
        return bool(person_refs) and bool(await self._standing(person_refs))

    async def erased(self) -> list[str]:
        """Everybody whose key was destroyed, ever."""
        return [row[0].partition(":")[2] for row in await self._readers.fetch("erasures", {})]

    async def _standing(self, person_refs: Collection[str]) -> dict[str, bool]:
        """Whether the person was erased, by stream."""
        streams = [SUBJECT.stream(person_ref) for person_ref in person_refs]
        rows = await self._readers.fetch("subjects_standing", {"streams": streams})
        return {row[0]: row[1] for row in rows}

    def _remember(self, person_ref: str) -> None:
        self._known[person_ref] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
