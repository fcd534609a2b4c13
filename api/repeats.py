"""Repeats are answered from the log: what was recorded under a key, read again. What stands side by side is read together."""

from asyncio import gather
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from api.door import Door
from api.receipts import signatures
from domain.log import LogBusy, OutcomeUnknown, Receipt, Recorded
from domain.proof.signing import Signed

MOST_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of the log, read for those who have asked again for something in it."""

    events: dict[int, Recorded]
    signed: dict[int, Signed]

    def told(self, receipt: Receipt) -> tuple[Sequence[Recorded], tuple[Signed, ...]]:
        """The events of a receipt in it, and their signatures; none where one has none."""
        positions = _positions(receipt)
        signed = [self.signed[at] for at in positions if at in self.signed]
        return [self.events[at] for at in positions], tuple(signed) if len(signed) == len(positions) else ()


Read = Stretch | OutcomeUnknown


async def read_again(door: Door, receipts: Sequence[Receipt]) -> list[Read | None]:
    """For each receipt the stretch in which its events stand, or why nobody knows it; None where it has no events."""
    told = sorted({(each[0], each[-1]) for each in map(_positions, receipts) if each})
    stretches = list(_stretches(told))
    read = await gather(*(_read(door, first, last) for first, last in stretches))
    read_by_position = {
        at: each for (first, last), each in zip(stretches, read, strict=True) for at in range(first, last + 1)
    }
    return [read_by_position[each.first_position] if each.first_position else None for each in receipts]


def _positions(receipt: Receipt) -> range:
    if receipt.first_position is None or receipt.last_position is None:
        return range(0)
    return range(receipt.first_position, receipt.last_position + 1)


def _stretches(told: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """First and last position of what is read at once; `told` in order, none within another. What others recorded in between
    is left alone: this version may not understand it.
    """
    begin = end = 0
    for first, last in told:
        if end and (first > end + 1 or last >= begin + MOST_AT_ONCE):
            yield begin, end
            end = 0
        begin, end = (begin if end else first), last
    if end:
        yield begin, end


async def _read(door: Door, first: int, last: int) -> Read:
    try:
        events = await door.reader.page(first - 1, last - first + 1)
        signed = await signatures(door, first, last)
    except LogBusy as busy:
        unknown = OutcomeUnknown()  # LogBusy would say that nothing was recorded
        unknown.__cause__ = busy
        return unknown
    return Stretch({event.position: event for event in events}, signed)
