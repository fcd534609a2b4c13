"""A case's events one after the other: as recorded or as they should be read, in the order of the record or of what
happened. Straight out of the log; there is no table of it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.store.statements import statements_of
from projections.finding import find
from projections.reading import Reading

STATEMENTS: Final = statements_of("projections", "timeline.sql")


@dataclass(frozen=True, slots=True)
class Moment:
    """One event. `lag_days`: working days between happening and recording; None beyond the calendar."""

    position: int
    version: int
    topic: str
    occurred_at: datetime
    recorded_at: datetime
    lag_days: int | None
    fate: str
    """as recorded, corrected, voided, amendment."""
    amended_by: list[int]
    """The versions of the corrections and the void that are about it."""
    envelope: dict[str, Any]
    fact: dict[str, Any]


async def timeline(
    found: Reading, stream: str, *, is_effective: bool = False, is_by_occurred: bool = False
) -> list[Moment]:
    """Reads the calendar. `is_effective`: corrections applied, voided events and amendments left out.

    `is_by_occurred`: in the order of what happened, not of the record.
    """
    parameters = {
        "stream": stream,
        "upto": found.upto,
        "known_at": found.asked.known_at,
        "happened_by": found.asked.happened_by,
        "is_effective": is_effective,
        "is_by_occurred": is_by_occurred,
    }
    return await find(found.connection, Moment, STATEMENTS["timeline"], parameters)
