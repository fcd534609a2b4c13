"""The serials of case numbers: for each division and day 1, 2, 3 …, leaving out the blocks of offline points.

A serial is given out once by a process. Two processes may give out the same one: the log refuses the second case of
that number, and the next serial is asked for again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from domain.catalogue import Catalogue
from domain.numbers import CaseNumber, block_serials
from domain.point import POINT
from domain.store.bell import Bell
from domain.store.connecting import Readers

DAYS_REMEMBERED: Final = 1024
BEHIND_ANOTHER_LOG: Final = 50_001
"""The first serial given out for a day on which another log gave out numbers: no division had so many in a day."""
STREAM: Final = "case:"
"""What the streams of cases begin with; the case number follows."""


class SerialsExhausted(Exception):  # noqa: N818  — the domain's word
    """All serials of the division and day are given out."""


@dataclass(slots=True)
class _Counter:
    """The highest serial known to be taken in each free range, by the range's first serial."""

    taken: dict[int, int] = field(default_factory=dict)
    read: set[int] = field(default_factory=set)
    """The ranges that were read from the log since others last wrote to it."""
    strangers: int = 0
    """What the bell had counted then."""
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


class Serials:
    """Where the next case number comes from."""

    def __init__(self, readers: Readers, catalogue: Catalogue, bell: Bell) -> None:
        self._readers = readers
        self._catalogue = catalogue
        self._bell = bell
        self._counters: OrderedDict[tuple[str, date], _Counter] = OrderedDict()
        self.first_day: date | None = None
        """That is wholly this log's, where it stands beside one that ended: numbers of earlier days may be taken there."""

    async def next(self, division: str, day: date) -> int:
        """A serial that neither this process gave out before nor the log holds, for the division and day.

        Raises SerialsExhausted; LogBusy where the database cannot be reached.
        """
        counter = self._counter(division, day)
        async with counter.reading:
            if counter.strangers != self._bell.strangers:
                counter.read.clear()
                counter.strangers = self._bell.strangers
            for free in self._free(division, day):
                if free.start not in counter.read:
                    highest = await self._highest(division, day, free)
                    counter.taken[free.start] = max(highest, counter.taken.get(free.start, 0))
                    counter.read.add(free.start)
                if counter.taken[free.start] + 1 < free.stop:
                    counter.taken[free.start] += 1
                    return counter.taken[free.start]
        raise SerialsExhausted(f"{division} on {day}")

    def _counter(self, division: str, day: date) -> _Counter:
        counter = self._counters.setdefault((division, day), _Counter())
        self._counters.move_to_end((division, day))
        if len(self._counters) > DAYS_REMEMBERED:
            self._counters.popitem(last=False)
        return counter

    def _free(self, division: str, day: date) -> Iterator[range]:
        """The serials between the blocks of the division's offline points, as ascending ranges."""
        begins = BEHIND_ANOTHER_LOG if self.first_day and day < self.first_day else 1
        for block in sorted(self._blocks(division), key=lambda block: block.start):
            if begins < block.start:
                yield range(begins, block.start)
            begins = max(begins, block.stop)
        if begins < CaseNumber.SERIALS:
            yield range(begins, CaseNumber.SERIALS)

    def _blocks(self, division: str) -> Iterator[range]:
        for point in self._catalogue.entries(POINT).values():
            if point.division_code == division and point.serial_block is not None:
                yield block_serials(point.serial_block)

    async def _highest(self, division: str, day: date, free: range) -> int:
        """The highest serial of the range in the log; the one below the range where there is none."""
        prefix = f"{STREAM}{division}{day:%Y%m%d}"
        rows = await self._readers.fetch(
            "highest_name",
            {"lowest": f"{prefix}{free.start:05d}", "beyond": f"{prefix}{free.stop - 1:05d}~"},
        )
        name: str | None = rows[0][0]
        return free.start - 1 if name is None else int(name[len(prefix) : len(prefix) + 5])
